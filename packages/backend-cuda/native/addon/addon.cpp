#include <napi.h>

#include <cstdlib>
#include <string>

#include "../execution/cuda_backend.h"
#include "../memory/virtual_region.h"
#include "compile_function.h"
#include "halyard/node/addon.h"
#include "plan_function.h"
#include "probe_function.h"

namespace halyard::cuda {
namespace {

/// What a region is a multiple of where nothing is mapped; small enough to waste little, and a page of the driver's.
constexpr std::int64_t plain_granularity = 2 << 20;

/// The device with this address on the bus.
Result<DeviceNumber> find_device(const Driver& driver, const std::string& bus_id) {
  for (int ordinal = 0; ordinal < driver.device_count(); ordinal++) {
    DeviceNumber device = 0;
    char text[256] = {};
    if (driver.functions().device_get(&device, ordinal) == 0 &&
        driver.functions().device_bus_id(text, sizeof(text), device) == 0 && bus_id == text)
      return device;
  }
  return Error{"no-device", "no GPU at " + bus_id, "the device that was probed",
               "Probe again: it was taken away, or CUDA_VISIBLE_DEVICES has changed."};
}

/// The option `watchdogMs`, else HALYARD_CUDA_WATCHDOG_MS, else 0: none.
Result<double> choose_watchdog(const Attributes& options) {
  constexpr double most = 1e9;
  double milliseconds = options.number("watchdogMs", 0);
  const char* text = std::getenv("HALYARD_CUDA_WATCHDOG_MS");
  if (options.find("watchdogMs") == nullptr && text != nullptr && *text != 0) {
    char* end = nullptr;
    milliseconds = std::strtod(text, &end);
    if (*end != 0) milliseconds = -1;
  }
  if (milliseconds >= 0 && milliseconds <= most) return milliseconds;
  return Error{"bad-argument", "a watchdog of " + std::to_string(milliseconds) + " ms", "a number from 0 to 1e9",
               "Correct the option watchdogMs or the environment variable HALYARD_CUDA_WATCHDOG_MS."};
}

/// Options: `memory` (`mapped`, `ordered` or `plain`; the best there is unless told), `watchdogMs`, and `cublasLtPath`,
/// the file of cuBLASLt.
Result<std::shared_ptr<Backend>> open(const std::string& adapter, const Attributes& options) {
  const auto& driver = Driver::get();
  if (!driver) return driver.error();
  auto device = find_device(*driver.value(), adapter);
  if (!device) return device.error();
  auto watchdog = choose_watchdog(options);
  if (!watchdog) return watchdog.error();
  auto context = DeviceContext::open(*driver.value(), device.value());
  if (!context) return context.error();
  context.value()->set_watchdog(static_cast<std::int64_t>(watchdog.value() * 1e6));
  auto kind = CudaBackend::choose_memory(*context.value(), options.text("memory"));
  if (!kind) return kind.error();
  return std::shared_ptr<Backend>(std::make_shared<CudaBackend>(std::move(context.value()), kind.value(),
                                                                plain_granularity, options.text("cublasLtPath")));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  node::register_device_functions(env, exports, open);
  exports.Set("probe", Napi::Function::New(env, probe_function));
  exports.Set("compileSource", Napi::Function::New(env, compile_function));
  exports.Set("planProducts", Napi::Function::New(env, plan_function));
  return exports;
}

}  // namespace
}  // namespace halyard::cuda

static Napi::Object initialize(Napi::Env env, Napi::Object exports) { return halyard::cuda::initialize(env, exports); }

NODE_API_MODULE(halyard_cuda, initialize)
