#include "graph_memory.h"

#include <algorithm>
#include <vector>

namespace halyard::simulator {

namespace {

const LifetimeWork* lifetime_of(const Work& work) { return dynamic_cast<const LifetimeWork*>(&work); }

/// What was freed in the order of a stream stays there until its turn has come.
void wait_for_frees(Call& call, Device& device, std::uint64_t address) {
  if (device.memory->check(address, 1) == MemoryStatus::ok) wait_for_all(call.driver, call.lock, *call.context);
}

void take(Call& call, Device& device, std::uint64_t address, std::uint64_t bytes) {
  require(!call.driver.faults.allocation(), CUDA_ERROR_OUT_OF_MEMORY);
  const MemoryStatus status = device.memory->allocate_reserved(address);
  require(status != MemoryStatus::out_of_memory, CUDA_ERROR_OUT_OF_MEMORY);
  require(status == MemoryStatus::ok);
  call.driver.note_memory(device);
  call.driver.order.forget(address, address + bytes);
  Pool& pool = *device.graph_pool;
  pool.used += bytes;
  pool.used_high = std::max(pool.used_high, pool.used);
  call.driver.allocations[address] = {call.context, bytes, device.graph_pool};
}

}  // namespace

bool has_memory_nodes(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const auto& node) { return lifetime_of(*node->work) != nullptr; });
}

std::shared_ptr<const LifetimeWork> make_graph_allocation(Call& call, const Graph& graph, const Device& device,
                                                          std::uint64_t bytes) {
  require(bytes > 0);
  require(&device == &call.device(), CUDA_ERROR_NOT_SUPPORTED);
  std::uint64_t address = 0;
  require(device.memory->reserve(bytes, 0, 0, address) == MemoryStatus::ok, CUDA_ERROR_OUT_OF_MEMORY);
  call.driver.graph_memory[address] = {device.ordinal, bytes, &graph, GraphMemory::Freed::by_nobody_yet};
  return std::make_shared<LifetimeWork>(address, bytes, false);
}

std::shared_ptr<const LifetimeWork> make_graph_free(Call& call, const Graph& graph, std::uint64_t address) {
  using Freed = GraphMemory::Freed;
  const auto found = call.driver.graph_memory.find(address);
  require(found != call.driver.graph_memory.end());
  GraphMemory& memory = found->second;
  require(memory.device == call.device().ordinal, CUDA_ERROR_NOT_SUPPORTED);
  const Freed freed = memory.graph == &graph ? Freed::in_its_graph : Freed::in_another;
  require(memory.freed == Freed::by_nobody_yet || (memory.freed == freed && freed == Freed::in_another));
  require(std::none_of(graph.nodes.begin(), graph.nodes.end(), [&](const auto& node) {
    const LifetimeWork* work = lifetime_of(*node->work);
    return work && work->frees() && work->address() == address;
  }));
  memory.freed = freed;
  return std::make_shared<LifetimeWork>(address, memory.bytes, true);
}

void take_graph_memory(Call& call, const GraphExecutable& executable, Stream& stream) {
  Driver& driver = call.driver;
  std::vector<const LifetimeWork*> taken, freed;
  for (const GraphExecutable::Item& item : executable.items)
    if (const LifetimeWork* work = lifetime_of(*item.work)) (work->frees() ? freed : taken).push_back(work);
  const auto takes = [&](const LifetimeWork* work) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const LifetimeWork* other) { return other->address() == work->address(); });
  };
  for (const LifetimeWork* work : freed) require(takes(work) || driver.allocations.contains(work->address()));
  for (const LifetimeWork* work : taken) {
    if (!driver.allocations.contains(work->address())) continue;
    require(executable.frees_on_launch);
    give_back(driver, work->address());
    submit(driver, stream, std::make_shared<LifetimeWork>(work->address(), work->bytes(), true));
  }
  std::vector<const LifetimeWork*> done;
  try {
    for (const LifetimeWork* work : taken) {
      Device& device = driver.device(driver.graph_memory.at(work->address()).device);
      wait_for_frees(call, device, work->address());
      take(call, device, work->address(), work->bytes());
      done.push_back(work);
    }
  } catch (const CallFailed&) {
    for (const LifetimeWork* work : done) {
      give_back(driver, work->address());
      driver.device(driver.graph_memory.at(work->address()).device).memory->free(work->address());
    }
    throw;
  }
  for (const LifetimeWork* work : freed) give_back(driver, work->address());
}

std::uint64_t give_back(Driver& driver, std::uint64_t address) {
  const auto found = driver.allocations.find(address);
  require(found != driver.allocations.end());
  const Allocation allocation = found->second;
  driver.allocations.erase(found);
  if (allocation.pool) allocation.pool->used -= allocation.bytes;
  return allocation.bytes;
}

}  // namespace halyard::simulator
