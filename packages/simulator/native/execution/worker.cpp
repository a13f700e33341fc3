#include "worker.h"

#include <algorithm>
#include <chrono>

#include "../trace/instruction_facts.h"

namespace halyard::simulator {
namespace {

constexpr std::uint32_t slice = 1u << 16;  // instructions until another warp has its turn
constexpr std::uint32_t most_idle_passes = 20000;
constexpr std::size_t most_findings = 1000;

/// Whether a warp that looked at an mbarrier in vain would do so again.
bool is_suspended(const Warp& warp) {
  if (warp.state != WarpState::yielded || warp.awaited_barrier < 0) return false;
  const auto& barriers = warp.block->memory_barriers;
  const auto barrier = barriers.find(static_cast<std::uint32_t>(warp.awaited_barrier));
  return barrier != barriers.end() && barrier->second.phase == warp.awaited_phase;
}

std::byte* aligned(std::vector<std::byte>& memory, std::size_t bytes) {
  memory.resize(bytes + 64);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  return memory.data() + ((address + 63) / 64 * 64 - address);
}

}  // namespace

Worker::Worker(LaunchContext& context, std::uint32_t index)
    : context_(context), index_(index), tracer_(context.options.trace) {
  const Program& program = *context.kernel.program;
  const auto threads = static_cast<std::uint32_t>(context.configuration.block.count());
  const std::uint32_t warps = (threads + lanes - 1) / lanes;
  cluster_.blocks.resize(context.configuration.cluster.count());
  cluster_.warps = static_cast<std::uint32_t>(cluster_.blocks.size()) * warps;
  executions_.resize(context.operations);
  lane_executions_.resize(context.operations);
  sites_.resize(context.operations);
  const std::size_t frame_bytes = (program.frame_bytes + 63) / 64 * 64;
  std::byte* frame = aligned(frames_, frame_bytes * cluster_.warps);
  const std::uint32_t local_bytes = (context.kernel.local_bytes + 15) / 16 * 16;
  std::byte* local = aligned(local_, std::size_t{local_bytes} * lanes * cluster_.warps);
  const std::uint32_t parameter_bytes = (program.parameter_bytes + 15) / 16 * 16;
  std::byte* parameters = aligned(parameters_, std::size_t{parameter_bytes} * lanes * cluster_.warps);
  for (std::uint32_t rank = 0; rank < cluster_.blocks.size(); ++rank) {
    Block& block = cluster_.blocks[rank];
    block.cluster = &cluster_;
    block.rank = rank;
    block.threads = threads;
    block.shared_bytes = context.shared_bytes;
    block.shared = aligned(block.memory, context.shared_bytes + 1024);
    block.warps.resize(warps);
    for (std::uint32_t w = 0; w < warps; ++w) {
      Warp& warp = block.warps[w];
      warp.index = w;
      warp.number = rank * warps + w;
      warp.frame = frame + frame_bytes * warp.number;
      warp.worker = this;
      warp.block = &block;
      warp.program = &program;
      warp.code = program.code.data();
      warp.local = local + std::size_t{local_bytes} * lanes * warp.number;
      warp.local_stride = local_bytes;
      warp.parameters = parameters + std::size_t{parameter_bytes} * lanes * warp.number;
      fill_constants(program, warp, warp.frame, true);
    }
  }
}

/// `number` counts clusters along the grid, x first; so do ranks within one.
void Worker::place_cluster(std::uint64_t number) {
  const Dimensions &grid = context_.configuration.grid, &cluster = context_.configuration.cluster;
  const std::uint32_t of_x = grid.x / cluster.x, of_y = grid.y / cluster.y;
  const std::uint32_t first[3] = {static_cast<std::uint32_t>(number % of_x) * cluster.x,
                                  static_cast<std::uint32_t>(number / of_x % of_y) * cluster.y,
                                  static_cast<std::uint32_t>(number / of_x / of_y) * cluster.z};
  for (Block& block : cluster_.blocks) {
    std::uint32_t inside[3];
    place_thread(cluster, block.rank, inside);
    for (int axis = 0; axis < 3; ++axis) block.index[axis] = first[axis] + inside[axis];
  }
}

std::uint64_t Worker::number_of(const Block& block) const {
  const Dimensions& grid = context_.configuration.grid;
  return block.index[0] + std::uint64_t{grid.x} * (block.index[1] + std::uint64_t{grid.y} * block.index[2]);
}

/// Whether some block of the cluster is to be simulated.
bool Worker::is_wanted() const {
  return std::any_of(cluster_.blocks.begin(), cluster_.blocks.end(), [&](const Block& block) {
    const std::uint64_t number = number_of(block);
    return number >= context_.first_block && number < context_.end_block;
  });
}

void Worker::start_block(Block& block) {
  if (context_.options.check_races) block.shadow.reset(block.shared_bytes, cluster_.warps);
  block.reads_in_flight.reset(block.shared_bytes);
  for (Barrier& barrier : block.barriers) barrier = Barrier{};
  block.memory_barriers.clear();
  block.warpgroups.assign((block.warps.size() + Warpgroup::warps - 1) / Warpgroup::warps, {});
  block.visits.assign(cluster_.warps, 0);
  block.has_ended = false;
  const Program& program = *context_.kernel.program;
  for (Warp& warp : block.warps) {
    warp.program = &program;
    warp.code = program.code.data();
    warp.pc = 0;
    const std::uint32_t left = block.threads - warp.index * lanes;
    warp.live = warp.active = left >= lanes ? all_lanes : (1u << left) - 1;
    warp.reconvergence = no_target;
    warp.carry = 0;
    warp.state = WarpState::ready;
    warp.clock = 2;
    warp.landing_clock = 2;
    warp.known.reset(cluster_.warps, 1);
    warp.seen_by_all = 1;
    warp.fenced_clock = 1;
    warp.met = 1u << block.rank;
    warp.divergences.clear();
    warp.calls.clear();
    warp.copies.clear();
    warp.copy_group = 0;
    warp.copy_batch = 0;
    warp.bulk_reads.clear();
    warp.product_reads.clear();
    warp.product_group = 0;
    warp.products_issued = 0;
    warp.awaited_products = 0;
    warp.cluster_phase = 0;
    warp.arrived_at_cluster = 0;
    warp.waits_for_cluster = false;
    warp.products.reset(program.frame_bytes);
    std::fill(std::begin(warp.bulk_group), std::end(warp.bulk_group), 0);
    warp.awaited_barrier = -1;
    warp.instructions = 0;
    warp.waiting_barrier = -1;
    warp.waiting_op = nullptr;
    fill_constants(program, warp, warp.frame, false);
  }
  block.first_trace = tracer_.begin_block(number_of(block), block.warps.size());
  ++counters_.blocks;
  counters_.warps += block.warps.size();
}

template <bool traced>
void Worker::run_warp(Warp& warp) {
  std::uint32_t budget = slice;
  std::uint64_t* executions = executions_.data();
  std::uint64_t* lane_executions = lane_executions_.data();
  while (budget-- > 0 && warp.state == WarpState::ready) {
    const MicroOp& op = warp.code[warp.pc++];
    const std::uint32_t mask = warp.active & (*warp.at<std::uint32_t>(op.guard) ^ op.guard_negation);
    ++executions[op.id];
    lane_executions[op.id] += static_cast<std::uint32_t>(std::popcount(mask));
    if constexpr (traced) {
      const Counters before = counters_;
      const std::uint32_t detail = detail_of(warp, op, mask);
      warp.mask = mask;
      if (mask != 0) op.execute(warp, op);
      tracer_.note(warp, op, mask, detail, before, counters_);
      continue;
    }
    if (mask == 0) continue;
    warp.mask = mask;
    op.execute(warp, op);
  }
  warp.instructions += slice - budget;
  if (warp.instructions > context_.instruction_limit && warp.state == WarpState::ready) {
    const MicroOp& op = warp.code[warp.pc];
    report(warp, op, FindingKind::hang, std::countr_zero(warp.active), 0, 0,
           "a warp that has done " + std::to_string(warp.instructions) + " instructions and does not end",
           LaunchError::launch_timeout);
  }
}

void Worker::run_cluster() {
  cluster_.barrier = {};
  for (Block& block : cluster_.blocks) start_block(block);
  std::uint32_t idle_passes = 0;
  while (true) {
    const std::uint64_t waits = cluster_.completed_waits;
    bool runnable = false, finished = true, progress = false;
    for (Block& block : cluster_.blocks)
      for (Warp& warp : block.warps) {
        if (idle_passes == 0 && is_suspended(warp)) {
          runnable = true;
          finished = false;
          continue;
        }
        if (warp.state == WarpState::yielded) warp.state = WarpState::ready;
        if (warp.state == WarpState::ready) {
          runnable = true;
          block.first_trace >= 0 ? run_warp<true>(warp) : run_warp<false>(warp);
          if (warp.state != WarpState::yielded) progress = true;
          if (warp.state == WarpState::finished) end_of_warp(warp);
        }
        if (warp.state != WarpState::finished) finished = false;
        if (is_failed() || context_.stop.load(std::memory_order_relaxed)) return;
      }
    if (finished) return;
    if (context_.options.cancelled != nullptr && context_.options.cancelled->load(std::memory_order_relaxed)) {
      result_.error = LaunchError::cancelled;
      result_.message = "the launch was cancelled";
      return;
    }
    idle_passes = progress || cluster_.completed_waits != waits ? 0 : idle_passes + 1;
    if (!runnable || idle_passes > most_idle_passes) break;
  }
  for (Block& block : cluster_.blocks)
    for (Warp& warp : block.warps)
      if (warp.state != WarpState::finished) report_deadlock(warp);
}

void Worker::report_deadlock(Warp& warp) {
  const MicroOp& op = warp.waiting_op != nullptr ? *warp.waiting_op : warp.code[warp.pc > 0 ? warp.pc - 1 : 0];
  std::string text = warp.waits_for_cluster
                         ? "a wait for the cluster's barrier, at which " + missing_of(cluster_)
                     : warp.awaited_products != 0
                         ? "a wait for a product that not all warps of the warpgroup have issued"
                         : "warps that wait for others that never come";
  std::uint32_t place = 0;
  const auto& barriers = warp.block->memory_barriers;
  if (const auto barrier = barriers.find(static_cast<std::uint32_t>(warp.awaited_barrier));
      warp.state != WarpState::waiting && barrier != barriers.end()) {
    place = barrier->first;
    text = "a wait for the mbarrier at " + std::to_string(place) + " in shared memory whose phase " +
           std::to_string(barrier->second.phase) + " never ends: " + barrier->second.missing();
  }
  report(warp, op, FindingKind::barrier_deadlock, std::countr_zero(warp.live), place, 0, std::move(text),
         LaunchError::launch_timeout);
}

void Worker::run() {
  while (!context_.stop.load(std::memory_order_relaxed)) {
    const std::uint64_t number = context_.next_cluster.fetch_add(1);
    if (number >= context_.end_cluster) return;
    place_cluster(number);
    if (!is_wanted()) continue;
    run_cluster();
    if (is_failed()) {
      context_.stop.store(true);
      return;
    }
  }
}

void Worker::report(Warp& warp, const MicroOp& op, FindingKind kind, int lane, std::uint64_t address,
                    std::uint32_t bytes, std::string explanation, LaunchError error) {
  if (error != LaunchError::none) {
    warp.state = WarpState::failed;
    if (result_.error == LaunchError::none) {
      result_.error = error;
      result_.message = explanation + " (" + context_.kernel.name + ", PTX line " + std::to_string(op.line) + ")";
    }
  }
  const auto [known, is_new] = reported_.try_emplace({op.id, static_cast<int>(kind)}, result_.findings.size());
  if (!is_new) {
    ++result_.findings[known->second].count;
    return;
  }
  if (result_.findings.size() >= most_findings) {
    reported_.erase(known);
    return;
  }
  Finding finding;
  finding.kind = kind;
  finding.is_error = error != LaunchError::none;
  finding.kernel = context_.kernel.name;
  finding.line = op.line;
  finding.instruction = context_.module.module().line(op.line);
  finding.source = context_.module.module().source_of(op.line);
  std::copy(std::begin(warp.block->index), std::end(warp.block->index), finding.block);
  place_thread(context_.configuration.block, warp.index * lanes + static_cast<std::uint32_t>(lane), finding.thread);
  finding.address = address;
  finding.bytes = bytes;
  finding.explanation = std::move(explanation);
  result_.findings.push_back(std::move(finding));
}

namespace {

void add_classes(const Program& program, const std::vector<std::uint64_t>& warps,
                 const std::vector<std::uint64_t>& threads, Counters& counters) {
  for (const MicroOp& op : program.code) {
    if (op.line == 0 || op.instruction_class == uncounted) continue;  // not an instruction of the program
    counters.warp_instructions[static_cast<int>(op.instruction_class)] += warps[op.id];
    counters.lane_instructions[static_cast<int>(op.instruction_class)] += threads[op.id];
  }
}

}  // namespace

LaunchResult Worker::take_result() {
  add_classes(*context_.kernel.program, executions_, lane_executions_, counters_);
  for (const auto& callee : context_.kernel.program->keep)
    add_classes(*callee, executions_, lane_executions_, counters_);
  result_.counters = counters_;
  result_.trace = tracer_.take(context_.module.module());
  return std::move(result_);
}

}  // namespace halyard::simulator
