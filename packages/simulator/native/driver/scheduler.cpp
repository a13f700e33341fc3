#include "scheduler.h"

#include "capture.h"

namespace halyard::simulator {

namespace {

void judge_order(Driver& driver, const Execution& execution) {
  if (!driver.configuration.check_order || execution.accesses.empty()) return;
  const Operation& operation = execution.operation;
  const auto what = std::make_shared<const std::string>(operation.work->describe() + " in " + operation.place);
  const auto violations =
      driver.order.record({operation.lane, operation.epoch, what}, operation.clock, execution.accesses);
  for (const OrderViolation& violation : violations) {
    const char* kind = violation.first_writes ? "write-not-waited-for" : "read-not-waited-for";
    const char* verb = violation.second_writes ? " writes" : " reads";
    driver.report.find({kind, execution.device.ordinal, violation.second, violation.begin,
                        violation.end - violation.begin,
                        violation.second + verb + " memory that " + violation.first +
                            (violation.first_writes ? " writes" : " reads") + ", and nothing makes it wait for that"});
  }
}

/// The thread that stands for a device: runs what is ready, one after another.
void run_worker(Driver& driver, Device& device) {
  std::unique_lock lock(driver.mutex);
  for (;;) {
    device.wake.wait(lock, [&] { return !device.ready.empty(); });
    const OperationPointer operation = device.ready.front();
    device.ready.pop_front();
    CUresult result = error_of(*operation->context);
    if (result == CUDA_SUCCESS && operation->work) {
      lock.unlock();
      Execution execution{driver, device, *operation, {}};
      try {
        result = operation->work->run(execution);
        judge_order(driver, execution);
      } catch (const std::exception& error) {
        driver.report.find({"simulator-failed", device.ordinal, operation->work->describe(), 0, 0, error.what()});
        result = CUDA_ERROR_UNKNOWN;
      }
      lock.lock();
      if (result != CUDA_SUCCESS && operation->context->sticky == CUDA_SUCCESS) operation->context->sticky = result;
    }
    operation->result = result;
    operation->finished = std::chrono::steady_clock::now();
    operation->is_done = true;
    operation->work.reset();
    for (const OperationPointer& follower : operation->followers) {
      if (--follower->waiting_for > 0) continue;
      follower->device->ready.push_back(follower);
      follower->device->wake.notify_one();
    }
    operation->followers.clear();
    driver.changed.notify_all();
  }
}

}  // namespace

CUresult error_of(const Context& context) {
  return context.device->lost != CUDA_SUCCESS ? context.device->lost : context.sticky;
}

OperationPointer enqueue(Driver& driver, const std::shared_ptr<Context>& context, std::shared_ptr<const Work> work,
                         const std::vector<OperationPointer>& after, std::size_t lane, std::string place) {
  auto operation = std::make_shared<Operation>();
  operation->device = context->device;
  operation->context = context;
  operation->work = std::move(work);
  operation->place = std::move(place);
  operation->clock = driver.host_clock;
  for (const OperationPointer& before : after) {
    if (!before) continue;
    operation->clock.join(before->clock);
    if (before->is_done) continue;
    before->followers.push_back(operation);
    ++operation->waiting_for;
  }
  operation->lane = lane;
  operation->epoch = ++driver.epochs[lane];
  operation->clock.set(lane, operation->epoch);
  Device& device = *context->device;
  if (!device.has_worker) {
    device.has_worker = true;
    // Never joined: an exit does not wait for a kernel that hangs.
    std::thread([&driver, &device] { run_worker(driver, device); }).detach();
  }
  if (operation->waiting_for == 0) {
    device.ready.push_back(operation);
    device.wake.notify_one();
  }
  return operation;
}

std::vector<OperationPointer> last_operations(Driver& driver, const Context& context) {
  std::vector<OperationPointer> result;
  const auto add = [&](const Stream& stream) {
    if (stream.context.get() == &context && stream.last) result.push_back(stream.last);
  };
  for (const auto& [handle, stream] : driver.streams.all()) add(*stream);
  for (const auto& [thread, stream] : context.per_thread) add(*stream);
  if (context.legacy) add(*context.legacy);
  result.insert(result.end(), context.ended.begin(), context.ended.end());
  return result;
}

OperationPointer submit(Driver& driver, Stream& stream, std::shared_ptr<const Work> work,
                        const std::vector<OperationPointer>& after) {
  if (stream.capture) {
    capture_work(driver, stream, std::move(work));
    return nullptr;
  }
  require_no_implicit_dependency(driver, stream);
  std::vector<OperationPointer> before = after;
  before.push_back(stream.last);
  const Context& context = *stream.context;
  if (stream.is_legacy) {
    for (const auto& [handle, other] : driver.streams.all())
      if (other->context.get() == &context && other->is_blocking()) before.push_back(other->last);
    before.insert(before.end(), context.ended.begin(), context.ended.end());
    for (const auto& [thread, other] : context.per_thread) before.push_back(other->last);
  } else if (stream.is_blocking()) {
    before.push_back(context.legacy->last);
  }
  stream.last = enqueue(driver, stream.context, std::move(work), before, stream.lane, stream.describe());
  return stream.last;
}

void wait_for(Driver& driver, std::unique_lock<std::mutex>& lock, OperationPointer operation) {
  if (!operation) return;
  driver.changed.wait(lock, [&] { return operation->is_done; });
  driver.host_clock.join(operation->clock);
  const CUresult error = error_of(*operation->context);
  if (error != CUDA_SUCCESS) fail(error);
}

void wait_for_all(Driver& driver, std::unique_lock<std::mutex>& lock, Context& context) {
  for (const OperationPointer& operation : last_operations(driver, context)) wait_for(driver, lock, operation);
}

}  // namespace halyard::simulator
