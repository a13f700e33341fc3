import { HalyardError } from '@halyard/core';
import type { ArchitectureModel } from '../architecture/architecture.js';
import type { InstructionTrace } from '../trace/instruction-trace.js';
import { eventOrder } from './event-order.js';
import { Multiprocessor } from './multiprocessor.js';
import { type Pipe, pipes, type StallReason, timingOf } from './timing.js';
import type { ReplayInstruction, WarpProgram } from './warp-state.js';

export interface IssueOptions {
  /** Blocks that are on the multiprocessor at once: see `occupancy`. 1 */
  readonly residentBlocks?: number;
  /** Blocks that the multiprocessor does in all, one after another in the places of the resident; as many as those. */
  readonly blocks?: number;
  /** Share of the sectors that come from the memory itself and not from a cache; 1. */
  readonly missRate?: number;
  /** That are busy, and share the memory's bandwidth; all. */
  readonly multiprocessors?: number;
  /**
   * Instructions that one may be moved ahead of, within a run that nothing ends, to stand for the assembler's own
   * scheduling; 1: the order of the PTX. Register pressure bounds it on hardware.
   */
  readonly schedulingWindow?: number;
}

export interface IssueEstimate {
  /** From the first instruction of the first block to the last of the last, and to its last byte. */
  readonly clocks: number;
  /** Issue slots taken. */
  readonly instructions: number;
  /** Part of all issue slots. */
  readonly issueUtilization: number;
  /** Part of the matrix units' peak (`matrixRates`). */
  readonly matrixUtilization: number;
  /** Part of the clocks that each unit was taking in instructions, on the average of the schedulers. */
  readonly busy: Readonly<Record<Pipe, number>>;
  /** Warp clocks without an issue, by reason. */
  readonly stalls: Readonly<Record<StallReason, number>>;
}

/**
 * How long one multiprocessor takes for traced blocks, by a model of its issue: warps issue in order, one a clock and
 * scheduler, when their registers are ready and the unit is free. Latencies, rates and queues are the architecture's.
 *
 * What it leaves out: how ptxas schedules, joins, splits and allocates (moves between registers are free, integers of 64
 * bits take two slots, all else is one instruction of PTX; `schedulingWindow` approximates reordering), register banks and
 * operand caches, dual issue of branches, instruction caches and the delay behind a branch, hits in the first-level cache,
 * contention between multiprocessors beyond an even share of bandwidth, how the blocks of a cluster differ (what one does
 * to another, the other is taken to do to it at the same time), spread of latencies around their mean, and
 * clocks that change under load.
 *
 * @param trace of whole blocks; see `trace` of `SimulatedLaunch`
 * @throws HalyardError `bad-argument` for a trace that was cut off
 */
export function estimateIssue(
  trace: InstructionTrace,
  model: ArchitectureModel,
  options: IssueOptions = {},
): IssueEstimate {
  requireWhole(trace);
  const { residentBlocks = 1, blocks = residentBlocks, missRate = 1, schedulingWindow = 1 } = options;
  const { multiprocessors = model.multiprocessors } = options;
  const timings = trace.instructions.map((instruction) => timingOf(instruction, model));
  const registers = new Map<number, number>();
  const packed = (list: ArrayLike<number>): number[] =>
    Array.from(list, (register) => {
      const known = registers.get(register) ?? registers.size;
      registers.set(register, known);
      return known;
    });
  const instructions = trace.instructions.map((instruction, i): ReplayInstruction => {
    const { defines, uses, bytes, multiplyAdds, matrixType } = instruction;
    const matrixClocks = multiplyAdds === 0 ? 0 : multiplyAdds / model.matrixRates[matrixType];
    return { timing: timings[i]!, defines: packed(defines), uses: packed(uses), bytes, matrixClocks };
  });
  const programs = new Map<number, WarpProgram[]>();
  for (const warp of trace.warps) {
    const order = eventOrder(warp, trace.instructions, timings, schedulingWindow);
    programs.set(warp.block, [...(programs.get(warp.block) ?? []), { ...warp, order }]);
  }
  const processor = new Multiprocessor(model, instructions, registers.size, [...programs.values()], {
    resident: residentBlocks,
    blocks,
    missRate,
    multiprocessors,
  });
  const { clocks, slots, matrixClocks, busy, stalls } = processor.run();
  const share = (amount: number) => (clocks === 0 ? 0 : amount / clocks);
  return {
    clocks,
    instructions: slots,
    issueUtilization: share(slots / model.schedulers),
    matrixUtilization: share(matrixClocks),
    busy: Object.fromEntries(pipes.map((pipe) => [pipe, share(busy[pipe])])) as Record<Pipe, number>,
    stalls,
  };
}

function requireWhole({ warps }: InstructionTrace): void {
  const cut = warps.find(({ isComplete }) => !isComplete);
  if (warps.length > 0 && !cut) return;
  throw new HalyardError('bad-argument', {
    found: cut ? `a trace of warp ${cut.warp} of block ${cut.block} that was cut off` : 'a trace of no block',
    expected: 'a trace of whole blocks',
    remedy: 'Raise mostEvents of the trace, or trace a launch that does less',
  });
}
