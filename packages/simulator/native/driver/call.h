#pragma once

#include <csignal>
#include <mutex>
#include <new>

#include "capture.h"
#include "scheduler.h"
#include "state.h"

namespace halyard::simulator {

/// The contexts of the calling thread, the current one last.
std::vector<CUcontext>& context_stack();

/// A function of the interface at work: the driver under its lock, and the context that is current.
struct Call {
  Driver& driver;
  std::unique_lock<std::mutex> lock;
  std::shared_ptr<Context> context;

  Device& device() const { return *context->device; }
  /// The stream that a handle means: also the default streams.
  std::shared_ptr<Stream> stream(CUstream handle);
  /// Submits and waits for the end, unless captured.
  void run_now(std::shared_ptr<const Work> work);
};

enum class Needs { nothing, initialization, context };

/// What all functions begin and end with: faults, checks, and exceptions that become results.
template <typename Body>
CUresult enter(const char* function, Needs needs, Body body) {
  Driver& driver = Driver::get();
  Call call{driver, std::unique_lock(driver.mutex), nullptr};
  try {
    driver.configure();
    driver.look_at_faults();
    driver.report.call(function);
    const auto current = context_stack().empty() ? nullptr : driver.contexts.find(context_stack().back());
    if (const auto fault = driver.faults.call(function, current ? current->device->ordinal : -1)) {
      if (fault->kind == FaultKind::crash) {
        driver.report.write(driver.configuration.report, driver);
        std::raise(SIGSEGV);
      }
      if (fault->kind == FaultKind::lost) current->device->lost = static_cast<CUresult>(fault->result);
      return static_cast<CUresult>(fault->result);
    }
    if (needs != Needs::nothing) require(driver.is_initialized, CUDA_ERROR_NOT_INITIALIZED);
    if (needs == Needs::context) {
      require(!context_stack().empty(), CUDA_ERROR_INVALID_CONTEXT);
      call.context = driver.contexts.get(context_stack().back(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
      const CUresult error = error_of(*call.context);
      if (error != CUDA_SUCCESS) return error;
    }
    body(call);
    return CUDA_SUCCESS;
  } catch (const CallFailed& failure) {
    return failure.result;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    driver.report.find({"simulator-failed", 0, function, 0, 0, error.what()});
    return CUDA_ERROR_UNKNOWN;
  }
}

template <typename Body>
CUresult enter(const char* function, Body body) {
  return enter(function, Needs::context, body);
}

std::shared_ptr<Context> make_context(Driver& driver, Device& device, unsigned flags);
/// Waits for its work (or gives up what hangs) and frees what it owns.
void destroy_context(Call& call, const std::shared_ptr<Context>& context);
std::shared_ptr<Stream> make_stream(Driver& driver, const std::shared_ptr<Context>& context, unsigned flags);
/// Memory of the host in whole pages; null if there is none.
void* take_pinned(std::uint64_t bytes);
void give_pinned(void* memory);
/// Takes memory; throws CUDA_ERROR_OUT_OF_MEMORY.
std::uint64_t allocate(Call& call, Device& device, std::uint64_t bytes, std::shared_ptr<Pool> pool);

}  // namespace halyard::simulator
