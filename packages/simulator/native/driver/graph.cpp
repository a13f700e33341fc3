#include "graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "graph_memory.h"
#include "scheduler.h"

namespace halyard::simulator {

CUgraphNode add_node(Driver& driver, Graph& graph, std::shared_ptr<Context> context, std::shared_ptr<const Work> work,
                     std::vector<CUgraphNode> dependencies) {
  for (const CUgraphNode dependency : dependencies) {
    const auto node = driver.nodes.get(dependency, CUDA_ERROR_INVALID_VALUE);
    require(node->graph == &graph);
  }
  auto node = std::make_shared<GraphNode>();
  node->graph = &graph;
  node->context = std::move(context);
  node->work = std::move(work);
  node->dependencies = std::move(dependencies);
  graph.nodes.push_back(node);
  return driver.nodes.add(std::move(node));
}

GraphExecutable::Item& GraphExecutable::find(CUgraphNode node) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.node == node; });
  require(found != items.end());
  return *found;
}

namespace {

/// One lane per chain of nodes: a node goes on with the lane of the first node it depends on that nobody else took.
void assign_branches(Driver& driver, GraphExecutable& executable) {
  std::vector<bool> is_taken(executable.items.size());
  bool is_stream_taken = false;
  for (GraphExecutable::Item& item : executable.items) {
    bool found = false;
    for (const std::size_t dependency : item.dependencies) {
      executable.items[dependency].has_dependents = true;
      if (found || is_taken[dependency]) continue;
      is_taken[dependency] = found = true;
      item.branch = executable.items[dependency].branch;
    }
    if (found) continue;
    if (item.dependencies.empty() && !is_stream_taken) {
      is_stream_taken = true;
      continue;
    }
    executable.lanes.push_back(driver.take_lane());
    item.branch = executable.lanes.size();
  }
}

/// Puts the nodes of a graph behind those at `before`, those of a child graph before the node that stands for it. Gives
/// the places of the nodes that end it.
std::vector<std::size_t> append(const Graph& graph, const std::vector<std::size_t>& before,
                                std::vector<GraphExecutable::Item>& items) {
  std::map<CUgraphNode, std::size_t> places;
  std::set<std::size_t> ends;
  while (places.size() < graph.nodes.size()) {
    const std::size_t known = places.size();
    for (const auto& node : graph.nodes) {
      const auto handle = reinterpret_cast<CUgraphNode>(node.get());
      const auto is_placed = [&](CUgraphNode dependency) { return places.contains(dependency); };
      if (is_placed(handle) || !std::all_of(node->dependencies.begin(), node->dependencies.end(), is_placed)) continue;
      std::vector<std::size_t> dependencies;
      for (const CUgraphNode dependency : node->dependencies) dependencies.push_back(places.at(dependency));
      for (const std::size_t dependency : dependencies) ends.erase(dependency);
      if (dependencies.empty()) dependencies = before;
      if (const auto* child = dynamic_cast<const ChildGraphWork*>(node->work.get()))
        dependencies = append(child->graph(), dependencies, items);
      ends.insert(items.size());
      places[handle] = items.size();
      items.push_back({handle, node->context, node->work, std::move(dependencies)});
    }
    require(places.size() > known);
  }
  return graph.nodes.empty() ? before : std::vector<std::size_t>(ends.begin(), ends.end());
}

}  // namespace

std::shared_ptr<Graph> clone(Driver& driver, const Graph& original) {
  require(!has_memory_nodes(original), CUDA_ERROR_NOT_SUPPORTED);
  auto copy = std::make_shared<Graph>();
  std::map<CUgraphNode, CUgraphNode> copies;
  // What a node depends on may have been added after it.
  for (const auto& node : original.nodes) {
    const auto* child = dynamic_cast<const ChildGraphWork*>(node->work.get());
    const auto work = child ? std::make_shared<ChildGraphWork>(clone(driver, child->graph())) : node->work;
    copies[reinterpret_cast<CUgraphNode>(node.get())] = add_node(driver, *copy, node->context, work, {});
  }
  for (std::size_t i = 0; i < original.nodes.size(); ++i)
    for (const CUgraphNode dependency : original.nodes[i]->dependencies)
      copy->nodes[i]->dependencies.push_back(copies.at(dependency));
  driver.graphs.add(copy);
  return copy;
}

void forget(Driver& driver, const Graph& graph) {
  for (const auto& node : graph.nodes) {
    if (const auto* child = dynamic_cast<const ChildGraphWork*>(node->work.get())) forget(driver, child->graph());
    driver.nodes.remove(reinterpret_cast<CUgraphNode>(node.get()));
  }
  for (auto& [address, memory] : driver.graph_memory)
    if (memory.graph == &graph) memory.graph = nullptr;
  driver.graphs.remove(reinterpret_cast<CUgraph>(const_cast<Graph*>(&graph)));
}

std::shared_ptr<GraphExecutable> instantiate(Driver& driver, Graph& graph) {
  require(graph.executable.expired() || !has_memory_nodes(graph), CUDA_ERROR_NOT_SUPPORTED);
  auto executable = std::make_shared<GraphExecutable>(driver);
  append(graph, {}, executable->items);
  assign_branches(driver, *executable);
  graph.executable = executable;
  return executable;
}

void launch_graph(Driver& driver, GraphExecutable& executable, Stream& stream) {
  const OperationPointer entry = submit(driver, stream, nullptr, {executable.last});
  const std::string place = "a graph in " + stream.describe();
  std::vector<OperationPointer> operations;
  std::vector<OperationPointer> ends{entry};
  for (const GraphExecutable::Item& item : executable.items) {
    std::vector<OperationPointer> after;
    for (const std::size_t dependency : item.dependencies) after.push_back(operations[dependency]);
    if (after.empty()) after.push_back(entry);
    const auto* event = dynamic_cast<const EventWork*>(item.work.get());
    if (event && event->type() == CU_GRAPH_NODE_TYPE_WAIT_EVENT) after.push_back(event->event().operation);
    const std::size_t lane = item.branch == 0 ? stream.lane : executable.lanes[item.branch - 1];
    operations.push_back(enqueue(driver, item.context ? item.context : stream.context,
                                 item.is_enabled ? item.work : nullptr, after, lane, place));
    if (event && event->type() == CU_GRAPH_NODE_TYPE_EVENT_RECORD) event->event().operation = operations.back();
    if (!item.has_dependents) ends.push_back(operations.back());
  }
  stream.last = enqueue(driver, stream.context, nullptr, ends, stream.lane, place);
  executable.last = stream.last;
}

}  // namespace halyard::simulator
