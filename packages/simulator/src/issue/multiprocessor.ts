import type { ArchitectureModel } from '../architecture/architecture.js';
import { MemoryPath } from './memory-path.js';
import { Barriers, Phases } from './synchronization.js';
import { type Action, type Pipe, type StallReason, stallReasons } from './timing.js';
import { type ReplayInstruction, type WarpProgram, WarpState } from './warp-state.js';

export interface ReplayOptions {
  /** Blocks beside each other. */
  readonly resident: number;
  /** Blocks one after another in all. */
  readonly blocks: number;
  readonly missRate: number;
  /** That are busy, and share the memory's bandwidth. */
  readonly multiprocessors: number;
}

export interface Replayed {
  readonly clocks: number;
  /** Issue slots taken. */
  readonly slots: number;
  /** That the matrix units would take at their peak. */
  readonly matrixClocks: number;
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
  readonly warps: readonly WarpState[];
  readonly barriers: Barriers;
  readonly phases: Phases;
}

/** What the phases of mbarriers wait for. */
const contributions: ReadonlySet<Action> = new Set(['arriveAtPhase', 'arriveBehindCopies', 'fillPhase']);

/**
 * Replays blocks on one multiprocessor, clock by clock: each scheduler issues from one warp as long as it can, then
 * from the youngest that is ready (Huerta et al., Analyzing Modern NVIDIA GPU Cores, 2025), in the order of its program.
 */
export class Multiprocessor {
  readonly #schedulers: Scheduler[];
  readonly #memory: MemoryPath;
  readonly #blocks: Block[] = [];
  readonly #stalls = Object.fromEntries(stallReasons.map((reason) => [reason, 0])) as Record<StallReason, number>;
  readonly #busy: Record<Pipe, number> = noPipes();
  #started = 0;
  #slots = 0;
  #matrixClocks = 0;

  constructor(
    private readonly model: ArchitectureModel,
    private readonly instructions: readonly ReplayInstruction[],
    private readonly registers: number,
    private readonly programs: readonly (readonly WarpProgram[])[],
    private readonly options: ReplayOptions,
  ) {
    this.#memory = new MemoryPath(model, options.multiprocessors);
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
      matrixClocks: this.#matrixClocks,
      busy: { ...this.#busy, ...this.#memory.busy },
      stalls: this.#stalls,
    };
  }

  #startBlock(time: number): void {
    const programs = this.programs[this.#started % this.programs.length]!;
    const number = this.#blocks.length;
    const phases = new Phases(this.#contributions(programs));
    const warps = programs.map((program) => new WarpState(program, number, phases, this.registers, time));
    for (const [i, warp] of warps.entries()) {
      warp.prepare(this.instructions);
      const place = (this.#started * programs.length + i) % this.#schedulers.length;
      if (!warp.isDone) this.#schedulers[place]!.warps.push(warp);
    }
    this.#blocks.push({ warps, barriers: new Barriers(), phases });
    this.#started++;
  }

  /** What counts for each phase of the block's mbarriers. */
  #contributions(programs: readonly WarpProgram[]): Map<number, number> {
    const result = new Map<number, number>();
    for (const { instructions, lanes, details } of programs) {
      for (let event = 0; event < instructions.length; event++) {
        const { action } = this.instructions[instructions[event]!]!.timing;
        if (!contributions.has(action) || lanes[event] === 0) continue;
        result.set(details[event]!, (result.get(details[event]!) ?? 0) + 1);
      }
    }
    return result;
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
      else if (chosen === undefined || chosen !== scheduler.last) chosen = warp;
    }
    if (!chosen) return Math.ceil(next);
    this.#issue(scheduler, chosen, clock);
    return scheduler.free;
  }

  #instruction(warp: WarpState): ReplayInstruction {
    return this.instructions[warp.program.instructions[warp.event]!]!;
  }

  #pipeFree(scheduler: Scheduler, warp: WarpState): number {
    const { pipe, action } = this.#instruction(warp).timing;
    // Asynchronous products queue behind each other, not their warps.
    if (action === 'multiply') return 0;
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
      scheduler.pipes[timing.pipe] = Math.max(clock, scheduler.pipes[timing.pipe]) + timing.interval;
      this.#busy[timing.pipe] += timing.interval / this.#schedulers.length;
    }
    this.#matrixClocks += instruction.matrixClocks;
    const isActive = warp.program.lanes[warp.event]! > 0;
    const block = this.#blocks[warp.block]!;
    if (isActive) this.#act(scheduler, warp, instruction, block, clock);
    else warp.write(instruction.defines, clock + 1, 'wait');
    // Whom a barrier holds goes on when it is released, be it at once.
    if (!isActive || timing.action !== 'barrier') this.#advance(scheduler, warp, block, clock);
  }

  #advance(scheduler: Scheduler, warp: WarpState, block: Block, clock: number): void {
    warp.position++;
    warp.prepare(this.instructions);
    if (!warp.isDone) return;
    scheduler.warps.splice(scheduler.warps.indexOf(warp), 1);
    for (const number of block.barriers.numbers) this.#release(block, number, clock);
    if (block.warps.every(({ isDone }) => isDone) && this.#started < this.options.blocks) this.#startBlock(clock + 1);
  }

  #act(scheduler: Scheduler, warp: WarpState, instruction: ReplayInstruction, block: Block, clock: number): void {
    const { timing, defines } = instruction;
    const detail = warp.program.details[warp.event]!;
    switch (timing.action) {
      case 'barrier':
      case 'arrive':
        warp.isWaiting = timing.action === 'barrier';
        this.#release(block, block.barriers.arrive(detail, warp.isWaiting ? warp : undefined), clock);
        return;
      case 'commit':
        warp.copies.commit();
        return;
      case 'commitProducts':
        warp.products.commit();
        return;
      case 'arriveAtPhase':
        this.#come(block, detail, clock + this.model.latencies.barrier);
        return;
      case 'arriveBehindCopies':
        this.#come(block, detail, Math.max(clock, warp.copies.allOverAt) + this.model.latencies.barrier);
        return;
      case 'multiply':
        warp.products.add(Math.max(scheduler.pipes.matrix, this.#access(warp, instruction, clock)));
        return;
      case 'copy':
        warp.copies.add(this.#access(warp, instruction, clock));
        return;
      case 'fillPhase':
        this.#come(block, detail, this.#access(warp, instruction, clock));
        return;
      default: {
        const ready = timing.pipe === 'memory' ? this.#access(warp, instruction, clock) : clock + timing.latency;
        warp.write(defines, ready, timing.reason);
      }
    }
  }

  /** When the data of an instruction that reads or writes memory are there. */
  #access({ program, event }: WarpState, { timing, bytes }: ReplayInstruction, clock: number): number {
    const sectors = program.sectors[event]!;
    // Blocks of a cluster are taken to be alike: what one brings to others, they bring to it.
    const multicasts = program.multicasts[event]!;
    // Global memory passes the same data path, 128 bytes a clock; a copy is also written to shared memory.
    const written = timing.action === 'copy' ? (program.lanes[event]! * bytes) / 128 : 0;
    const wavefronts = program.wavefronts[event]! + (sectors + multicasts) / 4 + written;
    return (
      this.#memory.begin(clock, { sectors, multicasts, wavefronts, missRate: this.options.missRate }) + timing.latency
    );
  }

  #come(block: Block, phase: number, time: number): void {
    const released = block.phases.come(phase, time);
    for (const warp of released.warps) {
      warp.isWaiting = false;
      warp.waitUntil(released.time, 'copy');
    }
  }

  /** Lets those go who wait at a barrier, if all have come. */
  #release(block: Block, number: number, clock: number): void {
    const alive = block.warps.filter(({ isDone }) => !isDone).length;
    for (const warp of block.barriers.release(number, alive)) {
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
