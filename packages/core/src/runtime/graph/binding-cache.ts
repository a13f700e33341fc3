import type { Bound, Token } from '../../contract/index.js';
import type { Telemetry } from '../telemetry.js';
import type { TensorMemory } from '../tensor.js';
import type { ProgramInstance } from './program-instance.js';

/** A set of tensors to which all programs of a graph are bound. */
export interface BindingSet {
  /** One for each slot of the graph's signature. */
  memories: readonly TensorMemory[];
  readonly bounds: Bound[];
  /** By program: one memory for each of its slots. */
  readonly programMemories: (readonly TensorMemory[])[];
  readonly generations: number[];
  /** By program: the last run. */
  readonly lastRuns: (Token | undefined)[];
}

/**
 * The sets of tensors that a graph was dispatched with lately, so that addresses are resolved once for each. Where
 * there are too many, the oldest set is changed slot by slot.
 */
export class BindingCache {
  readonly #programs: readonly ProgramInstance[];
  /** The memory of each slot of a program, given those of the graph's. */
  readonly #memoriesOf: (program: number, memories: readonly TensorMemory[]) => readonly TensorMemory[];
  readonly #telemetry: Telemetry;
  readonly #capacity: number;
  /** The most recent first. */
  readonly #sets: BindingSet[] = [];

  constructor(
    programs: readonly ProgramInstance[],
    memoriesOf: (program: number, memories: readonly TensorMemory[]) => readonly TensorMemory[],
    telemetry: Telemetry,
    capacity = 8,
  ) {
    this.#programs = programs;
    this.#memoriesOf = memoriesOf;
    this.#telemetry = telemetry;
    this.#capacity = capacity;
  }

  /** The set that was used last. */
  get latest(): BindingSet | undefined {
    return this.#sets[0];
  }

  /** The set for these memories, bound anew where needed. */
  get(memories: readonly TensorMemory[]): BindingSet {
    const at = this.#sets.findIndex((set) => set.memories.every((memory, index) => memory === memories[index]));
    let set = this.#sets[at];
    if (set) this.#sets.splice(at, 1);
    else if (this.#sets.length >= this.#capacity) set = this.#reuse(this.#sets.pop()!, memories);
    set ??= this.#bind(memories);
    this.#refresh(set);
    this.#sets.unshift(set);
    return set;
  }

  /** Whether a set is bound to the workspaces that are there now. */
  isCurrent(set: BindingSet): boolean {
    for (let index = 0; index < this.#programs.length; index++) {
      if (set.generations[index] !== this.#programs[index]!.session.workspace.generation) return false;
    }
    return true;
  }

  clear(): void {
    for (const set of this.#sets.splice(0)) this.#drop(set);
  }

  #bind(memories: readonly TensorMemory[]): BindingSet {
    const programMemories = this.#programs.map((_, index) => this.#memoriesOf(index, memories));
    const set: BindingSet = { memories, bounds: [], programMemories, generations: [], lastRuns: [] };
    try {
      for (const [index, program] of this.#programs.entries()) {
        set.bounds.push(program.bind(programMemories[index]!));
        set.generations.push(program.session.workspace.generation);
        set.lastRuns.push(undefined);
      }
    } catch (error) {
      this.#drop(set);
      throw error;
    }
    this.#telemetry.counters.binds += this.#programs.length;
    return set;
  }

  /** Binds anew those programs whose workspace has been replaced. */
  #refresh(set: BindingSet): void {
    for (const [index, program] of this.#programs.entries()) {
      const { generation } = program.session.workspace;
      if (set.generations[index] === generation) continue;
      const bound = program.bind(set.programMemories[index]!);
      disposeBehind(set.bounds[index]!, set.lastRuns[index]);
      set.bounds[index] = bound;
      set.generations[index] = generation;
      this.#telemetry.counters.binds++;
    }
  }

  /** Changes what differs, unless a run is in flight that needs it as it is. */
  #reuse(set: BindingSet, memories: readonly TensorMemory[]): BindingSet | undefined {
    if (set.lastRuns.some((token) => token && !token.isDone) || !this.isCurrent(set)) {
      this.#drop(set);
      return undefined;
    }
    for (const [index, program] of this.#programs.entries()) {
      const next = this.#memoriesOf(index, memories);
      for (const [slot, { binding }] of program.slots.entries()) {
        if (next[slot] === set.programMemories[index]![slot]) continue;
        set.bounds[index]!.rebind(binding, next[slot]!.span);
        this.#telemetry.counters.rebinds++;
      }
      set.programMemories[index] = next;
    }
    set.memories = memories;
    return set;
  }

  #drop(set: BindingSet): void {
    for (const [index, bound] of set.bounds.entries()) disposeBehind(bound, set.lastRuns[index]);
  }
}

function disposeBehind(bound: Bound, token: Token | undefined): void {
  if (!token || token.isDone) bound.dispose();
  else
    void token
      .wait()
      .catch(() => {})
      .then(() => bound.dispose());
}
