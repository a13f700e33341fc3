#pragma once

#include <memory>

#include "call.h"
#include "graph.h"
#include "memory_work.h"

namespace halyard::simulator {

/// Nodes of graphs that take memory and give it back. Their addresses are fixed when the node is made; memory is there
/// from a launch until it is freed. All with the driver's lock held.

bool has_memory_nodes(const Graph& graph);

/// What a node does that takes memory of the call's device, at an address of its own.
std::shared_ptr<const LifetimeWork> make_graph_allocation(Call& call, const Graph& graph, const Device& device,
                                                          std::uint64_t bytes);

/// What a node does that frees such memory. Throws CUDA_ERROR_INVALID_VALUE for another address, one that the graph
/// frees already, and one that both its own graph and another are to free.
std::shared_ptr<const LifetimeWork> make_graph_free(Call& call, const Graph& graph, std::uint64_t address);

/// Before a launch: what it needs is taken, and what it frees is nobody's any more. May wait for frees that were
/// submitted before. Throws CUDA_ERROR_INVALID_VALUE if memory of the launch before was not freed, or what is to be freed is not
/// there, and CUDA_ERROR_OUT_OF_MEMORY; nothing is taken then.
void take_graph_memory(Call& call, const GraphExecutable& executable, Stream& stream);

/// An allocation is nobody's any more, though there until its address is freed. Its bytes; throws
/// CUDA_ERROR_INVALID_VALUE for what is none.
std::uint64_t give_back(Driver& driver, std::uint64_t address);

}  // namespace halyard::simulator
