#include "device.h"

namespace halyard::simulator {
namespace {

Napi::Value number(Napi::Env env, std::uint64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Array three(Napi::Env env, const std::uint32_t (&values)[3]) {
  Napi::Array result = Napi::Array::New(env, 3);
  for (std::uint32_t i = 0; i < 3; ++i) result.Set(i, values[i]);
  return result;
}

Napi::Object classes(Napi::Env env, const std::uint64_t (&counts)[instruction_classes]) {
  Napi::Object result = Napi::Object::New(env);
  for (int i = 0; i < instruction_classes; ++i)
    result.Set(name_of(static_cast<InstructionClass>(i)), number(env, counts[i]));
  return result;
}

Napi::Object counters_to_object(Napi::Env env, const Counters& counters) {
  Napi::Object result = Napi::Object::New(env);
  const auto set = [&](const char* name, std::uint64_t value) { result.Set(name, number(env, value)); };
  result.Set("warpInstructions", classes(env, counters.warp_instructions));
  result.Set("laneInstructions", classes(env, counters.lane_instructions));
  set("globalLoadRequests", counters.global_load_requests);
  set("globalLoadSectors", counters.global_load_sectors);
  set("globalLoadBytes", counters.global_load_bytes);
  set("globalMulticastSectors", counters.global_multicast_sectors);
  set("globalStoreRequests", counters.global_store_requests);
  set("globalStoreSectors", counters.global_store_sectors);
  set("globalStoreBytes", counters.global_store_bytes);
  set("globalAtomicRequests", counters.global_atomic_requests);
  set("globalAtomicSectors", counters.global_atomic_sectors);
  set("sharedLoadRequests", counters.shared_load_requests);
  set("sharedLoadWavefronts", counters.shared_load_wavefronts);
  set("sharedLoadIdealWavefronts", counters.shared_load_ideal_wavefronts);
  set("sharedStoreRequests", counters.shared_store_requests);
  set("sharedStoreWavefronts", counters.shared_store_wavefronts);
  set("sharedStoreIdealWavefronts", counters.shared_store_ideal_wavefronts);
  set("sharedBankConflicts", counters.shared_bank_conflicts());
  Napi::Object matrix = Napi::Object::New(env);
  for (int i = 0; i < matrix_types; ++i)
    matrix.Set(name_of_matrix_type(i), number(env, counters.matrix_multiply_adds[i]));
  result.Set("matrixMultiplyAdds", matrix);
  set("branches", counters.branches);
  set("divergentBranches", counters.divergent_branches);
  set("barriers", counters.barriers);
  set("blocks", counters.blocks);
  set("warps", counters.warps);
  return result;
}

Napi::Object finding_to_object(Napi::Env env, const Finding& finding) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("kind", name_of(finding.kind));
  result.Set("isError", finding.is_error);
  result.Set("kernel", finding.kernel);
  result.Set("line", finding.line);
  result.Set("instruction", finding.instruction);
  if (!finding.source.empty()) result.Set("source", finding.source);
  result.Set("block", three(env, finding.block));
  result.Set("thread", three(env, finding.thread));
  result.Set("address", Napi::BigInt::New(env, finding.address));
  result.Set("bytes", finding.bytes);
  result.Set("count", number(env, finding.count));
  result.Set("explanation", finding.explanation);
  return result;
}

}  // namespace

Napi::Object result_to_object(Napi::Env env, const LaunchResult& result) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("error", result.error == LaunchError::none ? env.Null() : Napi::String::New(env, name_of(result.error)));
  object.Set("message", result.message);
  object.Set("counters", counters_to_object(env, result.counters));
  object.Set("printed", result.printed);
  Napi::Array findings = Napi::Array::New(env, result.findings.size());
  for (std::size_t i = 0; i < result.findings.size(); ++i)
    findings.Set(static_cast<std::uint32_t>(i), finding_to_object(env, result.findings[i]));
  object.Set("findings", findings);
  if (!result.trace.warps.empty()) object.Set("trace", trace_to_object(env, result.trace));
  return object;
}

Napi::Object kernel_to_object(Napi::Env env, const Kernel& kernel) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("name", kernel.name);
  result.Set("parameterBytes", kernel.parameter_bytes);
  result.Set("staticSharedBytes", kernel.static_shared_bytes);
  result.Set("localBytes", kernel.local_bytes);
  result.Set("liveRegisters", kernel.registers);
  result.Set("maximumThreads", kernel.maximum_threads);
  Napi::Array parameters = Napi::Array::New(env, kernel.parameters.size());
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    Napi::Object parameter = Napi::Object::New(env);
    parameter.Set("offset", kernel.parameters[i].offset);
    parameter.Set("bytes", kernel.parameters[i].bytes);
    parameters.Set(static_cast<std::uint32_t>(i), parameter);
  }
  result.Set("parameters", parameters);
  return result;
}

}  // namespace halyard::simulator
