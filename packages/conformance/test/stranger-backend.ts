import {
  type BackendPlugin,
  type Computation,
  defineBackend,
  type Operand,
  type Program,
  type ScalarOperator,
  type Step,
  type Support,
  type Tensor,
  type View,
} from '@halyard/core';

/** What a stranger may begin with: four kinds of step over float32, in the simplest of loops, in one file. */
export function strangerBackend(): BackendPlugin {
  return defineBackend({
    name: 'stranger',
    supports: (_adapter, step, tensors) => refusal(step, tensors) ?? true,
    compile:
      (program): Computation =>
      (bindings, workspace) => {
        const memory = new Memory(program, bindings, workspace);
        for (const step of program.steps) kinds[step.kind]!(memory, step as never);
      },
  });
}

const operators: Readonly<Partial<Record<ScalarOperator, (x: number, y: number, z: number) => number>>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: (x, y) => Math.min(x, y),
  max: (x, y) => Math.max(x, y),
  abs: (x) => Math.abs(x),
  neg: (x) => -x,
  exp: (x) => Math.exp(x),
  log: (x) => Math.log(x),
  sqrt: (x) => Math.sqrt(x),
  tanh: (x) => Math.tanh(x),
  sigmoid: (x) => 1 / Math.fround(1 + Math.fround(Math.exp(-x))),
  floor: (x) => Math.floor(x),
};

function refusal(step: Step, tensors: readonly Tensor[]): Support | undefined {
  const refuse = (part: 'step' | 'prologue' | 'epilogue', reason: string) => ({ part, reason });
  if (!(step.kind in kinds)) return refuse('step', `no kernel for ${step.kind}`);
  const indices = step.kind === 'gather' ? step.inputs[1] : undefined;
  for (const view of [...step.inputs, ...step.outputs, ...(step.epilogue?.inputs ?? [])]) {
    if (!view) continue;
    const { type } = tensors[view.tensor]!;
    if (type !== (view === indices ? 'int32' : 'float32')) return refuse('step', `no kernel for ${type}`);
    if ('rows' in view) return refuse('step', 'no rows named at run time');
    if ('prologue' in view || 'quantization' in view) return refuse('prologue', 'operands are read as they are');
  }
  if (step.kind !== 'map' && step.epilogue) return refuse('epilogue', `${step.kind} stores its results as they are`);
  const unknown = step.epilogue?.body.find(({ op, dataType }) => !(op in operators) || dataType !== 'float32');
  if (unknown) return refuse('step', `no scalar operator ${unknown.op} of ${unknown.dataType}`);
  const { combine, form } = step.attributes as { combine?: string; form?: string };
  if (combine !== undefined && combine !== 'sum' && combine !== 'max')
    return refuse('step', `no reduction by ${combine}`);
  return form === undefined || form === 'rows' ? undefined : refuse('step', `no gathering of ${form}`);
}

/** Finds the elements of tensors. */
class Memory {
  readonly #program: Program;
  readonly #at: (tensor: Tensor) => Uint8Array;

  constructor(program: Program, bindings: readonly Uint8Array[], workspace: Uint8Array) {
    this.#program = program;
    this.#at = ({ at }) => (typeof at === 'object' ? bindings[at.binding]! : workspace);
  }

  floats(view: View): Float32Array {
    const bytes = this.#start(view);
    return new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  }

  integers(view: View): Int32Array {
    const bytes = this.#start(view);
    return new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  }

  #start(view: View): Uint8Array {
    const tensor = this.#program.tensors[view.tensor]!;
    return this.#at(tensor).subarray(tensor.offset);
  }
}

const count = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** The places of all elements of a view, in row-major order. */
function places({ offset, shape, strides }: View): number[] {
  return Array.from({ length: count(shape) }, (_, index) => {
    let rest = index;
    let place = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return place;
  });
}

const read = (memory: Memory, view: View): number[] => {
  const elements = memory.floats(view);
  return places(view).map((place) => elements[place]!);
};

function write(memory: Memory, view: View, values: readonly number[]): void {
  const elements = memory.floats(view);
  for (const [index, place] of places(view).entries()) elements[place] = values[index]!;
}

const kinds: Readonly<Record<string, (memory: Memory, step: never) => void>> = { map, reduce, matmul, gather };

function map(memory: Memory, { inputs, outputs, epilogue }: Step<'map'>): void {
  const { body, results, inputs: more } = epilogue!;
  const values = [...inputs, ...more].map((view) => read(memory, view!));
  for (const { op, arguments: given } of body) {
    const [x = [], y = [], z = []] = given.map((index) => values[index]!);
    values.push(x.map((value, i) => Math.fround(operators[op]!(value, y[i]!, z[i]!))));
  }
  for (const [position, target] of outputs.entries()) write(memory, target, values[results[position]!]!);
}

function reduce(memory: Memory, { inputs, outputs, attributes: { axes, combine } }: Step<'reduce'>): void {
  const x = inputs[0]!;
  // The output, seen once for each element that goes into it.
  const [output] = outputs as readonly [View];
  const into = places({
    ...output,
    shape: x.shape,
    strides: output.strides.map((stride, axis) => (axes.includes(axis) ? 0 : stride)),
  });
  write(
    memory,
    output,
    places(output).map(() => (combine === 'sum' ? 0 : -Infinity)),
  );
  const results = memory.floats(output);
  for (const [index, value] of read(memory, x).entries()) {
    const place = into[index]!;
    results[place] = combine === 'sum' ? results[place]! + value : Math.max(results[place]!, value);
  }
}

function matmul(memory: Memory, { inputs, outputs }: Step<'matmul'>): void {
  const [a, ...rights] = inputs as readonly Operand[];
  const [m, k] = a!.shape.slice(-2) as [number, number];
  const left = read(memory, a!);
  for (const [position, b] of rights.entries()) {
    const n = b.shape.at(-1)!;
    const right = read(memory, b);
    const results = Array.from({ length: count(outputs[position]!.shape) }, (_, index) => {
      const [row, column] = [Math.floor(index / n), index % n];
      const batch = Math.floor(row / m);
      let sum = 0;
      for (let i = 0; i < k; i++) {
        sum = Math.fround(sum + Math.fround(left[row * k + i]! * right[(batch * k + i) * n + column]!));
      }
      return sum;
    });
    write(memory, outputs[position]!, results);
  }
}

function gather(memory: Memory, { inputs, outputs, attributes: { axis } }: Step<'gather'>): void {
  const [from, indices] = inputs as readonly Operand[];
  const [extent, inner] = [from!.shape[axis]!, count(from!.shape.slice(axis + 1))];
  const values = read(memory, from!);
  const named = places(indices!).map((place) => memory.integers(indices!)[place]!);
  const results = Array.from({ length: count(outputs[0]!.shape) }, (_, index) => {
    const which = Math.floor(index / inner) % named.length;
    const outer = Math.floor(index / (inner * named.length));
    const wanted = named[which]! < 0 ? named[which]! + extent : named[which]!;
    return values[(outer * extent + Math.min(Math.max(wanted, 0), extent - 1)) * inner + (index % inner)]!;
  });
  write(memory, outputs[0]!, results);
}
