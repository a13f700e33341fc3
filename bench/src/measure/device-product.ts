import type { Device, KernelChoice, Program, Span, Step, Tensor, Type, View } from '@halyard/core';
import { paceOf } from './pace.js';

/** What is multiplied, in what, and stored as what. */
const products = {
  float16: { operand: 'float16', result: 'float16', multiply: 'float32' },
  bfloat16: { operand: 'bfloat16', result: 'bfloat16', multiply: 'float32' },
  float32: { operand: 'float32', result: 'float32', multiply: 'float32' },
  tfloat32: { operand: 'float32', result: 'float32', multiply: 'tfloat32' },
  int8: { operand: 'int8', result: 'int32', multiply: 'int8' },
} as const;

export type ProductType = keyof typeof products;
export const productTypes = Object.keys(products) as ProductType[];

const bytesOf: Readonly<Partial<Record<Type, number>>> = { float16: 2, bfloat16: 2, float32: 4, int8: 1, int32: 4 };
const alignment = 256;
/** Products of one run: enough that what it costs to submit it does not count. */
const inARow = 16;
const shortestMilliseconds = 20;

/** A product with its memory on a device. */
export interface BoundProduct {
  readonly choice: KernelChoice;
  /** Seconds of one product in a row. */
  pace(): Promise<number>;
  result(): Promise<Float64Array>;
  release(): void;
}

/** a [m, k] · b [k, n], b stored as [n, k] as weights are. Throws if the device has no room for it. */
export async function bindProduct(
  device: Device,
  type: ProductType,
  [m, k, n]: readonly [number, number, number],
): Promise<BoundProduct> {
  const { operand, result } = products[type];
  const extents = [m * k, k * n, m * n];
  const bytes = extents.map((elements, at) => elements * bytesOf[at === 2 ? result : operand]!);
  const one = await device.compile(programOf(type, [m, k, n], bytes, 1), [{}]);
  const row = await device.compile(programOf(type, [m, k, n], bytes, inARow), new Array(inARow).fill({}));
  const places = layOut(bytes, Math.max(one.workspaceBytes, row.workspaceBytes, 1));
  const region = await device.memory.reserve(places.total, 'device');
  if (!region) throw new Error(`The device has no room for ${m} × ${k} × ${n}.`);
  const spans = places.spans.map(({ offset, bytes }): Span => ({ region, offset, bytes }));
  const [inputs, workspace] = [spans.slice(0, 3), spans[3]!];
  const queue = device.queue('compute');
  queue.write(ramp(operand, m * k, 1), inputs[0]!);
  queue.write(ramp(operand, k * n, 2), inputs[1]!);
  const [bound, boundRow] = [one, row].map((executable) => executable.bind(inputs, [], workspace));
  return {
    choice: one.explain()[0]!,
    pace: async () => (await paceOf(() => queue.run(boundRow!).wait(), shortestMilliseconds)) / inARow,
    async result() {
      queue.run(bound!);
      const read = new Uint8Array(bytes[2]!);
      await queue.read(inputs[2]!, read).wait();
      return numbersOf(result, read);
    },
    release() {
      for (const it of [bound!, boundRow!, one, row]) it.dispose();
      device.memory.release(region);
    },
  };
}

/** The same product over and over, each behind the one before. */
function programOf(
  type: ProductType,
  [m, k, n]: readonly [number, number, number],
  bytes: readonly number[],
  count: number,
): Program {
  const { operand, result, multiply } = products[type];
  const shapes = [
    [m, k],
    [n, k],
    [m, n],
  ] as const;
  const tensors = shapes.map((shape, binding): Tensor => {
    return { type: binding === 2 ? result : operand, shape, at: { binding }, offset: 0 };
  });
  const view = (tensor: number, shape: readonly number[], strides: readonly number[]): View => {
    return { tensor, offset: 0, shape, strides };
  };
  const accumulate = result === 'int32' ? 'int32' : 'float32';
  const steps = Array.from(
    { length: count },
    (_, at): Step<'matmul'> => ({
      kind: 'matmul',
      inputs: [view(0, [m, k], [k, 1]), view(1, [k, n], [1, k])],
      outputs: [view(2, [m, n], [n, 1])],
      attributes: { multiply, accumulate },
      after: at === 0 ? [] : [at - 1],
      origin: [],
    }),
  );
  const roles = ['input', 'input', 'output'] as const;
  return {
    version: { major: 1, minor: 0 },
    bindings: roles.map((role, at) => ({ role, name: 'abd'[at]!, bytes: bytes[at]! })),
    tensors,
    steps,
    workspaceBytes: 0,
  };
}

function layOut(bytes: readonly number[], workspaceBytes: number) {
  let total = 0;
  const spans = [...bytes, workspaceBytes].map((size) => {
    const offset = total;
    total += Math.ceil(size / alignment) * alignment;
    return { offset, bytes: size };
  });
  return { spans, total };
}

/** Numbers between −1 and 1 (of int8, −8 to 8) in steps of an eighth, which every type here holds. */
function ramp(type: 'float16' | 'bfloat16' | 'float32' | 'int8', length: number, seed: number): Uint8Array {
  const eighths = Int8Array.from({ length }, (_, i) => ((((i + seed) * 2654435761) >>> 16) % 17) - 8);
  if (type === 'int8') return new Uint8Array(eighths.buffer);
  const floats = Float32Array.from(eighths, (eighth) => eighth / 8);
  if (type === 'float32') return new Uint8Array(floats.buffer);
  const bits = new Uint32Array(floats.buffer);
  const halves = Uint16Array.from(bits, (word) => (type === 'bfloat16' ? word >>> 16 : halfOf(word)));
  return new Uint8Array(halves.buffer);
}

/** The float16 of a float32 that it holds. */
const halfOf = (word: number): number =>
  (word & 0x7fffffff) === 0
    ? 0
    : ((word >>> 16) & 0x8000) | ((((word >>> 23) & 0xff) - 112) << 10) | ((word >>> 13) & 0x3ff);

function numbersOf(type: 'float16' | 'bfloat16' | 'float32' | 'int32', bytes: Uint8Array): Float64Array {
  if (type === 'int32') return Float64Array.from(new Int32Array(bytes.buffer));
  if (type === 'float32') return Float64Array.from(new Float32Array(bytes.buffer));
  const read = type === 'bfloat16' ? (word: number) => asFloat(word << 16) : fromHalf;
  return Float64Array.from(new Uint16Array(bytes.buffer), read);
}

const asFloat = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

function fromHalf(word: number): number {
  const [sign, exponent, fraction] = [word & 0x8000 ? -1 : 1, (word >>> 10) & 31, word & 0x3ff];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
