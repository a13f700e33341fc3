#include <napi.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "../execution/cpu_backend.h"
#include "halyard/node/addon.h"
#include "proof.h"

namespace halyard::cpu {
namespace {

/// What was found out about this machine, and whether a small program computes what it should.
Napi::Value probe(const Napi::CallbackInfo& information) {
  Napi::Env env = information.Env();
  const Processor& processor = this_processor();
  const Proof proof = prove(effective_level());
  Napi::Object result = Napi::Object::New(env);
  result.Set("name", processor.name);
  result.Set("detectedLevel", std::string(name_of(detect_level())));
  result.Set("level", std::string(name_of(effective_level())));
  result.Set("cores", processor.cores);
  result.Set("l1Bytes", static_cast<double>(processor.l1_bytes));
  result.Set("l2Bytes", static_cast<double>(processor.l2_bytes));
  result.Set("l3Bytes", static_cast<double>(processor.l3_bytes));
  result.Set("memoryBytes", static_cast<double>(processor.memory_bytes));
  result.Set("features", processor.features);
  result.Set("proofOk", proof.ok);
  result.Set("proofDetail", proof.detail);
  return result;
}

/// Threads by option, else by HALYARD_CPU_THREADS, else all cores.
Result<int> choose_threads(const Attributes& options) {
  constexpr int most = 256;
  double wanted = options.number("threads", 0);
  const char* text = std::getenv("HALYARD_CPU_THREADS");
  const bool named = text != nullptr && *text != 0;
  if (options.find("threads") == nullptr) {
    if (!named) return this_processor().cores;
    char* end = nullptr;
    wanted = std::strtod(text, &end);
    if (*end != 0) wanted = 0;
  }
  if (!(wanted >= 1 && wanted <= most) || wanted != static_cast<int>(wanted))
    return Error{"bad-argument", "threads " + std::to_string(wanted), "a whole number from 1 to " + std::to_string(most),
                 "Correct the option threads or the environment variable HALYARD_CPU_THREADS."};
  return static_cast<int>(wanted);
}

Result<Level> choose_level(const Attributes& options) {
  const std::string name = options.text("level");
  if (name.empty()) return effective_level();
  const std::optional<Level> level = parse_level(name);
  if (!level || !includes(detect_level(), *level))
    return Error{"bad-argument", "level " + name, "one that this machine has, up to " + std::string(name_of(detect_level())),
                 "Leave the option level out, or name a lower one."};
  return *level;
}

Result<std::shared_ptr<Backend>> open(const std::string&, const Attributes& options) {
  auto threads = choose_threads(options);
  if (!threads) return threads.error();
  auto level = choose_level(options);
  if (!level) return level.error();
  return std::shared_ptr<Backend>(std::make_shared<CpuBackend>(level.value(), threads.value()));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  node::register_device_functions(env, exports, open);
  exports.Set("probe", Napi::Function::New(env, probe));
  return exports;
}

}  // namespace
}  // namespace halyard::cpu

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return halyard::cpu::initialize(env, exports); }

NODE_API_MODULE(halyard_cpu, initialize)
