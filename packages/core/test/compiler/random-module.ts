import { byteLength, type DataType, type Instruction, type Module, type Step, type View } from '@halyard/core';
import fc from 'fast-check';
import { contiguous, contiguousStrides, elementCount, transpose, viewRange } from '../../src/compiler/views.js';

type Tensors = { type: DataType; shape: number[]; origin: Module['tensors'][number]['origin'] }[];

/** A source of decisions. */
export interface Dice {
  /** From 0 to below `end`. */
  below(end: number): number;
}

/** Decisions that follow from a seed. */
export function dice(seed: number): Dice {
  let state = seed;
  return {
    below: (end) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * end);
    },
  };
}

/** Random modules over small integers, so that every order of evaluation and every width of floats gives equal bits. */
export const randomModules: fc.Arbitrary<Module> = fc
  .infiniteStream(fc.nat(2 ** 20))
  .map((stream) => randomModule({ below: (end) => (end <= 1 ? 0 : (stream.next().value as number) % end) }));

export function randomModule(dice: Dice): Module {
  const writer = new RandomWriter(dice);
  for (let count = 2 + dice.below(3); count > 0; count--) writer.source();
  for (let count = 2 + dice.below(9); count > 0; count--) writer.anyStep();
  writer.outputs();
  return { tensors: writer.tensors, steps: writer.steps };
}

/** Whatever is computed stays in −4 … 4. */
const bound = 4;

class RandomWriter {
  readonly tensors: Tensors = [];
  readonly steps: Step[] = [];
  /** Tensors that hold something by now. */
  readonly #filled: number[] = [];

  constructor(private readonly dice: Dice) {}

  source(): void {
    const shape = this.#shape();
    const type = this.#type();
    const name = `${this.tensors.length}`;
    const kinds = ['input', 'input', 'state', 'constant'] as const;
    const kind = kinds[this.dice.below(kinds.length)]!;
    if (kind !== 'constant') {
      this.#filled.push(this.tensors.push({ type, shape, origin: { kind, name } }) - 1);
      return;
    }
    const values = Array.from({ length: elementCount(shape) }, () => this.dice.below(2 * bound + 1) - bound);
    const data = bytesOf(type, values);
    const source = { fingerprint: `${type} ${values.join(',')}`, parts: [{ data }] };
    this.#filled.push(this.tensors.push({ type, shape, origin: { kind, source } }) - 1);
  }

  anyStep(): void {
    const makers = [
      () => this.#map(),
      () => this.#map(),
      () => this.#map(),
      () => this.#copy(),
      () => this.#reduce(),
      () => this.#matmul(),
      () => this.#gather(),
      () => this.#concatenation(),
      () => this.#twoParts(),
      () => this.#assign(),
      () => this.#scatter(),
      () => this.#scan(),
    ];
    makers[this.dice.below(makers.length)]!();
  }

  /** The last tensors, and now and then an earlier one, go out. */
  outputs(): void {
    const temporaries = this.#filled.filter((tensor) => this.tensors[tensor]!.origin.kind === 'temporary');
    const last = temporaries.slice(-2);
    const chosen = new Set([...last, ...temporaries.filter(() => this.dice.below(5) === 0)]);
    for (const tensor of chosen) {
      const { type, shape } = this.tensors[tensor]!;
      const output = this.tensors.push({ type, shape, origin: { kind: 'output', name: `out ${tensor}` } }) - 1;
      this.#addMap([contiguous(tensor, shape)], [contiguous(output, shape)], [], [0]);
    }
  }

  #map(): void {
    const shape = this.#shape();
    const type = this.#type();
    const inputs = Array.from({ length: 1 + this.dice.below(3) }, () => this.#anyView(shape));
    const body: Instruction[] = [];
    const last = () => inputs.length + body.length - 1;
    const cast = inputs.map((view, at) => {
      if (this.tensors[view.tensor]!.type === type) return at;
      body.push({ op: 'cast', arguments: [at], dataType: type });
      return last();
    });
    let value = cast[0]!;
    for (const other of [...cast.slice(1), ...cast.slice(0, this.dice.below(2))]) {
      const op = (['add', 'sub', 'mul', 'min', 'max'] as const)[this.dice.below(5)]!;
      body.push({ op, arguments: [value, other], dataType: type });
      value = this.#clamp(body, inputs.length, last(), type);
    }
    if (this.dice.below(3) === 0) {
      body.push({ op: (['neg', 'abs', 'sign'] as const)[this.dice.below(3)]!, arguments: [value], dataType: type });
      value = last();
    }
    if (shape.length > 0 && this.dice.below(4) === 0) {
      body.push({ op: 'coordinate', arguments: [], dataType: type, value: this.dice.below(shape.length) });
      body.push({ op: 'min', arguments: [value, last()], dataType: type });
      value = last();
    }
    this.#addMap(inputs, [this.#temporary(type, shape)], body, [value]);
  }

  #copy(): void {
    const shape = this.#shape();
    const from = this.#anyView(shape);
    this.#addMap([from], [this.#temporary(this.tensors[from.tensor]!.type, shape)], [], [0]);
  }

  #reduce(): void {
    const x = this.#anyView(this.#shape(1));
    const axes = [...x.shape.keys()].filter(() => this.dice.below(2) === 0);
    const type = this.tensors[x.tensor]!.type;
    const combine = x.shape.some((extent) => extent === 0)
      ? 'sum'
      : (['sum', 'max', 'min'] as const)[this.dice.below(3)]!;
    const shape = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    this.#addBounded('reduce', [x], type, shape, { combine, axes, accumulate: type });
  }

  #matmul(): void {
    const batch = this.#shape(0, 1);
    const [m, k, n] = [this.dice.below(4), 1 + this.dice.below(3), 1 + this.dice.below(4)] as const;
    const a = this.#anyView([...batch, m, k]);
    const type = this.tensors[a.tensor]!.type;
    const b = this.#anyView([...batch, k, n], type);
    this.#addBounded('matmul', [a, b], type, [...batch, m, n], { multiply: 'float32', accumulate: type });
    if (this.dice.below(3) > 0) return;
    const other = this.#anyView([...batch, k, n], type);
    this.#addBounded('matmul', [a, other], type, [...batch, m, n], { multiply: 'float32', accumulate: type });
    const [first, second] = this.#filled.slice(-2).map((tensor) => contiguous(tensor, [...batch, m, n]));
    const body: Instruction[] = [{ op: 'min', arguments: [0, 1], dataType: type }];
    this.#addMap([first!, second!], [this.#temporary(type, [...batch, m, n])], body, [2]);
  }

  #gather(): void {
    const from = this.#anyView(this.#shape(1).map((extent) => Math.max(extent, 1)));
    const indices = this.#anyView(this.#shape(0, 2), 'int32');
    const axis = this.dice.below(from.shape.length);
    const shape = [...from.shape.slice(0, axis), ...indices.shape, ...from.shape.slice(axis + 1)];
    const type = this.tensors[from.tensor]!.type;
    this.#add('gather', [from, indices], [this.#temporary(type, shape)], { form: 'rows', axis });
  }

  /** Two copies side by side in one tensor. */
  #concatenation(): void {
    const shape = this.#shape(1);
    const type = this.#type();
    const axis = this.dice.below(shape.length);
    const parts = [this.#anyView(shape, type), this.#anyView(shape, type)];
    const whole = shape.map((extent, at) => (at === axis ? 2 * extent : extent));
    const target = this.#temporary(type, whole);
    parts.forEach((part, at) => {
      const offset = at * shape[axis]! * target.strides[axis]!;
      this.#addMap([part], [{ ...target, offset, shape }], [], [0]);
    });
  }

  /** One map with two outputs that are interleaved in one tensor. */
  #twoParts(): void {
    const shape = this.#shape();
    const type = this.#type();
    const [x, y] = [this.#anyView(shape, type), this.#anyView(shape, type)];
    const target = this.#temporary(type, [...shape, 2]);
    const [strides, apart] = [target.strides.slice(0, -1), target.strides[shape.length]!];
    const part = (at: number) => ({ ...target, offset: at * apart, shape, strides });
    const body: Instruction[] = [
      { op: 'min', arguments: [0, 1], dataType: type },
      { op: 'max', arguments: [0, 1], dataType: type },
    ];
    this.#addMap([x, y], [part(0), part(1)], body, [2, 3]);
  }

  /** Writes a state, whole or by rows, and reads it again. */
  #assign(): void {
    const states = [...this.tensors.keys()].filter((tensor) => this.tensors[tensor]!.origin.kind === 'state');
    const state = states[this.dice.below(states.length)];
    if (state === undefined) {
      this.#map();
      return;
    }
    const { type, shape } = this.tensors[state]!;
    const whole = contiguous(state, shape);
    if (shape.length === 0 || this.dice.below(2) === 0) {
      const from = this.#anyView(shape, type, state);
      this.#addMap([from], [whole], [], [0]);
    } else {
      const axis = this.dice.below(shape.length);
      const count = this.dice.below(3);
      // Of rows that are named twice either may stay: distinct ones are taken, some of them outside.
      const named = Array.from({ length: count }, (_, at) => at * 2 - this.dice.below(2));
      const indices = this.#constant('int32', [count], named);
      const from = this.#anyView(
        shape.map((extent, at) => (at === axis ? count : extent)),
        type,
        state,
      );
      this.#add('map', [from], [{ ...whole, rows: { axis, indices } }], {}, { inputs: [], body: [], results: [0] });
    }
    this.#addMap([whole], [this.#temporary(type, shape)], [], [0]);
  }

  /** Copies a view and writes some rows of the copy anew. */
  #scatter(): void {
    const shape = this.#shape(1);
    const from = this.#anyView(shape);
    const type = this.tensors[from.tensor]!.type;
    const target = this.#temporary(type, shape);
    this.#addMap([from], [target], [], [0]);
    const axis = this.dice.below(shape.length);
    const count = Math.min(this.dice.below(3), shape[axis]!);
    const indices = this.#constant('int32', [count], [...Array(count).keys()]);
    const updates = this.#anyView(
      shape.map((extent, at) => (at === axis ? count : extent)),
      type,
      target.tensor,
    );
    this.#add('scatter', [indices, updates], [target], {
      form: 'rows',
      axis,
      combine: (['replace', 'max'] as const)[this.dice.below(2)]!,
      outOfRange: 'drop',
    });
  }

  #scan(): void {
    const x = this.#anyView(this.#shape(1));
    const [exclusive, reversed] = [false, this.dice.below(2) === 0];
    const axis = this.dice.below(x.shape.length);
    const combine = (['max', 'min'] as const)[this.dice.below(2)]!;
    const target = this.#temporary(this.tensors[x.tensor]!.type, [...x.shape]);
    this.#add('scan', [x], [target], { combine, axis, exclusive, reversed });
  }

  /** A step whose results are brought back into bounds by a map behind it. */
  #addBounded(kind: string, inputs: View[], type: DataType, shape: number[], attributes: Step['attributes']): void {
    const raw = this.#temporary(type, shape);
    this.#add(kind, inputs, [raw], attributes);
    const body: Instruction[] = [];
    const value = this.#clamp(body, 1, 0, type);
    this.#addMap([raw], [this.#temporary(type, shape)], body, [value]);
  }

  #clamp(body: Instruction[], inputs: number, value: number, type: DataType): number {
    const constant = (number: number) =>
      inputs + body.push({ op: 'constant', arguments: [], dataType: type, value: number }) - 1;
    const high = constant(bound);
    const low = constant(-bound);
    const below = inputs + body.push({ op: 'min', arguments: [value, high], dataType: type }) - 1;
    return inputs + body.push({ op: 'max', arguments: [below, low], dataType: type }) - 1;
  }

  #addMap(inputs: readonly View[], outputs: readonly View[], body: Instruction[], results: number[]): void {
    this.#add('map', inputs, outputs, {}, { inputs: [], body, results });
  }

  #add(
    kind: string,
    inputs: readonly View[],
    outputs: Step['outputs'],
    attributes: Step['attributes'],
    epilogue?: Step['epilogue'],
  ): void {
    const origin = [`${kind} ${this.steps.length}`];
    this.steps.push({ kind, inputs, outputs, attributes, after: [], origin, ...(epilogue && { epilogue }) });
    for (const { tensor } of outputs) if (!this.#filled.includes(tensor)) this.#filled.push(tensor);
  }

  /** Dense, or with its axes in another order in memory. */
  #temporary(type: DataType, shape: number[]): View {
    const order = [...shape.keys()];
    if (shape.length > 1 && this.dice.below(3) === 0) order.reverse();
    const tensor =
      this.tensors.push({ type, shape: order.map((axis) => shape[axis]!), origin: { kind: 'temporary' } }) - 1;
    return transpose(
      contiguous(
        tensor,
        order.map((axis) => shape[axis]!),
      ),
      order.map((_, axis) => order.indexOf(axis)),
    );
  }

  #constant(type: DataType, shape: number[], values: readonly number[]): View {
    const source = { fingerprint: `${type} ${values.join(',')}`, parts: [{ data: bytesOf(type, values) }] };
    return contiguous(this.tensors.push({ type, shape, origin: { kind: 'constant', source } }) - 1, shape);
  }

  /** A view of something that is there, whole where that fits, else with any strides that stay inside. */
  #anyView(shape: readonly number[], type?: DataType, besides?: number): View {
    const candidates = this.#filled.filter(
      (tensor) => tensor !== besides && (type === undefined || this.tensors[tensor]!.type === type),
    );
    const fitting = candidates.filter((tensor) => elementCount(this.tensors[tensor]!.shape) === elementCount(shape));
    if (fitting.length > 0 && this.dice.below(3) > 0) {
      return contiguous(fitting[this.dice.below(fitting.length)]!, shape);
    }
    const usable = candidates.filter((tensor) => elementCount(this.tensors[tensor]!.shape) > 0);
    if (usable.length === 0) {
      const wanted = type ?? 'int32';
      return { ...this.#constant(wanted, [], [this.dice.below(3)]), shape, strides: shape.map(() => 0) };
    }
    // What was made last is read most.
    const tensor = usable[Math.max(0, usable.length - 1 - this.dice.below(usable.length) * this.dice.below(2))]!;
    const count = elementCount(this.tensors[tensor]!.shape);
    for (let attempt = 0; attempt < 8; attempt++) {
      const base = contiguousStrides(this.tensors[tensor]!.shape);
      const choices = [0, 1, ...base, ...base.map((stride) => -stride), 2 * (base[0] ?? 1)];
      const strides = shape.map(() => choices[this.dice.below(choices.length)]!);
      const range = viewRange({ tensor, offset: 0, shape, strides });
      const room = range ? count - (range.highest - range.lowest) : 1;
      if (room < 1) continue;
      return { tensor, offset: range ? this.dice.below(room) - range.lowest : 0, shape, strides };
    }
    return { tensor, offset: this.dice.below(count), shape, strides: shape.map(() => 0) };
  }

  #shape(least = 0, most = 3): number[] {
    const rank = least + this.dice.below(most - least + 1);
    return Array.from({ length: rank }, () => (this.dice.below(16) === 0 ? 0 : 1 + this.dice.below(4)));
  }

  #type(): DataType {
    return (['float32', 'int32', 'float32', 'float16'] as const)[this.dice.below(4)]!;
  }
}

function bytesOf(type: DataType, values: readonly number[]): Uint8Array {
  if (type === 'float32') return new Uint8Array(Float32Array.from(values).buffer);
  if (type === 'int32') return new Uint8Array(Int32Array.from(values).buffer);
  return new Uint8Array(Uint16Array.from(values, float16Bits).buffer);
}

/** Of integers from −4 to 4. */
function float16Bits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

/** Contents for inputs and states: small integers of the tensor's type. */
export function randomContents(
  module: Module,
  dice: Dice,
): { inputs: Map<string, Uint8Array>; states: Map<string, Uint8Array> } {
  const inputs = new Map<string, Uint8Array>();
  const states = new Map<string, Uint8Array>();
  for (const { type, shape, origin } of module.tensors) {
    if (origin.kind !== 'input' && origin.kind !== 'state') continue;
    const values = Array.from({ length: elementCount(shape) }, () => dice.below(2 * bound + 1) - bound);
    const bytes = bytesOf(type as DataType, values);
    if (bytes.byteLength !== byteLength(type, shape)) throw new RangeError('the contents do not fit');
    (origin.kind === 'input' ? inputs : states).set(origin.name, bytes);
  }
  return { inputs, states };
}
