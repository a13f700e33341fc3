#include <cstring>

#include "device.h"

namespace halyard::simulator {
namespace {

template <class Array, class T>
Array typed(Napi::Env env, const std::vector<T>& values) {
  Array result = Array::New(env, values.size());
  if (!values.empty()) std::memcpy(result.Data(), values.data(), values.size() * sizeof(T));
  return result;
}

Napi::Object instruction_to_object(Napi::Env env, const TracedInstruction& instruction) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("line", instruction.line);
  result.Set("opcode", instruction.opcode);
  result.Set("class", name_of(instruction.instruction_class));
  result.Set("defines", typed<Napi::Uint32Array>(env, instruction.defines));
  result.Set("uses", typed<Napi::Uint32Array>(env, instruction.uses));
  result.Set("bytes", instruction.bytes);
  result.Set("multiplyAdds", static_cast<double>(instruction.multiply_adds));
  result.Set("matrixType", name_of_matrix_type(instruction.matrix_type));
  return result;
}

Napi::Object warp_to_object(Napi::Env env, const WarpTrace& warp) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("block", static_cast<double>(warp.block));
  result.Set("warp", warp.warp);
  result.Set("isComplete", warp.is_complete);
  result.Set("instructions", typed<Napi::Uint32Array>(env, warp.instructions));
  result.Set("lanes", typed<Napi::Uint8Array>(env, warp.lanes));
  result.Set("sectors", typed<Napi::Uint16Array>(env, warp.sectors));
  result.Set("multicasts", typed<Napi::Uint16Array>(env, warp.multicasts));
  result.Set("wavefronts", typed<Napi::Uint16Array>(env, warp.wavefronts));
  result.Set("details", typed<Napi::Uint32Array>(env, warp.details));
  return result;
}

}  // namespace

Napi::Object trace_to_object(Napi::Env env, const Trace& trace) {
  Napi::Object result = Napi::Object::New(env);
  Napi::Array instructions = Napi::Array::New(env, trace.instructions.size());
  for (std::uint32_t i = 0; i < trace.instructions.size(); ++i)
    instructions.Set(i, instruction_to_object(env, trace.instructions[i]));
  Napi::Array warps = Napi::Array::New(env, trace.warps.size());
  for (std::uint32_t i = 0; i < trace.warps.size(); ++i) warps.Set(i, warp_to_object(env, trace.warps[i]));
  result.Set("instructions", instructions);
  result.Set("warps", warps);
  return result;
}

}  // namespace halyard::simulator
