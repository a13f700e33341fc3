import { Groups } from './groups.js';
import type { Phases } from './synchronization.js';
import type { StallReason, Timing } from './timing.js';

/** One warp's events in the order in which they issue, and what each takes. */
export interface WarpProgram {
  /** Index of the instruction, by event. */
  readonly instructions: ArrayLike<number>;
  readonly order: Uint32Array;
  readonly lanes: ArrayLike<number>;
  readonly sectors: ArrayLike<number>;
  readonly multicasts: ArrayLike<number>;
  readonly wavefronts: ArrayLike<number>;
  readonly details: ArrayLike<number>;
}

/** Instructions with their registers, packed for the replay. */
export interface ReplayInstruction {
  readonly timing: Timing;
  readonly defines: readonly number[];
  readonly uses: readonly number[];
  readonly bytes: number;
  /** That the matrix units of the multiprocessor would take for it at their peak. */
  readonly matrixClocks: number;
}

/** A warp on its way through its program: when its registers and copies are ready. */
export class WarpState {
  position = 0;
  /** No earlier than this does the next instruction issue, for its operands … */
  readyAt = 0;
  /** … because of this. */
  reason: StallReason = 'wait';
  /** When it may issue again after its last instruction. */
  free: number;
  isWaiting = false;
  readonly #ready: Float64Array;
  readonly #reasons: StallReason[];
  readonly copies = new Groups();
  readonly products = new Groups();

  constructor(
    readonly program: WarpProgram,
    readonly block: number,
    private readonly phases: Phases,
    registers: number,
    start: number,
  ) {
    this.free = start;
    this.#ready = new Float64Array(registers);
    this.#reasons = new Array(registers).fill('wait');
  }

  get isDone(): boolean {
    return this.position >= this.program.order.length;
  }

  get event(): number {
    return this.program.order[this.position]!;
  }

  /** Passes over what takes no time, and finds when the next instruction may issue. */
  prepare(instructions: readonly ReplayInstruction[]): void {
    for (; !this.isDone; this.position++) {
      const instruction = instructions[this.program.instructions[this.event]!]!;
      if (instruction.timing.action !== 'rename') {
        this.#find(instruction);
        return;
      }
      const [from, to] = [instruction.uses[0]!, instruction.defines[0]!];
      this.#ready[to] = this.#ready[from]!;
      this.#reasons[to] = this.#reasons[from]!;
    }
  }

  #find({ timing, uses, defines }: ReplayInstruction): void {
    this.readyAt = this.free;
    this.reason = 'wait';
    for (const register of uses) this.#waitFor(register);
    // A register is not written before what was written to it earlier has come.
    for (const register of defines) this.#waitFor(register);
    const detail = this.program.details[this.event]!;
    if (timing.action === 'waitForCopies') {
      this.waitUntil(detail === 0 ? this.copies.allOverAt : this.copies.overAt(detail), 'copy');
    } else if (timing.action === 'waitForProducts') {
      this.waitUntil(this.products.overAt(detail), 'matrixScoreboard');
    } else if (timing.action === 'waitForPhase') {
      const time = this.phases.wait(detail, this);
      if (time === undefined) this.isWaiting = true;
      else this.waitUntil(time, 'copy');
    }
  }

  #waitFor(register: number): void {
    this.waitUntil(this.#ready[register]!, this.#reasons[register]!);
  }

  /** No earlier than `time` does the next instruction issue. */
  waitUntil(time: number, reason: StallReason): void {
    if (time <= this.readyAt) return;
    this.readyAt = time;
    this.reason = reason;
  }

  write(registers: readonly number[], time: number, reason: StallReason): void {
    for (const register of registers) {
      this.#ready[register] = time;
      this.#reasons[register] = reason;
    }
  }
}
