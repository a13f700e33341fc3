import { join } from 'node:path';
import {
  type Adapter,
  type Configuration,
  cacheFolder,
  type Device,
  HalyardError,
  type LibraryProduct,
  type Program,
  type Step,
  type Tensor,
} from '@halyard/core';
import type { LibraryAnswer } from '@halyard/simt';
import { ContentCache } from '../compilation/content-cache.js';
import { isolatedStep } from './isolated-step.js';

/** A product of which the library has said how it would go about it. */
export interface Contest {
  readonly step: Step<'matmul'>;
  readonly tensors: readonly Tensor[];
  readonly configuration: Configuration;
  readonly product: LibraryProduct;
}

type Contestant = 'own' | 'library';
type Seconds = Readonly<Record<Contestant, number>>;

/** Products in a row: enough that what it costs to submit them does not count. */
const inARow = 16;
const rounds = 7;

/**
 * Has Halyard's kernels and cuBLASLt do the same product on the device, in turn, and keeps what it took for the next time
 * in the user's cache folder. Operands lie in memory of their own meanwhile, outside of a context's pool and its budget.
 */
export class ProductTrial {
  /** Set once it is open. */
  device: Device | undefined;
  readonly #adapter: Adapter;
  readonly #kept: ContentCache;
  readonly #contestants = new WeakMap<Program, Contestant>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
    this.#kept = new ContentCache(join(cacheFolder(), 'products', 'cuda'), '.json');
  }

  /** Who is to do a program of a trial, and nothing for any other program. */
  contestantOf(program: Program): Contestant | undefined {
    return this.#contestants.get(program);
  }

  /** The faster one, with both figures as the reason. Halyard's kernels where there is no memory to measure in. */
  async decide(contest: Contest): Promise<LibraryAnswer> {
    const { workspaceBytes: _bytes, algorithm: _algorithm, ...question } = contest.product;
    const { fingerprint, versions } = this.#adapter;
    const parts = [fingerprint, versions.cublasLt ?? '', JSON.stringify([question, contest.configuration])];
    // One after another: two that are measured at once disturb each other.
    const deciding = this.#last.then(() => this.#kept.get(ContentCache.key(...parts), () => this.#measure(contest)));
    this.#last = deciding.catch(() => {});
    let seconds: Seconds;
    try {
      seconds = JSON.parse(await deciding) as Seconds;
    } catch (error) {
      if (!(error instanceof HalyardError) || error.code !== 'out-of-memory') throw error;
      return { refusal: `not measured: ${error.details.found}` };
    }
    const { own, library } = seconds;
    const text = (seconds: number) => `${(seconds * 1e6).toFixed(1)} µs`;
    if (library < own) return { product: contest.product, reason: `measured: ${text(library)}, ours ${text(own)}` };
    return { refusal: `measured: ${text(library)}, ours ${text(own)}` };
  }

  async #measure({ step, tensors, configuration }: Contest): Promise<string> {
    const device = this.device!;
    const { program, spanBytes } = isolatedStep(step, tensors, inARow);
    const executables = [];
    for (const contestant of ['own', 'library'] as const) {
      const entered = { ...program };
      this.#contestants.set(entered, contestant);
      executables.push(await device.compile(entered, new Array<Configuration>(inARow).fill(configuration)));
    }
    const scratchBytes = Math.max(...executables.map(({ workspaceBytes }) => workspaceBytes), 1);
    const places = layOut([...spanBytes, scratchBytes]);
    const region = await device.memory.reserve(places.total, 'device');
    if (!region) {
      for (const executable of executables) executable.dispose();
      throw new HalyardError('out-of-memory', {
        found: `no ${places.total} bytes on the device to measure in`,
        expected: 'room for the operands',
        remedy: 'Leave the option products out, or free memory on the device.',
      });
    }
    try {
      const queue = device.queue('compute');
      // Any numbers: 0.0115 in 16 and 32 bits.
      await queue.fill({ region, offset: 0, bytes: places.total }, 0x3c).wait();
      const spans = places.spans.map(({ offset, bytes }) => ({ region, offset, bytes }));
      const bounds = executables.map((executable) => executable.bind(spans.slice(0, -1), [], spans.at(-1)!));
      const taken: [number[], number[]] = [[], []];
      // The first round warms up.
      for (let round = 0; round <= rounds; round++)
        for (const [who, bound] of bounds.entries()) {
          const started = performance.now();
          await queue.run(bound).wait();
          if (round > 0) taken[who]!.push((performance.now() - started) / 1000 / inARow);
        }
      for (const bound of bounds) bound.dispose();
      return JSON.stringify({ own: median(taken[0]), library: median(taken[1]) } satisfies Seconds);
    } finally {
      for (const executable of executables) executable.dispose();
      device.memory.release(region);
    }
  }
}

const alignment = 256;

function layOut(sizes: readonly number[]) {
  let total = 0;
  const spans = sizes.map((bytes) => {
    const offset = total;
    total += Math.ceil(bytes / alignment) * alignment;
    return { offset, bytes };
  });
  return { spans, total };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
