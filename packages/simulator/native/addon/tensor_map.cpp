#include "execution/asynchronous/tensor_map.h"

#include "device.h"

namespace halyard::simulator {
namespace {

template <class T, std::size_t most>
std::uint32_t numbers_of(const Napi::Object& object, const char* name, T (&to)[most]) {
  const auto array = object.Get(name).As<Napi::Array>();
  const std::uint32_t count = std::min(array.Length(), static_cast<std::uint32_t>(most));
  for (std::uint32_t i = 0; i < count; ++i) {
    const double value = array.Get(i).As<Napi::Number>().DoubleValue();
    to[i] = value > 0 && value <= 0x1p40 ? static_cast<T>(value) : T{0};  // what is no size is refused as 0
  }
  return array.Length();
}

std::uint32_t number_of(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Uint32Value();
}

Napi::Value fail(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

}  // namespace

Napi::Value encode_tensor_map(const Napi::CallbackInfo& information) {
  const Napi::Env env = information.Env();
  const auto given = information[0].As<Napi::Object>();
  bool lossless = false;
  TensorMap map;
  map.data_type = number_of(given, "dataType");
  map.swizzle = number_of(given, "swizzle");
  map.address = given.Get("address").As<Napi::BigInt>().Uint64Value(&lossless);
  map.rank = numbers_of(given, "dimensions", map.dimensions);
  if (map.rank > 0 && map.rank <= TensorMap::most_dimensions &&
      (numbers_of(given, "strides", map.strides) != map.rank - 1 || numbers_of(given, "box", map.box) != map.rank ||
       numbers_of(given, "elementStrides", map.element_strides) != map.rank))
    return fail(env, "bad-argument", "strides or a box of another rank than the dimensions");
  if (const std::string problem = map.problem(); !problem.empty()) return fail(env, "bad-argument", problem);
  Napi::Uint8Array result = Napi::Uint8Array::New(env, TensorMap::bytes);
  map.encode(reinterpret_cast<std::byte*>(result.Data()));
  return result;
}

}  // namespace halyard::simulator
