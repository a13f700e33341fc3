#include "control.h"

#include <algorithm>

#include "../../ptx/emitter.h"
#include "../worker.h"
#include "decoders.h"
#include "system_calls.h"

namespace halyard::simulator {
namespace control {

void jump(Warp& warp, const MicroOp& op) {
  ++warp.worker->counters().branches;
  warp.pc = op.target;
}

namespace {

/// Notes that all active lanes meet at `place`, unless they are on the way there already.
void meet_at(Warp& warp, std::uint32_t place) {
  if (place != no_target && warp.reconvergence != place)
    warp.divergences.push_back({warp.active, place, warp.reconvergence});
}

}  // namespace

void branch(Warp& warp, const MicroOp& op) {
  Counters& counters = warp.worker->counters();
  ++counters.branches;
  if (warp.mask == warp.active) {
    warp.pc = op.target;
    return;
  }
  ++counters.divergent_branches;
  const std::uint32_t others = warp.active & ~warp.mask;
  meet_at(warp, op.reconvergence);
  if (op.target == op.reconvergence) {
    warp.active = others;
  } else {
    if (warp.pc != op.reconvergence) warp.divergences.push_back({others, warp.pc, op.reconvergence});
    warp.active = warp.mask;
    warp.pc = op.target;
  }
  warp.reconvergence = op.reconvergence;
}

void branch_indexed(Warp& warp, const MicroOp& op) {
  ++warp.worker->counters().branches;
  const std::uint32_t* index = warp.at<std::uint32_t>(op.a);
  const std::uint32_t* targets = warp.list(op);
  std::uint32_t left = warp.mask;
  if (left != warp.active) {
    meet_at(warp, op.reconvergence);
    warp.divergences.push_back({warp.active & ~left, warp.pc, op.reconvergence});
    warp.reconvergence = op.reconvergence;
    warp.active = left;
  }
  bool is_first = true;
  while (left != 0) {
    const std::uint32_t which = std::min<std::uint32_t>(index[std::countr_zero(left)], op.list_size - 1u);
    std::uint32_t same = 0;
    each_lane(left, [&](int l) {
      if (std::min<std::uint32_t>(index[l], op.list_size - 1u) == which) same |= 1u << l;
    });
    if (same == warp.active) {
      warp.pc = targets[which];
      return;
    }
    if (is_first) {
      ++warp.worker->counters().divergent_branches;
      meet_at(warp, op.reconvergence);
      is_first = false;
    }
    left &= ~same;
    if (left == 0) {
      warp.active = same;
      warp.pc = targets[which];
      warp.reconvergence = op.reconvergence;
    } else {
      warp.divergences.push_back({same, targets[which], op.reconvergence});
    }
  }
}

void reconverge(Warp& warp, const MicroOp& op) {
  if (warp.reconvergence == op.target) warp.resume();
}

void exit(Warp& warp, const MicroOp&) {
  warp.end_lanes(warp.mask);
}

void return_from_call(Warp& warp, const MicroOp&) {
  warp.active &= ~warp.mask;
  if (warp.active == 0) warp.resume();
}

namespace {

constexpr std::size_t deepest_call = 256;

void copy_parameters(const std::byte* from, std::uint32_t from_stride, std::uint32_t from_offset, std::byte* to,
                     std::uint32_t to_stride, std::uint32_t to_offset, std::uint32_t bytes) {
  for (int l = 0; l < lanes; ++l)
    std::memcpy(to + std::size_t{to_stride} * l + to_offset, from + std::size_t{from_stride} * l + from_offset, bytes);
}

std::uint32_t parameter_stride(const Program& program) {
  return (program.parameter_bytes + 15) / 16 * 16;
}

/// list: index of the callee, then places of the arguments, then places of the results.
void call(Warp& warp, const MicroOp& op) {
  if (warp.calls.size() >= deepest_call) {
    warp.worker->report(warp, op, FindingKind::stack_overflow, std::countr_zero(warp.mask), 0, 0,
                        "calls nested " + std::to_string(deepest_call) + " deep", LaunchError::hardware_stack_error);
    return;
  }
  const std::uint32_t* list = warp.list(op);
  const Program& callee = *warp.program->callees[list[0]];
  CallFrame frame;
  frame.program = warp.program;
  frame.frame = warp.frame;
  frame.parameters = warp.parameters;
  frame.return_pc = warp.pc;
  frame.active = warp.active;
  frame.reconvergence = warp.reconvergence;
  frame.local_base = warp.local_base;
  frame.call = &op;
  if (warp.mask != warp.active) {
    // A call under a predicate: the others wait behind it.
    frame.active = warp.active;
  }
  frame.divergences = warp.divergences.size();
  frame.callee_frame.resize(callee.frame_bytes);
  const std::uint32_t stride = parameter_stride(callee);
  frame.callee_parameters.resize(std::size_t{stride} * lanes);
  for (std::size_t i = 0; i < callee.interface.parameters.size(); ++i)
    copy_parameters(warp.parameters, parameter_stride(*warp.program), list[1 + i], frame.callee_parameters.data(),
                    stride, callee.interface.parameters[i].offset, callee.interface.parameters[i].bytes);
  const std::uint32_t local_base = warp.local_base + warp.program->local_bytes;
  if (local_base + callee.local_bytes > warp.local_stride) {
    warp.worker->report(warp, op, FindingKind::stack_overflow, std::countr_zero(warp.mask), 0, 0,
                        "no room for local variables in the stack", LaunchError::hardware_stack_error);
    return;
  }
  warp.calls.push_back(std::move(frame));
  CallFrame& pushed = warp.calls.back();
  warp.local_base = local_base;
  warp.program = &callee;
  warp.code = callee.code.data();
  warp.frame = pushed.callee_frame.data();
  warp.parameters = pushed.callee_parameters.data();
  warp.active = warp.mask;
  warp.pc = 0;
  warp.reconvergence = no_target;
  warp.worker->fill_constants(callee, warp, warp.frame, true);
}

}  // namespace

bool finish_call(Warp& warp) {
  CallFrame frame = std::move(warp.calls.back());
  warp.calls.pop_back();
  const Program& callee = *warp.program;
  const std::uint32_t* list = frame.program->slots.data() + frame.call->list;
  const std::size_t parameters = callee.interface.parameters.size();
  for (std::size_t i = 0; i < callee.interface.results.size(); ++i)
    copy_parameters(warp.parameters, parameter_stride(callee), callee.interface.results[i].offset, frame.parameters,
                    parameter_stride(*frame.program), list[1 + parameters + i], callee.interface.results[i].bytes);
  warp.program = frame.program;
  warp.code = frame.program->code.data();
  warp.frame = frame.frame;
  warp.parameters = frame.parameters;
  warp.pc = frame.return_pc;
  warp.active = frame.active & warp.live;
  warp.reconvergence = frame.reconvergence;
  warp.local_base = frame.local_base;
  return warp.active != 0;
}

namespace {

void trap(Warp& warp, const MicroOp& op) {
  warp.worker->report(warp, op, FindingKind::trap, std::countr_zero(warp.mask), 0, 0, "trap was executed",
                      LaunchError::launch_failed);
}

void nothing(Warp&, const MicroOp&) {}

/// What the warp knows of now, asynchronous reads behind it may see.
void fence_proxy(Warp& warp, const MicroOp&) {
  warp.known.fenced = warp.known.generic;
  warp.known.fenced[warp.number] = warp.clock;
  advance_clock(warp);
}

/// What comes later may be handed on by something that releases nothing itself.
void fence_memory(Warp& warp, const MicroOp&) {
  if (warp.block->cluster->blocks.size() == 1) return;
  warp.fenced_clock = warp.clock;
  advance_clock(warp);
}

void sleep(Warp& warp, const MicroOp&) {
  warp.state = WarpState::yielded;
}

std::uint32_t place_of(Emitter& emitter, const Operand& operand) {
  const auto& variables = emitter.function().variables;
  const auto found = variables.find(operand.name);
  if (found == variables.end()) emitter.fail("'" + operand.name + "' is no parameter");
  return static_cast<std::uint32_t>(found->second.offset) + emitter.program().own_parameter_bytes;
}

}  // namespace
}  // namespace control

namespace decoders {

void ret(Emitter& emitter) {
  emitter.emit(emitter.is_kernel() ? control::exit : control::return_from_call, InstructionClass::control);
}

void exit(Emitter& emitter) {
  emitter.emit(control::exit, InstructionClass::control);
}
void trap(Emitter& emitter) {
  emitter.emit(control::trap, InstructionClass::control);
}
void no_effect(Emitter& emitter) {
  emitter.emit(control::nothing, InstructionClass::control);
}
void fence(Emitter& emitter) {
  const bool is_proxy = emitter.has("proxy") && emitter.has("async") && !emitter.has("global");
  const Handler handler = is_proxy               ? control::fence_proxy
                          : emitter.has("proxy") ? control::nothing
                                                 : control::fence_memory;
  emitter.emit(handler, InstructionClass::barrier);
}
void nanosleep(Emitter& emitter) {
  emitter.emit(control::sleep, InstructionClass::control);
}

void call(Emitter& emitter) {
  std::vector<Operand> results, arguments;
  std::string name;
  std::size_t i = 0;
  if (emitter.operand(0).kind == Operand::Kind::list) results = emitter.operand(i++).elements;
  if (emitter.operand(i).kind != Operand::Kind::symbol) emitter.unsupported("a call through a pointer");
  name = emitter.operand(i++).name;
  if (i < emitter.operands() && emitter.operand(i).kind == Operand::Kind::list) arguments = emitter.operand(i).elements;
  std::vector<std::uint32_t> list{0};
  for (const Operand& argument : arguments) list.push_back(control::place_of(emitter, argument));
  for (const Operand& result : results) list.push_back(control::place_of(emitter, result));
  if (const Handler handler = find_system_call(name)) {
    MicroOp& op = emitter.emit(handler, InstructionClass::control);
    op.list = emitter.add_list(list);
    op.list_size = static_cast<std::uint16_t>(list.size());
    return;
  }
  const auto callee = emitter.scope().functions.find(name);
  if (callee == emitter.scope().functions.end()) emitter.fail("unknown function '" + name + "'");
  Program& program = emitter.program();
  list[0] = static_cast<std::uint32_t>(program.callees.size());
  program.callees.push_back(callee->second.get());
  MicroOp& op = emitter.emit(control::call, InstructionClass::control);
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
}

}  // namespace decoders
}  // namespace halyard::simulator
