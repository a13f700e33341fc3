import type { ArchitectureModel } from '../architecture/architecture.js';
import type { TracedInstruction } from '../trace/instruction-trace.js';

/** Units that warp instructions queue for: the first five are each scheduler's own, the others a multiprocessor's. */
export const pipes = ['alu', 'fma', 'float64', 'special', 'matrix', 'memory', 'cache', 'device'] as const;
export type Pipe = (typeof pipes)[number];

/** Why a warp did not issue. Nsight Compute's warp states of the same names say the same of hardware. */
export const stallReasons = [
  /** A result of fixed latency is not there yet. */
  'wait',
  /** A result of global or local memory. */
  'longScoreboard',
  /** A result of shared memory, a shuffle, a special function or a conversion. */
  'shortScoreboard',
  /** A result of the matrix units, or a group of asynchronous products. */
  'matrixScoreboard',
  /** Other warps have yet to arrive at a barrier. */
  'barrier',
  /** Asynchronous copies have yet to land, or arrivals to come at an mbarrier. */
  'copy',
  /** The unit still takes in an earlier instruction. */
  'mathPipeThrottle',
  /** The queue of memory instructions is full. */
  'memoryThrottle',
  /** The scheduler issued from another warp. */
  'notSelected',
] as const;
export type StallReason = (typeof stallReasons)[number];

/** What the model does with an instruction besides taking its time. */
export type Action =
  | 'none'
  | 'rename'
  | 'barrier'
  | 'arrive'
  | 'copy'
  | 'commit'
  | 'waitForCopies'
  | 'load'
  | 'store'
  | 'arriveAtPhase'
  | 'arriveBehindCopies'
  | 'waitForPhase'
  | 'fillPhase'
  | 'multiply'
  | 'commitProducts'
  | 'waitForProducts';

/** How an instruction passes through a multiprocessor. */
export interface Timing {
  readonly pipe: Pipe;
  /** Clocks until the pipe takes the next one. */
  readonly interval: number;
  /** Slots of the scheduler: what the assembler makes two of takes two. */
  readonly slots: number;
  /** Clocks from the issue until a reader may issue. */
  readonly latency: number;
  /** What a reader waits for. */
  readonly reason: StallReason;
  readonly action: Action;
}

/** Of an instruction of PTX on an architecture. */
export function timingOf(instruction: TracedInstruction, model: ArchitectureModel): Timing {
  const { opcode, class: kind } = instruction;
  const { latencies, rates, schedulers } = model;
  const interval = (rate: number) => Math.max(1, (32 * schedulers) / rate);
  const of = (pipe: Pipe, rate: number, latency: number, reason: StallReason = 'wait'): Timing => {
    const slots = isSplit(instruction) ? 2 : 1;
    return { pipe, interval: slots * interval(rate), slots, latency: latency + slots - 1, reason, action: 'none' };
  };
  const memory = (action: Action, latency: number, reason: StallReason): Timing => {
    return { pipe: 'memory', interval: 0, slots: 1, latency, reason, action };
  };
  switch (kind) {
    case 'integer':
      if (isRenaming(instruction)) return { ...of('alu', rates.integer, 0), action: 'rename' };
      return isMultiplication(opcode)
        ? of('fma', rates.integer, latencies.arithmetic)
        : of('alu', rates.integer, latencies.arithmetic);
    case 'move':
      if (isRenaming(instruction)) return { ...of('alu', rates.integer, 0), action: 'rename' };
      return of('alu', rates.integer, latencies.arithmetic);
    case 'float32':
      return of('fma', rates.float32, latencies.arithmetic);
    case 'float16':
      return of('fma', rates.float16 / 2, latencies.float16);
    case 'float64':
      return of('float64', rates.float64, latencies.float64, 'shortScoreboard');
    case 'special':
      return of('special', rates.special, latencies.special, 'shortScoreboard');
    case 'conversion':
      return of('special', rates.conversion, latencies.special, 'shortScoreboard');
    case 'matrix':
      return matrixTiming(instruction, model);
    case 'exchange':
      return memory('none', latencies.shared, 'shortScoreboard');
    case 'loadShared':
    case 'matrixLoad':
      return memory(opcode.startsWith('st') ? 'store' : 'load', latencies.shared, 'shortScoreboard');
    case 'loadConstant':
      return memory('none', latencies.constant, 'shortScoreboard');
    case 'loadGlobal':
    case 'atomic':
      return memory('load', latencies.global, 'longScoreboard');
    case 'loadLocal':
      return memory('load', latencies.local, 'longScoreboard');
    case 'storeShared':
    case 'storeGlobal':
    case 'storeLocal':
      return memory('store', 0, 'wait');
    case 'copy':
      if (opcode.startsWith('cp.async.bulk')) return bulkTiming(opcode, memory('fillPhase', latencies.global, 'copy'));
      if (opcode.includes('commit_group')) return { ...of('alu', rates.integer, 0), action: 'commit' };
      return memory('copy', latencies.global, 'copy');
    case 'barrier':
      return { ...of('alu', rates.integer, latencies.barrier, 'barrier'), action: synchronization(opcode) };
    case 'control':
      return of('alu', rates.integer, 0);
  }
}

/** Copies into shared memory count for an mbarrier; nobody waits for others here, or for what only commits and waits. */
function bulkTiming(opcode: string, fill: Timing): Timing {
  if (/^cp\.async\.bulk(\.tensor\.[1-5]d)?\.shared/.test(opcode)) return fill;
  return { ...fill, latency: 0, action: 'none' };
}

function matrixTiming(instruction: TracedInstruction, model: ArchitectureModel): Timing {
  const { multiplyAdds, matrixType, opcode } = instruction;
  // Fragments of `wmma` are loads and stores of shared memory.
  if (/^wmma\.(load|store)/.test(opcode)) {
    const isStore = opcode.startsWith('wmma.store');
    const { shared } = model.latencies;
    const reason = isStore ? 'wait' : 'shortScoreboard';
    const action = isStore ? 'store' : 'load';
    return { pipe: 'memory', interval: 0, slots: 1, latency: isStore ? 0 : shared, reason, action };
  }
  const isAsynchronous = opcode.startsWith('wgmma');
  const share = isAsynchronous ? 1 : model.warpMatrixShare;
  const rate = (model.matrixRates[matrixType] * share) / model.schedulers;
  const interval = rate > 0 ? Math.max(1, multiplyAdds / rate) : 1;
  const latency = interval + model.latencies.matrix;
  const action = isAsynchronous ? 'multiply' : 'none';
  return { pipe: 'matrix', interval, slots: 1, latency, reason: 'matrixScoreboard', action };
}

function synchronization(opcode: string): Action {
  if (opcode.startsWith('wgmma.commit')) return 'commitProducts';
  if (opcode.startsWith('wgmma.wait')) return 'waitForProducts';
  if (/^mbarrier\.(try|test)_wait/.test(opcode)) return 'waitForPhase';
  if (opcode.startsWith('mbarrier.arrive')) return 'arriveAtPhase';
  if (opcode.startsWith('cp.async.mbarrier.arrive')) return 'arriveBehindCopies';
  if (opcode.startsWith('cp.async.wait')) return 'waitForCopies';
  // Blocks of a cluster are taken to be alike: they are where this one is.
  if (opcode.startsWith('barrier.cluster')) return opcode.includes('.wait') ? 'barrier' : 'none';
  if (!/^(bar|barrier)\./.test(opcode) || opcode.startsWith('bar.warp')) return 'none';
  return opcode.includes('.arrive') ? 'arrive' : 'barrier';
}

/** Copies between registers and casts of addresses, which the assembler's register allocation makes vanish. */
function isRenaming({ opcode, uses, defines }: TracedInstruction): boolean {
  return /^(mov\.[bsuf]|mov\.pred|cvta)/.test(opcode) && uses.length === 1 && defines.length === 1;
}

const isMultiplication = (opcode: string): boolean => /^(mul|mad|dp[24]a)/.test(opcode);

/** Of 64 bits: two instructions of the machine, with a carry. */
const isSplit = ({ opcode, class: kind }: TracedInstruction): boolean =>
  (kind === 'integer' || kind === 'move') && /\.[bsu]64\b/.test(opcode) && !opcode.includes('.wide');
