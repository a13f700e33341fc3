import type { ArchitectureModel } from '../architecture/architecture.js';
import { MemoryPath } from './memory-path.js';
import { type Pipe, type StallReason, stallReasons } from './timing.js';
import { type ReplayInstruction, type WarpProgram, WarpState } from './warp-state.js';

export interface ReplayOptions {
  /** Blocks beside each other. */
  readonly resident: number;
  /** Blocks one after another in all. */
  readonly blocks: number;
  readonly missRate: number;
}

export interface Replayed {
  readonly clocks: number;
  /** Issue slots taken. */
  readonly slots: number;
  readonly multiplyAddClocks: number;
  readonly busy: Readonly<Record<Pipe, number>>;
  /** Clocks of warps. */
  readonly stalls: Readonly<Record<StallReason, number>>;
}

interface Scheduler {
  readonly warps: WarpState[];
  /** The warp that issued last: it goes on as long as it can. */
  last: WarpState | undefined;
  free: number;
  readonly pipes: Record<Pipe, number>;
}

interface Block {
  readonly warps: WarpState[];
  /** By number: warps that arrived, and those that wait. */
  readonly barriers: Map<number, { arrived: number; readonly waiting: WarpState[] }>;
}

/**
 * Replays blocks on one multiprocessor, clock by clock: each scheduler issues from one warp, greedily and then the oldest
 * that is ready, in the order of its program.
 */
export class Multiprocessor {
  readonly #schedulers: Scheduler[];
  readonly #memory: MemoryPath;
  readonly #blocks: Block[] = [];
  readonly #stalls = Object.fromEntries(stallReasons.map((reason) => [reason, 0])) as Record<StallReason, number>;
  readonly #busy: Record<Pipe, number> = noPipes();
  #started = 0;
  #slots = 0;
  #matrix = 0;

  constructor(
    private readonly model: ArchitectureModel,
    private readonly instructions: readonly ReplayInstruction[],
    private readonly registers: number,
    private readonly programs: readonly (readonly WarpProgram[])[],
    private readonly options: ReplayOptions,
  ) {
    this.#memory = new MemoryPath(model);
    this.#schedulers = Array.from({ length: model.schedulers }, () => {
      return { warps: [], last: undefined, free: 0, pipes: noPipes() };
    });
  }

  run(): Replayed {
    for (let i = 0; i < Math.min(this.options.resident, this.options.blocks); i++) this.#startBlock(0);
    let clock = 0;
    for (let next = 0; next < Number.POSITIVE_INFINITY; ) {
      clock = next;
      next = Number.POSITIVE_INFINITY;
      for (const scheduler of this.#schedulers) next = Math.min(next, this.#step(scheduler, clock));
    }
    if (this.#schedulers.some(({ warps }) => warps.length > 0)) {
      throw new RangeError('warps of the trace wait for others that it does not have');
    }
    return {
      clocks: Math.ceil(Math.max(clock, this.#memory.idleAt)),
      slots: this.#slots,
      multiplyAddClocks: this.#matrix,
      busy: { ...this.#busy, ...this.#memory.busy },
      stalls: this.#stalls,
    };
  }

  #startBlock(time: number): void {
    const programs = this.programs[this.#started % this.programs.length]!;
    const number = this.#blocks.length;
    const warps = programs.map((program) => new WarpState(program, number, this.registers, time));
    for (const [i, warp] of warps.entries()) {
      warp.prepare(this.instructions);
      const place = (this.#started * programs.length + i) % this.#schedulers.length;
      if (!warp.isDone) this.#schedulers[place]!.warps.push(warp);
    }
    this.#blocks.push({ warps, barriers: new Map() });
    this.#started++;
  }

  /** Issues what can be issued, and says when to look again. */
  #step(scheduler: Scheduler, clock: number): number {
    if (scheduler.free > clock) return scheduler.free;
    let next = Number.POSITIVE_INFINITY;
    let chosen: WarpState | undefined;
    for (const warp of scheduler.warps) {
      if (warp.isWaiting) continue;
      const possible = Math.max(warp.readyAt, this.#pipeFree(scheduler, warp));
      if (possible > clock) next = Math.min(next, possible);
      else if (!chosen || warp === scheduler.last) chosen = warp;
    }
    if (!chosen) return Math.ceil(next);
    this.#issue(scheduler, chosen, clock);
    return scheduler.free;
  }

  #instruction(warp: WarpState): ReplayInstruction {
    return this.instructions[warp.program.instructions[warp.event]!]!;
  }

  #pipeFree(scheduler: Scheduler, warp: WarpState): number {
    const { pipe } = this.#instruction(warp).timing;
    return pipe === 'memory' ? this.#memory.roomAt : scheduler.pipes[pipe];
  }

  #issue(scheduler: Scheduler, warp: WarpState, clock: number): void {
    const instruction = this.#instruction(warp);
    const { timing } = instruction;
    this.#account(scheduler, warp, clock);
    this.#slots += timing.slots;
    scheduler.free = clock + timing.slots;
    scheduler.last = warp;
    warp.free = clock + timing.slots;
    if (timing.pipe !== 'memory') {
      scheduler.pipes[timing.pipe] = clock + timing.interval;
      this.#busy[timing.pipe] += timing.interval / this.#schedulers.length;
    }
    if (timing.pipe === 'matrix') this.#matrix += timing.interval * this.model.warpMatrixShare;
    const isActive = warp.program.lanes[warp.event]! > 0;
    const block = this.#blocks[warp.block]!;
    if (isActive) this.#act(warp, instruction, block, clock);
    else warp.write(instruction.defines, clock + 1, 'wait');
    if (warp.isWaiting) return;
    this.#advance(scheduler, warp, block, clock);
  }

  #advance(scheduler: Scheduler, warp: WarpState, block: Block, clock: number): void {
    warp.position++;
    warp.prepare(this.instructions);
    if (!warp.isDone) return;
    scheduler.warps.splice(scheduler.warps.indexOf(warp), 1);
    for (const number of block.barriers.keys()) this.#release(block, number, 0, clock);
    if (block.warps.every(({ isDone }) => isDone) && this.#started < this.options.blocks) this.#startBlock(clock + 1);
  }

  #act(warp: WarpState, instruction: ReplayInstruction, block: Block, clock: number): void {
    const { timing, defines } = instruction;
    const { action, pipe } = timing;
    if (action === 'barrier' || action === 'arrive') this.#arrive(block, warp, action === 'barrier', clock);
    else if (action === 'commit') warp.commit();
    else if (pipe === 'memory') this.#access(warp, instruction, clock);
    else warp.write(defines, clock + timing.latency, timing.reason);
  }

  #access(warp: WarpState, { timing, defines, bytes }: ReplayInstruction, clock: number): void {
    const { program, event } = warp;
    const isCopy = timing.action === 'copy';
    const sectors = program.sectors[event]!;
    // Global memory passes the same data path, 128 bytes a clock; a copy is also written to shared memory.
    const wavefronts = program.wavefronts[event]! + sectors / 4 + (isCopy ? (program.lanes[event]! * bytes) / 128 : 0);
    const arrival = this.#memory.begin(clock, { sectors, wavefronts, missRate: this.options.missRate });
    if (isCopy) warp.copyUntil(arrival + timing.latency);
    else warp.write(defines, arrival + timing.latency, timing.reason);
  }

  #arrive(block: Block, warp: WarpState, waits: boolean, clock: number): void {
    const detail = warp.program.details[warp.event]!;
    const number = detail & 255;
    let barrier = block.barriers.get(number);
    if (!barrier) block.barriers.set(number, (barrier = { arrived: 0, waiting: [] }));
    barrier.arrived++;
    if (waits) {
      warp.isWaiting = true;
      barrier.waiting.push(warp);
    }
    this.#release(block, number, detail >>> 8, clock);
  }

  /** Lets those go who wait, if all have come. */
  #release(block: Block, number: number, threads: number, clock: number): void {
    const barrier = block.barriers.get(number)!;
    const expected = threads > 0 ? threads / 32 : block.warps.filter(({ isDone }) => !isDone).length;
    if (barrier.arrived === 0 || barrier.arrived < expected) return;
    block.barriers.delete(number);
    for (const warp of barrier.waiting) {
      this.#stalls.barrier += clock + this.model.latencies.barrier - warp.free;
      warp.isWaiting = false;
      warp.free = clock + this.model.latencies.barrier;
      const scheduler = this.#schedulers.find(({ warps }) => warps.includes(warp))!;
      this.#advance(scheduler, warp, block, clock);
    }
  }

  /** Why the warp did not issue between its last instruction and this one. */
  #account(scheduler: Scheduler, warp: WarpState, clock: number): void {
    const { timing } = this.#instruction(warp);
    const forOperands = Math.max(0, warp.readyAt - warp.free);
    const forPipe = Math.max(0, Math.min(clock, this.#pipeFree(scheduler, warp)) - Math.max(warp.readyAt, warp.free));
    this.#stalls[warp.reason] += forOperands;
    this.#stalls[timing.pipe === 'memory' ? 'memoryThrottle' : 'mathPipeThrottle'] += forPipe;
    this.#stalls.notSelected += Math.max(0, clock - warp.free - forOperands - forPipe);
  }
}

const noPipes = (): Record<Pipe, number> => ({
  alu: 0,
  fma: 0,
  float64: 0,
  special: 0,
  matrix: 0,
  memory: 0,
  cache: 0,
  device: 0,
});
