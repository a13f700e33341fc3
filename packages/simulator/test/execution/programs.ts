import { compileCuda, fetchToolkit, type KernelArgument, type LaunchResult, SimulatedDevice } from '@halyard/simulator';

/** A device with a program of CUDA C++ on it, compiled by the real NVRTC. */
export async function deviceWith(source: string, architecture = 'sm_80'): Promise<Program> {
  const toolkit = await fetchToolkit('13');
  const { ptx } = await compileCuda(toolkit, source, { architecture });
  return new Program(ptx, architecture);
}

type Numbers =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | BigUint64Array;

export interface Start {
  grid?: [number, number?, number?];
  block: [number, number?, number?];
  cluster?: [number, number?, number?];
  shared?: number;
}

/** PTX on a simulated device, and its memory. */
export class Program {
  readonly device: SimulatedDevice;
  readonly module;

  constructor(ptx: string, architecture = 'sm_80') {
    this.device = new SimulatedDevice({ architecture, memoryBytes: 2 ** 30 });
    this.module = this.device.load(ptx);
  }

  /** Device memory with these numbers in it. */
  put(data: Numbers): bigint {
    const address = this.device.allocate(data.byteLength);
    this.device.write(address, data);
    return address;
  }

  room(bytes: number): bigint {
    return this.device.allocate(bytes);
  }

  floats(address: bigint, count: number): Float32Array {
    return new Float32Array(this.device.read(address, 4 * count));
  }

  integers(address: bigint, count: number): Int32Array {
    return new Int32Array(this.device.read(address, 4 * count));
  }

  run(kernel: string, start: Start, ...values: KernelArgument[]): Promise<LaunchResult> {
    const { grid = [1], block, cluster, shared = 0 } = start;
    return this.device.launch({
      module: this.module,
      kernel,
      grid,
      block,
      ...(cluster && { cluster }),
      dynamicSharedBytes: shared,
      arguments: values,
    });
  }
}

export const int = (value: number): KernelArgument => ({ dataType: 'int32', value });
export const float = (value: number): KernelArgument => ({ dataType: 'float32', value });

/** Numbers between -1 and 1 that are the same each time. */
export function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Rounds to float16 bits; the numbers are small and normal. */
export function toHalf(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(words, (bits) => {
    const exponent = ((bits >>> 23) & 255) - 112;
    if (exponent <= 0) return (bits >>> 16) & 0x8000;
    return ((bits >>> 16) & 0x8000) | ((exponent << 10) + ((((bits >>> 12) & 0x7ff) + 1) >>> 1));
  });
}

export function fromHalf(bits: number): number {
  const magnitude =
    (((bits >>> 10) & 31) === 0 ? (bits & 1023) / 1024 : 1 + (bits & 1023) / 1024) *
    2 ** (Math.max((bits >>> 10) & 31, 1) - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
}
