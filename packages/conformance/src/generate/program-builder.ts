import {
  type Binding,
  byteLength,
  contractVersion,
  type Program,
  type Step,
  type Tensor,
  type Type,
  type View,
} from '@halyard/core';

/** A program and what to run it on. */
export interface ProgramCase {
  readonly name: string;
  readonly program: Program;
  /** The bytes of each binding before the run. */
  readonly data: readonly Uint8Array[];
}

const alignment = 256;

/** Puts a program together, one tensor and step after another. */
export class ProgramBuilder {
  readonly tensors: Tensor[] = [];
  readonly #bindings: Binding[] = [];
  readonly #data: Uint8Array[] = [];
  readonly #steps: Step[] = [];
  #workspaceBytes = 0;

  /** A binding with one tensor in it. */
  bind(role: Binding['role'], type: Type, shape: readonly number[], data?: Uint8Array): number {
    const bytes = byteLength(type, shape);
    const index = this.#bindings.length;
    this.#bindings.push(
      role === 'constant'
        ? { role, fingerprint: `constant-${index}`, bytes }
        : { role, name: `${role}-${index}`, bytes },
    );
    this.#data.push(data ?? new Uint8Array(bytes));
    this.tensors.push({ type, shape, at: { binding: index }, offset: 0 });
    return this.tensors.length - 1;
  }

  /** A tensor in the workspace. */
  temporary(type: Type, shape: readonly number[]): number {
    this.tensors.push({ type, shape, at: 'workspace', offset: this.#workspaceBytes });
    this.#workspaceBytes = Math.ceil((this.#workspaceBytes + byteLength(type, shape)) / alignment) * alignment;
    return this.tensors.length - 1;
  }

  /** Adds a step behind all earlier ones that write what it reads or writes, or read what it writes. */
  step(step: Omit<Step, 'after' | 'origin'>): void {
    const { reads, writes } = touched(step);
    const after = this.#steps.flatMap((earlier, index) => {
      const other = touched(earlier);
      const meets = (a: ReadonlySet<number>, b: ReadonlySet<number>) => [...a].some((tensor) => b.has(tensor));
      return meets(other.writes, reads) || meets(other.writes, writes) || meets(other.reads, writes) ? [index] : [];
    });
    this.#steps.push({ ...step, after, origin: [] });
  }

  finish(name: string): ProgramCase {
    const program = {
      version: contractVersion,
      bindings: this.#bindings,
      tensors: this.tensors,
      steps: this.#steps,
      workspaceBytes: this.#workspaceBytes,
    };
    return { name, program, data: this.#data };
  }
}

/** Which tensors a step reads and writes. */
function touched(step: Pick<Step, 'kind' | 'inputs' | 'outputs' | 'epilogue'>) {
  const reads = new Set<number>();
  const writes = new Set<number>();
  const add = (views: readonly (View | undefined)[]) => {
    for (const view of views) if (view) reads.add(view.tensor);
  };
  for (const operand of step.inputs) {
    if (!operand) continue;
    add([operand, ...(operand.prologue?.inputs ?? [])]);
    add([operand.quantization?.scale, operand.quantization?.zeroPoint]);
  }
  add(step.epilogue?.inputs ?? []);
  for (const target of step.outputs) {
    writes.add(target.tensor);
    add([target.rows?.indices]);
    if (step.kind === 'scatter') reads.add(target.tensor);
  }
  return { reads, writes };
}

/** A whole tensor. */
export function wholeView(tensor: number, shape: readonly number[]): View {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  return { tensor, offset: 0, shape, strides };
}
