import type { TracedInstruction } from '../trace/instruction-trace.js';
import type { Timing } from './timing.js';

interface Edge {
  readonly to: number;
  readonly clocks: number;
}

/**
 * List scheduling by longest path to the end (Gibbons and Muchnick, Efficient Instruction Scheduling for a Pipelined
 * Architecture, 1986), over instructions that follow each other without a branch. It stands for what the assembler does,
 * which is not known; the window bounds how far a load moves ahead, as registers do there.
 *
 * @returns places in `run`, in their new order
 */
export function listSchedule(
  run: readonly number[],
  table: readonly TracedInstruction[],
  timings: readonly Timing[],
  window: number,
): number[] {
  const edges = dependences(run, table, timings);
  const heights = new Float64Array(run.length);
  const missing = new Int32Array(run.length);
  for (let at = run.length - 1; at >= 0; at--) {
    heights[at] = timings[run[at]!]!.latency;
    for (const { to, clocks } of edges[at]!) {
      heights[at] = Math.max(heights[at]!, heights[to]! + clocks);
      missing[to] = missing[to]! + 1;
    }
  }
  const earliest = new Float64Array(run.length);
  const ready = run.map((_, at) => at).filter((at) => missing[at] === 0);
  const done = new Uint8Array(run.length);
  const result: number[] = [];
  let first = 0;
  for (let clock = 0; result.length < run.length; ) {
    while (done[first]) first++;
    let best = -1;
    let next = Number.POSITIVE_INFINITY;
    for (const at of ready) {
      if (at >= first + window) continue;
      if (earliest[at]! > clock) next = Math.min(next, earliest[at]!);
      else if (best < 0 || heights[at]! > heights[best]! || (heights[at] === heights[best] && at < best)) best = at;
    }
    if (best < 0) {
      clock = next;
      continue;
    }
    ready.splice(ready.indexOf(best), 1);
    done[best] = 1;
    result.push(best);
    for (const { to, clocks } of edges[best]!) {
      earliest[to] = Math.max(earliest[to]!, clock + clocks);
      missing[to] = missing[to]! - 1;
      if (missing[to] === 0) ready.push(to);
    }
    clock += timings[run[best]!]!.slots;
  }
  return result;
}

/** Through registers, and through memory where one of two accesses to the same space may write. */
function dependences(
  run: readonly number[],
  table: readonly TracedInstruction[],
  timings: readonly Timing[],
): Edge[][] {
  const edges: Edge[][] = run.map(() => []);
  const writers = new Map<number, number>();
  const readers = new Map<number, number[]>();
  const spaces = new Map<string, { writer: number; readers: number[] }>();
  for (const [at, index] of run.entries()) {
    const instruction = table[index]!;
    const add = (from: number | undefined, clocks: number) => {
      if (from !== undefined && from >= 0 && from !== at) edges[from]!.push({ to: at, clocks });
    };
    for (const register of Array.from(instruction.uses)) {
      const writer = writers.get(register);
      add(writer, writer === undefined ? 0 : timings[run[writer]!]!.latency);
      const list = readers.get(register);
      if (list) list.push(at);
      else readers.set(register, [at]);
    }
    for (const register of Array.from(instruction.defines)) {
      for (const reader of readers.get(register) ?? []) add(reader, 0);
      add(writers.get(register), 1);
      writers.set(register, at);
      readers.set(register, []);
    }
    for (const { space, writes } of accesses(instruction)) {
      const before = spaces.get(space) ?? { writer: -1, readers: [] };
      add(before.writer, 0);
      if (writes) for (const reader of before.readers) add(reader, 0);
      spaces.set(space, writes ? { writer: at, readers: [] } : { ...before, readers: [...before.readers, at] });
    }
  }
  return edges;
}

/** Spaces of memory that an instruction reads or may write. What reads constants or through `.nc` depends on nothing. */
function accesses({ class: kind, opcode }: TracedInstruction): { space: string; writes: boolean }[] {
  if (opcode.includes('.nc')) return [];
  switch (kind) {
    case 'loadGlobal':
      return [{ space: 'global', writes: false }];
    case 'storeGlobal':
      return [{ space: 'global', writes: true }];
    case 'loadShared':
      return [{ space: 'shared', writes: false }];
    case 'storeShared':
      return [{ space: 'shared', writes: true }];
    case 'matrixLoad':
      return [{ space: 'shared', writes: opcode.startsWith('st') }];
    case 'matrix':
      return /^wmma\.(load|store)/.test(opcode) ? [{ space: 'shared', writes: opcode.startsWith('wmma.store') }] : [];
    case 'loadLocal':
      return [{ space: 'local', writes: false }];
    case 'storeLocal':
      return [{ space: 'local', writes: true }];
    case 'atomic':
      return [
        { space: 'global', writes: true },
        { space: 'shared', writes: true },
      ];
    // Their order among each other is kept; what reads the place has to wait for them anyway.
    case 'copy':
      return [{ space: 'copy', writes: true }];
    default:
      return [];
  }
}
