import type { TracedInstruction, WarpTrace } from '../trace/instruction-trace.js';
import { listSchedule } from './list-schedule.js';
import type { Timing } from './timing.js';

/**
 * The order in which a warp's events issue: that of the trace, or, with a window, that of a list scheduler within each
 * run of instructions that no branch, barrier or wait ends, which moves none further than the window ahead.
 */
export function eventOrder(
  { instructions }: WarpTrace,
  table: readonly TracedInstruction[],
  timings: readonly Timing[],
  window: number,
): Uint32Array {
  const order = Uint32Array.from({ length: instructions.length }, (_, event) => event);
  if (window <= 1) return order;
  const known = new Map<string, readonly number[]>();
  const begins = leaders(instructions, table);
  for (let begin = 0; begin < instructions.length; ) {
    let end = begin + 1;
    while (end < instructions.length && !begins[end]) end++;
    if (end - begin > 1) {
      const run = Array.from({ length: end - begin }, (_, i) => instructions[begin + i]!);
      const key = `${run[0]}:${run.at(-1)}:${run.length}`;
      const scheduled = known.get(key) ?? listSchedule(run, table, timings, window);
      known.set(key, scheduled);
      for (const [i, from] of scheduled.entries()) order[begin + i] = begin + from;
    }
    begin = end;
  }
  return order;
}

/** Events that begin a run: what is jumped to anywhere in the trace, and what stands behind the end of another. */
function leaders(instructions: ArrayLike<number>, table: readonly TracedInstruction[]): Uint8Array {
  const targets = new Set<number>();
  const isTarget = (event: number) => table[instructions[event]!]!.line <= table[instructions[event - 1]!]!.line;
  for (let event = 1; event < instructions.length; event++) if (isTarget(event)) targets.add(instructions[event]!);
  const result = new Uint8Array(instructions.length);
  for (let event = 1; event < instructions.length; event++) {
    const ends = endsRun(table[instructions[event - 1]!]!);
    const is = targets.has(instructions[event]!) || ends || endsRun(table[instructions[event]!]!);
    result[event] = is ? 1 : 0;
  }
  return result;
}

const endsRun = ({ class: kind, opcode }: TracedInstruction): boolean =>
  kind === 'control' || (kind === 'barrier' && !opcode.startsWith('bar.warp')) || opcode.includes('commit_group');
