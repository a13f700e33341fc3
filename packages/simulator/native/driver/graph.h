#pragma once

#include <memory>
#include <vector>

#include "state.h"

namespace halyard::simulator {

struct GraphNode {
  Graph* graph = nullptr;
  std::shared_ptr<Context> context;
  std::shared_ptr<const Work> work;
  std::vector<CUgraphNode> dependencies;
};

struct Graph {
  std::vector<std::shared_ptr<GraphNode>> nodes;  ///< as they were added
  std::weak_ptr<GraphExecutable> executable;      ///< that was made of it last
};

/// A graph made ready: its nodes in an order that respects what they depend on.
struct GraphExecutable {
  struct Item {
    CUgraphNode node = nullptr;  ///< of the graph that it was made from
    std::shared_ptr<Context> context;
    std::shared_ptr<const Work> work;
    std::vector<std::size_t> dependencies;
    bool has_dependents = false;
    bool is_enabled = true;
    std::size_t branch = 0;  ///< 0: the stream's own lane, else `lanes[branch - 1]`
  };
  explicit GraphExecutable(Driver& owner) : driver(owner) {}
  Driver& driver;
  std::vector<Item> items;
  std::vector<std::size_t> lanes;
  OperationPointer last;  ///< launches of one executable follow one another
  bool frees_on_launch = false;  ///< what is left of its memory from the launch before

  Item& find(CUgraphNode node);
};

/// All with the driver's lock held.

CUgraphNode add_node(Driver& driver, Graph& graph, std::shared_ptr<Context> context, std::shared_ptr<const Work> work,
                     std::vector<CUgraphNode> dependencies);

/// A copy with nodes of its own, child graphs included; the driver knows it. Throws CUDA_ERROR_NOT_SUPPORTED for a graph
/// that takes memory or gives it back.
std::shared_ptr<Graph> clone(Driver& driver, const Graph& original);
/// Neither the graph nor its nodes can be named any more.
void forget(Driver& driver, const Graph& graph);

/// Throws CUDA_ERROR_INVALID_VALUE for a cycle, CUDA_ERROR_NOT_SUPPORTED for a second one of a graph that takes memory.
std::shared_ptr<GraphExecutable> instantiate(Driver& driver, Graph& graph);

/// Behind the stream's last operation and the executable's last launch.
void launch_graph(Driver& driver, GraphExecutable& executable, Stream& stream);

/// Does nothing: what joins branches.
class EmptyWork : public Work {
 public:
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_EMPTY; }
  CUresult run(Execution&) const override { return CUDA_SUCCESS; }
  std::string describe() const override { return "an empty node"; }
};

/// Stands for a whole graph: its own copy, whose nodes come before it.
class ChildGraphWork : public EmptyWork {
 public:
  explicit ChildGraphWork(std::shared_ptr<Graph> graph) : graph_(std::move(graph)) {}
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_GRAPH; }
  std::string describe() const override { return "a child graph"; }
  Graph& graph() const { return *graph_; }

 private:
  std::shared_ptr<Graph> graph_;
};

/// Records an event, or waits for what it was recorded behind, when the graph is launched.
class EventWork : public Work {
 public:
  EventWork(std::shared_ptr<Event> event, bool records) : event_(std::move(event)), records_(records) {}
  CUgraphNodeType type() const override {
    return records_ ? CU_GRAPH_NODE_TYPE_EVENT_RECORD : CU_GRAPH_NODE_TYPE_WAIT_EVENT;
  }
  CUresult run(Execution&) const override { return CUDA_SUCCESS; }
  std::string describe() const override { return records_ ? "the record of an event" : "the wait for an event"; }
  Event& event() const { return *event_; }

 private:
  std::shared_ptr<Event> event_;
  bool records_;
};

}  // namespace halyard::simulator
