import type {
  Adapter,
  BackendPlugin,
  Bound,
  Device,
  Executable,
  Program,
  Queue,
  Region,
  Span,
  Token,
} from '@halyard/core';
import { expectThat } from '../expect.js';
import type { ProgramCase } from '../generate/program-builder.js';

/** A device under test, with what it takes to run programs on it. */
export class Session {
  readonly queue: Queue;
  readonly #regions = new Set<Region>();

  private constructor(
    readonly plugin: BackendPlugin,
    readonly adapter: Adapter,
    readonly device: Device,
  ) {
    this.queue = device.queue('compute');
  }

  static async open(
    plugin: BackendPlugin,
    adapter: Adapter,
    options?: Readonly<Record<string, unknown>>,
  ): Promise<Session> {
    return new Session(plugin, adapter, await plugin.open(adapter, options));
  }

  /** Memory of at least so many bytes, as a span of exactly so many. */
  async reserve(bytes: number): Promise<Span> {
    const { granularity } = this.device.memory;
    const region = await this.device.memory.reserve(
      Math.max(1, Math.ceil(bytes / granularity)) * granularity,
      'device',
    );
    expectThat(region !== undefined, `${bytes} bytes of memory`);
    this.#regions.add(region);
    return { region, offset: 0, bytes };
  }

  release(span: Span): void {
    if (this.#regions.delete(span.region)) this.device.memory.release(span.region);
  }

  async load(bytes: Uint8Array): Promise<Span> {
    const span = await this.reserve(bytes.length);
    if (bytes.length > 0) await this.queue.write(bytes, span).wait();
    return span;
  }

  async fetch(span: Span, after: readonly Token[] = []): Promise<Uint8Array> {
    const bytes = new Uint8Array(span.bytes);
    if (span.bytes > 0) await this.queue.read(span, bytes, after).wait();
    return bytes;
  }

  /** Binds an executable to new memory that holds `data`. */
  async bind(program: Program, executable: Executable, data: readonly Uint8Array[]): Promise<BoundProgram> {
    const isPacked = new Set(executable.packed.flatMap(({ constants }) => constants));
    const packed: Span[] = [];
    for (const { constants, layout, bytes } of executable.packed) {
      const span = await this.reserve(bytes);
      const sources = constants.map((index) => ({ fingerprint: `${index}`, parts: [{ data: data[index]! }] }));
      await this.queue.pack(sources, layout, span).wait();
      packed.push(span);
    }
    const spans: (Span | undefined)[] = [];
    // What is packed may be read as it is by another step, too: it is bound as well, unless every read is packed.
    for (const [index, bytes] of data.entries()) {
      spans.push(isPacked.has(index) && readers(program, index) <= 1 ? undefined : await this.load(bytes));
    }
    const { alignment } = this.adapter.limits;
    const own = Math.ceil(program.workspaceBytes / alignment) * alignment;
    const workspace = await this.reserve(own + executable.workspaceBytes);
    return { bound: executable.bind(spans, packed, workspace), spans, all: [...spans, ...packed, workspace] };
  }

  /** Compiles and runs a program once. Gives the bytes of each binding afterwards. */
  async run({ program, data }: ProgramCase): Promise<Uint8Array[]> {
    const executable = await this.device.compile(
      program,
      program.steps.map(() => ({})),
    );
    const { bound, spans, all } = await this.bind(program, executable, data);
    const token = this.queue.run(bound);
    await token.wait();
    const found: Uint8Array[] = [];
    for (const [index, span] of spans.entries()) found.push(span ? await this.fetch(span, [token]) : data[index]!);
    bound.dispose();
    executable.dispose();
    for (const span of all) if (span) this.release(span);
    return found;
  }

  async close(): Promise<void> {
    for (const region of this.#regions) this.device.memory.release(region);
    this.#regions.clear();
    await this.device.close();
  }
}

export interface BoundProgram {
  readonly bound: Bound;
  /** Of each binding. */
  readonly spans: readonly (Span | undefined)[];
  readonly all: readonly (Span | undefined)[];
}

/** How many places of a program read a binding. */
function readers(program: Program, binding: number): number {
  const isOf = (tensor: number) => {
    const { at } = program.tensors[tensor]!;
    return typeof at === 'object' && at.binding === binding;
  };
  const views = program.steps.flatMap(({ inputs, outputs, epilogue }) => [
    ...inputs.flatMap((operand) =>
      operand
        ? [operand, ...(operand.prologue?.inputs ?? []), operand.quantization?.scale, operand.quantization?.zeroPoint]
        : [],
    ),
    ...outputs.map(({ rows }) => rows?.indices),
    ...(epilogue?.inputs ?? []),
  ]);
  return views.filter((view) => view && isOf(view.tensor)).length;
}
