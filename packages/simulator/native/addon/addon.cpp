#include <napi.h>

#include "device.h"
#include "ptx/emitter.h"

namespace halyard::simulator {
namespace {

/// The instructions that loading a module does not refuse by their first word.
Napi::Value opcodes(const Napi::CallbackInfo& information) {
  Napi::Array result = Napi::Array::New(information.Env());
  for (const std::string_view name : known_opcodes()) result.Set(result.Length(), std::string(name));
  return result;
}

/// Whether this processor has what the addon was compiled for.
Napi::Value is_usable(const Napi::CallbackInfo& information) {
#if defined(__AVX2__)
  const bool usable = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  const bool usable = true;
#endif
  return Napi::Boolean::New(information.Env(), usable);
}

}  // namespace
}  // namespace halyard::simulator

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  exports.Set("Device", halyard::simulator::Device::define(env));
  exports.Set("opcodes", Napi::Function::New(env, halyard::simulator::opcodes));
  exports.Set("isUsable", Napi::Function::New(env, halyard::simulator::is_usable));
  exports.Set("encodeTensorMap", Napi::Function::New(env, halyard::simulator::encode_tensor_map));
  return exports;
}

NODE_API_MODULE(halyard_simulator, initialize)
