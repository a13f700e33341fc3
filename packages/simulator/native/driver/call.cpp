#include "call.h"

#include "graph.h"

namespace halyard::simulator {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::align_val_t alignment{page};

}  // namespace

std::vector<CUcontext>& context_stack() {
  thread_local std::vector<CUcontext> stack;
  return stack;
}

std::shared_ptr<Stream> make_stream(Driver& driver, const std::shared_ptr<Context>& context, unsigned flags) {
  auto stream = std::make_shared<Stream>();
  stream->context = context;
  stream->flags = flags;
  stream->id = driver.next_id++;
  stream->lane = driver.take_lane();
  return stream;
}

std::shared_ptr<Stream> Call::stream(CUstream handle) {
  const auto value = reinterpret_cast<std::uintptr_t>(handle);
  if (value == 0 || value == HALYARD_DRIVER_STREAM_LEGACY) return context->legacy;
  if (value == HALYARD_DRIVER_STREAM_PER_THREAD) {
    auto& mine = context->per_thread[std::this_thread::get_id()];
    if (!mine) mine = make_stream(driver, context, 0);
    return mine;
  }
  auto found = driver.streams.get(handle);
  const CUresult error = error_of(*found->context);
  require(error == CUDA_SUCCESS, error);
  return found;
}

void Call::run_now(std::shared_ptr<const Work> work) {
  require_no_capture(driver);
  wait_for(driver, lock, submit(driver, *context->legacy, std::move(work)));
}

std::shared_ptr<Context> make_context(Driver& driver, Device& device, unsigned flags) {
  require(device.lost == CUDA_SUCCESS, device.lost);
  auto context = std::make_shared<Context>();
  context->device = &device;
  context->flags = flags;
  context->id = driver.next_id++;
  context->limits = {{CU_LIMIT_STACK_SIZE, 1024},
                     {CU_LIMIT_PRINTF_FIFO_SIZE, std::size_t{1} << 20},
                     {CU_LIMIT_MALLOC_HEAP_SIZE, std::size_t{8} << 20},
                     {CU_LIMIT_MAX_L2_FETCH_GRANULARITY, 64},
                     {CU_LIMIT_PERSISTING_L2_CACHE_SIZE, 0}};
  context->legacy = make_stream(driver, context, 0);
  context->legacy->is_legacy = true;
  driver.contexts.add(context);
  return context;
}

void destroy_context(Call& call, const std::shared_ptr<Context>& context) {
  Driver& driver = call.driver;
  context->is_cancelled = true;
  driver.changed.notify_all();
  for (const OperationPointer& operation : last_operations(driver, *context))
    driver.changed.wait(call.lock, [&] { return operation->is_done; });
  const auto is_own = [&](const auto& object) { return object.context == context; };
  for (const auto& [handle, stream] : driver.streams.all())
    if (is_own(*stream)) driver.host_clock.join(stream->last ? stream->last->clock : Clock());
  driver.streams.remove_if(is_own);
  driver.events.remove_if(is_own);
  driver.functions.remove_if(is_own);
  driver.modules.remove_if(is_own);
  for (const auto& [handle, library] : driver.libraries.all()) library->modules.erase(context.get());
  std::erase_if(driver.allocations, [&](const auto& entry) {
    if (entry.second.context != context) return false;
    driver.order.forget(entry.first, entry.first + entry.second.bytes);
    context->device->memory->free(entry.first);
    return true;
  });
  std::erase_if(driver.host_memory, [&](const auto& entry) {
    if (entry.second.context != context) return false;
    for (const auto& device : driver.devices) device->memory->unmap_host(reinterpret_cast<void*>(entry.first));
    driver.order.forget(entry.first, entry.first + entry.second.bytes);
    if (!entry.second.is_registered) give_pinned(reinterpret_cast<void*>(entry.first));
    return true;
  });
  driver.contexts.remove(reinterpret_cast<CUcontext>(context.get()));
  for (const auto& [handle, other] : driver.contexts.all()) other->peers.erase(context.get());
  // The streams refer to the context, and it to them.
  context->legacy.reset();
  context->per_thread.clear();
  driver.report.write(driver.configuration.report, driver);
}

void* take_pinned(std::uint64_t bytes) {
  return ::operator new((bytes + page - 1) / page * page, alignment, std::nothrow);
}

void give_pinned(void* memory) { ::operator delete(memory, alignment); }

std::uint64_t allocate(Call& call, Device& device, std::uint64_t bytes, std::shared_ptr<Pool> pool) {
  require(bytes > 0);
  require(!call.driver.faults.allocation(), CUDA_ERROR_OUT_OF_MEMORY);
  std::uint64_t address = 0;
  const MemoryStatus status = device.memory->allocate(bytes, address);
  require(status == MemoryStatus::ok, CUDA_ERROR_OUT_OF_MEMORY);
  call.driver.note_memory(device);
  call.driver.order.forget(address, address + bytes);
  if (pool) {
    pool->used += bytes;
    pool->used_high = std::max(pool->used_high, pool->used);
  }
  call.driver.allocations[address] = {call.context, bytes, std::move(pool)};
  return address;
}

}  // namespace halyard::simulator
