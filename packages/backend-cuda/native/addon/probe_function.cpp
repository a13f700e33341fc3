#include "probe_function.h"

#include "../probe/probe.h"

namespace halyard::cuda {
namespace {

template <typename T>
void set_number(Napi::Object& object, const char* name, T value) {
  object.Set(name, static_cast<double>(value));
}

Napi::Value to_refusal(Napi::Env env, const Failure& failure) {
  if (!failure) return env.Undefined();
  Napi::Object object = Napi::Object::New(env);
  object.Set("code", failure->code);
  object.Set("found", failure->found);
  object.Set("expected", failure->expected);
  object.Set("remedy", failure->remedy);
  return object;
}

Napi::Array to_numbers(Napi::Env env, const std::vector<int>& numbers) {
  Napi::Array array = Napi::Array::New(env, numbers.size());
  for (std::size_t i = 0; i < numbers.size(); i++) array.Set(static_cast<std::uint32_t>(i), numbers[i]);
  return array;
}

Napi::Object to_compiler(Napi::Env env, const FoundCompiler& compiler) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("path", compiler.path);
  object.Set("failure", compiler.failure);
  set_number(object, "version", compiler.nvrtc ? compiler.nvrtc->version() : 0);
  object.Set("architectures", to_numbers(env, compiler.nvrtc ? compiler.nvrtc->architectures() : std::vector<int>()));
  return object;
}

Napi::Object to_product_library(Napi::Env env, const FoundProductLibrary& library) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("path", library.path);
  object.Set("version", library.version);
  object.Set("failure", library.failure);
  return object;
}

std::vector<std::string> to_texts(const Napi::Value& value) {
  std::vector<std::string> texts;
  const auto list = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); i++) texts.push_back(list.Get(i).As<Napi::String>().Utf8Value());
  return texts;
}

Napi::Object to_device(Napi::Env env, const FoundDevice& device) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", device.name);
  object.Set("busId", device.bus_id);
  object.Set("uuid", device.uuid);
  set_number(object, "number", device.number);
  set_number(object, "memoryBytes", device.memory_bytes);
  set_number(object, "architecture", device.capability_major * 10 + device.capability_minor);
  set_number(object, "multiprocessors", device.multiprocessors);
  set_number(object, "threadsPerBlock", device.threads_per_block);
  set_number(object, "threadsPerMultiprocessor", device.threads_per_multiprocessor);
  set_number(object, "warpSize", device.warp_size);
  set_number(object, "sharedBytesPerBlock", device.shared_bytes_per_block);
  set_number(object, "sharedBytesPerMultiprocessor", device.shared_bytes_per_multiprocessor);
  set_number(object, "registersPerMultiprocessor", device.registers_per_multiprocessor);
  set_number(object, "clockKilohertz", device.clock_kilohertz);
  set_number(object, "memoryClockKilohertz", device.memory_clock_kilohertz);
  set_number(object, "memoryBusBits", device.memory_bus_bits);
  set_number(object, "l2CacheBytes", device.l2_cache_bytes);
  object.Set("hasVirtualMemory", device.has_virtual_memory);
  object.Set("hasMemoryPools", device.has_memory_pools);
  object.Set("peers", to_numbers(env, device.peers));
  set_number(object, "compiler", device.compiler);
  object.Set("proofOk", device.proof_ok);
  object.Set("proofDetail", device.proof_detail);
  object.Set("refusal", to_refusal(env, device.refusal));
  return object;
}

}  // namespace

Napi::Value probe_function(const Napi::CallbackInfo& information) {
  Napi::Env env = information.Env();
  const ProbeResult result = probe(to_texts(information[0]), to_texts(information[1]));
  Napi::Object object = Napi::Object::New(env);
  set_number(object, "driverVersion", result.driver_version);
  object.Set("refusal", to_refusal(env, result.refusal));
  Napi::Array compilers = Napi::Array::New(env);
  for (const FoundCompiler& compiler : result.compilers) compilers.Set(compilers.Length(), to_compiler(env, compiler));
  object.Set("compilers", compilers);
  Napi::Array libraries = Napi::Array::New(env);
  for (const FoundProductLibrary& library : result.product_libraries)
    libraries.Set(libraries.Length(), to_product_library(env, library));
  object.Set("productLibraries", libraries);
  Napi::Array devices = Napi::Array::New(env);
  for (const FoundDevice& device : result.devices) devices.Set(devices.Length(), to_device(env, device));
  object.Set("devices", devices);
  return object;
}

}  // namespace halyard::cuda
