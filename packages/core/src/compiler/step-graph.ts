import type { Step, View } from '../contract/index.js';
import { type Accesses, accessesOf, conflicts } from './dependences.js';
import type { Module, ModuleTensor } from './module.js';
import { viewsOverlap } from './view-overlap.js';

/**
 * The steps of a module while a pass rewrites them: who writes and reads each tensor, and whether steps may be joined
 * without turning round the order of any two that depend on each other. Private to the pass that makes it.
 */
export class StepGraph {
  readonly tensors: ModuleTensor[];
  #steps: Step[];
  readonly #accesses = new Map<Step, Accesses>();
  readonly #writers = new Map<number, Set<Step>>();
  readonly #readers = new Map<number, Set<Step>>();

  constructor(module: Module) {
    this.tensors = [...module.tensors];
    this.#steps = [...module.steps];
    for (const step of this.#steps) this.#register(step);
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  has(step: Step): boolean {
    return this.#accesses.has(step);
  }

  writersOf(tensor: number): readonly Step[] {
    return [...(this.#writers.get(tensor) ?? [])];
  }

  readersOf(tensor: number): readonly Step[] {
    return [...(this.#readers.get(tensor) ?? [])];
  }

  isTemporary(tensor: number): boolean {
    return this.tensors[tensor]!.origin.kind === 'temporary';
  }

  /** The only step that writes any of what the view reads; `undefined` if it is none or several. */
  writerOf(view: View): Step | undefined {
    let found: Step | undefined;
    for (const step of this.writersOf(view.tensor)) {
      if (!this.#accesses.get(step)!.writes.some((write) => viewsOverlap(write, view))) continue;
      if (found) return undefined;
      found = step;
    }
    return found;
  }

  addTensor(tensor: ModuleTensor): number {
    return this.tensors.push(tensor) - 1;
  }

  position(step: Step): number {
    return this.#steps.indexOf(step);
  }

  /** Whether nothing that the step reads is written by itself or between it and a later step. */
  readsUnchangedUntil(step: Step, later: Step): boolean {
    const { reads } = this.#accesses.get(step)!;
    const end = this.position(later);
    for (let at = this.position(step); at < end; at++) {
      const { writes } = this.#accesses.get(this.#steps[at]!)!;
      if (writes.some((write) => reads.some((read) => viewsOverlap(write, read)))) return false;
    }
    return true;
  }

  /**
   * Puts `replacement` where the steps of `group` are, if that can be done in an order that keeps every dependence;
   * says whether it did. What lies between the first and the last of the group moves before or behind it. The
   * replacement may touch no memory but what the group did.
   */
  join(group: readonly Step[], replacement: readonly Step[]): boolean {
    const members = new Set(group);
    const positions = group.map((step) => this.position(step)).sort((a, b) => a - b);
    const first = positions[0]!;
    const last = positions[positions.length - 1]!;
    const before: Step[] = [];
    const behind: Step[] = [];
    const placed: Accesses[] = [];
    for (let at = first; at <= last; at++) {
      const step = this.#steps[at]!;
      const accesses = this.#accesses.get(step)!;
      if (members.has(step)) {
        if (behind.some((other) => conflicts(this.#accesses.get(other)!, accesses))) return false;
        placed.push(accesses);
        continue;
      }
      const waits =
        placed.some((other) => conflicts(other, accesses)) ||
        behind.some((other) => conflicts(this.#accesses.get(other)!, accesses));
      (waits ? behind : before).push(step);
    }
    this.#steps.splice(first, last - first + 1, ...before, ...replacement, ...behind);
    for (const step of group) this.#forget(step);
    for (const step of replacement) this.#register(step);
    return true;
  }

  /** Puts a step in the place of another that touches the same memory, or less. */
  replace(step: Step, replacement: Step): void {
    this.#steps[this.position(step)] = replacement;
    this.#forget(step);
    this.#register(replacement);
  }

  remove(step: Step): void {
    this.#steps.splice(this.position(step), 1);
    this.#forget(step);
  }

  /** Takes away a step whose results nobody reads, and what then is read by nobody either. */
  removeUnread(step: Step): void {
    const isUnread =
      this.has(step) &&
      step.outputs.every(({ tensor }) => {
        return this.isTemporary(tensor) && this.readersOf(tensor).length === 0;
      });
    if (!isUnread) return;
    const reads = this.#accesses.get(step)!.reads;
    this.remove(step);
    for (const { tensor } of reads) for (const writer of this.writersOf(tensor)) this.removeUnread(writer);
  }

  toModule(): Module {
    return { tensors: this.tensors, steps: this.#steps };
  }

  #register(step: Step): void {
    const accesses = accessesOf(step);
    this.#accesses.set(step, accesses);
    for (const { tensor } of accesses.reads) record(this.#readers, tensor, step);
    for (const { tensor } of accesses.writes) record(this.#writers, tensor, step);
  }

  #forget(step: Step): void {
    const accesses = this.#accesses.get(step)!;
    for (const { tensor } of accesses.reads) this.#readers.get(tensor)?.delete(step);
    for (const { tensor } of accesses.writes) this.#writers.get(tensor)?.delete(step);
    this.#accesses.delete(step);
  }
}

function record(index: Map<number, Set<Step>>, tensor: number, step: Step): void {
  const known = index.get(tensor);
  if (known) known.add(step);
  else index.set(tensor, new Set([step]));
}
