#include "control_flow.h"

#include <algorithm>
#include <set>

namespace halyard::simulator {
namespace {

bool ends_block(const Statement& statement) {
  const std::string_view name = statement.parts[0];
  return name == "bra" || name == "brx" || name == "ret" || name == "exit" || name == "trap";
}

constexpr std::uint32_t none = 0xffffffff;

/// Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm, on the reversed graph.
void find_post_dominators(ControlFlow& flow, std::uint32_t exit) {
  const auto count = static_cast<std::uint32_t>(flow.blocks.size());
  std::vector<std::vector<std::uint32_t>> predecessors(count);
  for (std::uint32_t b = 0; b < count; ++b)
    for (std::uint32_t s : flow.blocks[b].successors) predecessors[s].push_back(b);
  std::vector<std::uint32_t> order, number(count, none);
  std::vector<std::pair<std::uint32_t, std::size_t>> stack{{exit, 0}};
  std::vector<bool> seen(count, false);
  seen[exit] = true;
  while (!stack.empty()) {
    auto& [block, next] = stack.back();
    if (next < predecessors[block].size()) {
      const std::uint32_t p = predecessors[block][next++];
      if (!seen[p]) seen[p] = true, stack.emplace_back(p, 0);
    } else {
      number[block] = static_cast<std::uint32_t>(order.size());
      order.push_back(block);
      stack.pop_back();
    }
  }
  std::vector<std::uint32_t> dominator(count, none);
  dominator[exit] = exit;
  const auto meet = [&](std::uint32_t a, std::uint32_t b) {
    while (a != b) {
      while (number[a] < number[b]) a = dominator[a];
      while (number[b] < number[a]) b = dominator[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
      if (*it == exit) continue;
      std::uint32_t found = none;
      for (std::uint32_t s : flow.blocks[*it].successors)
        if (dominator[s] != none) found = found == none ? s : meet(s, found);
      if (found != dominator[*it]) dominator[*it] = found, changed = true;
    }
  }
  for (std::uint32_t b = 0; b < count; ++b)
    if (b != exit) flow.blocks[b].post_dominator = dominator[b];
}

}  // namespace

bool defines_first_operand(const Statement& statement) {
  static const std::set<std::string_view> without = {
      "st",         "stmatrix", "red",       "bra",       "brx",           "membar",
      "fence",      "cp",       "prefetch",  "prefetchu", "ret",           "exit",
      "trap",       "call",     "nanosleep", "discard",   "applypriority", "griddepcontrol",
      "setmaxnreg", "pmevent",  "brkpt",     "multimem"};
  const std::string_view name = statement.parts[0];
  if (without.contains(name)) return false;
  if (name == "bar" || name == "barrier") return statement.has("red");
  if (name == "wmma") return !statement.has("store");
  if (name == "wgmma") return statement.has("mma_async");
  if (name == "mbarrier") return !statement.operands.empty() && statement.operands[0].kind != Operand::Kind::address;
  return true;
}

ControlFlow analyze_control_flow(const FunctionSyntax& function) {
  ControlFlow flow;
  const auto count = static_cast<std::uint32_t>(function.statements.size());
  std::vector<bool> leader(count + 1, false);
  if (count > 0) leader[0] = true;
  for (const auto& [name, at] : function.labels) leader[at] = true;
  for (std::uint32_t i = 0; i < count; ++i)
    if (ends_block(function.statements[i])) leader[i + 1] = true;
  flow.block_of.resize(count + 1);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (leader[i]) flow.blocks.push_back({i, i, {}, none});
    flow.blocks.back().end = i + 1;
    flow.block_of[i] = static_cast<std::uint32_t>(flow.blocks.size() - 1);
  }
  const auto block_of_label = [&](const std::string& label, std::uint32_t line) {
    const auto found = function.labels.find(label);
    if (found == function.labels.end()) throw PtxError(line, "unknown label '" + label + "'");
    if (found->second >= count) throw PtxError(line, "label '" + label + "' has nothing behind it");
    return flow.block_of[found->second];
  };
  std::uint32_t exit = none;
  for (std::uint32_t b = 0; b < flow.blocks.size(); ++b) {
    BasicBlock& block = flow.blocks[b];
    const Statement& last = function.statements[block.end - 1];
    const std::string_view name = last.parts[0];
    bool falls_through = true;
    if (name == "bra") {
      if (last.operands.size() != 1) throw PtxError(last.line, "bra without its label");
      block.successors.push_back(block_of_label(last.operands[0].name, last.line));
      falls_through = last.guard >= 0;
    } else if (name == "brx") {
      const auto targets = last.operands.size() == 2 ? function.branch_targets.find(last.operands[1].name)
                                                     : function.branch_targets.end();
      if (targets == function.branch_targets.end()) throw PtxError(last.line, "brx.idx without its targets");
      for (const std::string& target : targets->second) block.successors.push_back(block_of_label(target, last.line));
      falls_through = last.guard >= 0;
    } else if (name == "ret" || name == "exit" || name == "trap") {
      falls_through = last.guard >= 0;
      if (name != "trap") exit = b;
    }
    if (falls_through && b + 1 < flow.blocks.size()) block.successors.push_back(b + 1);
  }
  if (exit == none && !flow.blocks.empty()) exit = static_cast<std::uint32_t>(flow.blocks.size() - 1);
  if (exit != none) find_post_dominators(flow, exit);
  return flow;
}

}  // namespace halyard::simulator
