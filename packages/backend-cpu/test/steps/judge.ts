import cpuPlugin from '@halyard/backend-cpu';
import {
  compareBindings,
  type GenerateOptions,
  generateProgram,
  interpretWithBounds,
  mismatchError,
  ProgramBuilder,
  type ProgramCase,
  wholeView,
} from '@halyard/conformance';
import type { Configuration, Device, Span, Step, Type } from '@halyard/core';

/** A tensor with its bytes; one without values is an output. */
export interface Given {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly values?: Uint8Array;
  /** Written, and holds `values` before. */
  readonly isState?: boolean;
}

export const float32 = (values: readonly number[], shape: readonly number[] = [values.length]): Given => {
  return { type: 'float32', shape, values: new Uint8Array(Float32Array.from(values).buffer) };
};

export const int32 = (values: readonly number[], shape: readonly number[] = [values.length]): Given => {
  return { type: 'int32', shape, values: new Uint8Array(Int32Array.from(values).buffer) };
};

/** A program of one step over whole tensors. */
export function oneStep(
  kind: Step['kind'],
  attributes: Step['attributes'],
  inputs: readonly Given[],
  outputs: readonly Given[],
): ProgramCase {
  const builder = new ProgramBuilder();
  const bind = ({ type, shape, values, isState }: Given) =>
    wholeView(builder.bind(isState ? 'state' : values ? 'input' : 'output', type, shape, values), shape);
  builder.step({ kind, attributes, inputs: inputs.map(bind), outputs: outputs.map(bind) });
  return builder.finish(kind);
}

/** Runs a program on the device. Gives the bytes of each binding afterwards. */
export async function run(
  device: Device,
  { program, data }: ProgramCase,
  tuning: readonly Configuration[] = program.steps.map(() => ({})),
): Promise<Uint8Array[]> {
  const executable = await device.compile(program, tuning);
  const queue = device.queue('compute');
  const spans: Span[] = [];
  const reserve = async (bytes: number) => {
    const { granularity } = device.memory;
    const region = await device.memory.reserve(Math.max(1, Math.ceil(bytes / granularity)) * granularity, 'device');
    if (!region) throw new Error(`${bytes} bytes were not to be had.`);
    spans.push({ region, offset: 0, bytes });
    return spans.at(-1)!;
  };
  const bindings: Span[] = [];
  for (const bytes of data) {
    const span = await reserve(bytes.length);
    if (bytes.length > 0) await queue.write(bytes, span).wait();
    bindings.push(span);
  }
  const { alignment } = device.adapter.limits;
  const own = Math.ceil(program.workspaceBytes / alignment) * alignment;
  const workspace = await reserve(own + executable.workspaceBytes);
  const packed: Span[] = [];
  for (const { constants, layout, bytes } of executable.packed) {
    const span = await reserve(bytes);
    const sources = constants.map((index) => ({ fingerprint: `${index}`, parts: [{ data: data[index]! }] }));
    await queue.pack(sources, layout, span).wait();
    packed.push(span);
  }
  const bound = executable.bind(bindings, packed, workspace);
  await queue.run(bound).wait();
  const found: Uint8Array[] = [];
  for (const span of bindings) {
    const bytes = new Uint8Array(span.bytes);
    if (span.bytes > 0) await queue.read(span, bytes).wait();
    found.push(bytes);
  }
  bound.dispose();
  executable.dispose();
  for (const { region } of spans) device.memory.release(region);
  return found;
}

/** @throws HalyardError for the element that is furthest from what the reference interpreter gives */
export async function judge(
  device: Device,
  programCase: ProgramCase,
  tuning?: readonly Configuration[],
): Promise<void> {
  await compare(device, programCase, () => true, tuning);
}

/** As {@link judge}. False if it did not compare: `isCertain` is asked about the bounds of each binding. */
async function compare(
  device: Device,
  programCase: ProgramCase,
  isCertain: (bounds: readonly Float64Array[]) => boolean,
  tuning?: readonly Configuration[],
): Promise<boolean> {
  const { program, data, name } = programCase;
  const refusal = program.steps.map((step) => cpuPlugin.supports(device.adapter, step, program.tensors));
  if (refusal.some((support) => support !== true)) throw new Error(`${name} was refused: ${JSON.stringify(refusal)}`);
  const found = await run(device, programCase, tuning);
  const expected = data.map((bytes) => bytes.slice());
  const bounds = interpretWithBounds(program, expected);
  if (!isCertain(bounds)) return false;
  const mismatch = compareBindings(program, found, expected, bounds);
  if (mismatch) throw mismatchError(name, mismatch);
  return true;
}

/** Random programs of one step, those that the backend refuses by `supports` left out. Gives how many were compared. */
export async function judgeRandom(
  device: Device,
  seed: number,
  count: number,
  options: GenerateOptions,
  isCertain: (bounds: readonly Float64Array[]) => boolean = () => true,
): Promise<number> {
  let compared = 0;
  for (let i = 0; i < count; i++) {
    const programCase = generateProgram(seed + i, { ...options, steps: 1 });
    const { steps, tensors } = programCase.program;
    if (steps.some((step) => cpuPlugin.supports(device.adapter, step, tensors) !== true)) continue;
    if (await compare(device, programCase, isCertain)) compared++;
  }
  return compared;
}

export async function openDevice(threads: number): Promise<Device> {
  const { adapters } = await cpuPlugin.probe({ timeoutMs: 10_000 });
  return cpuPlugin.open(adapters[0]!, { threads });
}

/** An output's bytes before the run. */
export const output = (type: Type, shape: readonly number[]): Given => ({ type, shape });
