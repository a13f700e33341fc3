import { type BackendPlugin, type Device, type ProbeBackendsOptions, selectDevice } from '@halyard/core';
import { type BoundProduct, bindProduct, type ProductType, productTypes } from '../measure/device-product.js';
import { geometricMean, interleave, median } from '../measure/statistics.js';
import { type Report, times } from '../table.js';

/** m, k, n */
export type Shape = readonly [number, number, number];

/** Thin ones as in generation, a prompt's worth, square ones, and one that no tile divides. */
const defaultShapes: readonly Shape[] = [
  [1, 4096, 4096],
  [8, 4096, 4096],
  [16, 4096, 11008],
  [128, 4096, 4096],
  [512, 4096, 4096],
  [1000, 1000, 1000],
  [2048, 2048, 2048],
  [4096, 4096, 4096],
];

export interface DeviceMatmulOptions extends ProbeBackendsOptions {
  readonly device: string;
  readonly rounds: number;
  readonly shapes?: readonly Shape[];
}

interface Result {
  readonly type: ProductType;
  readonly shape: Shape;
  readonly kernel: string;
  readonly seconds: number;
  /** Of the vendor's library; left out where it does not do the product. */
  readonly library?: number;
  /** Why it does not. */
  readonly refusal?: string;
  /** The greatest difference between the two results, over the greatest magnitude. */
  readonly difference?: number;
}

/**
 * a [m, k] · b [k, n] on a device, with Halyard's kernels and with the vendor's own library, each called through the same
 * path. Seconds of one product in a row of many, from their submission until the last is done: medians of interleaved
 * rounds.
 *
 * @throws HalyardError `no-device` with what the backend answered
 */
export async function deviceMatmuls({
  device: name,
  rounds,
  shapes,
  ...options
}: DeviceMatmulOptions): Promise<Report> {
  const { plugin, adapter } = await selectDevice(name, options);
  const results: Result[] = [];
  const own = await plugin.open(adapter, { products: 'own' });
  const library = await openLibrary(plugin, own);
  try {
    for (const type of productTypes)
      for (const shape of shapes ?? defaultShapes) results.push(await compare(own, library, type, shape, rounds));
  } finally {
    await Promise.allSettled([own.close(), library.close()]);
  }
  return present(results, `${adapter.name} (${adapter.architecture})`, adapter.versions);
}

const openLibrary = (plugin: BackendPlugin, { adapter }: Device) => plugin.open(adapter, { products: 'library' });

async function compare(own: Device, library: Device, type: ProductType, shape: Shape, rounds: number): Promise<Result> {
  const ours = await bindProduct(own, type, shape);
  const theirs = await bindProduct(library, type, shape);
  try {
    const common = { type, shape, kernel: ours.choice.kernel };
    if (theirs.choice.kernel !== 'cublaslt') {
      const seconds = await interleave(rounds, { own: () => ours.pace() });
      return {
        ...common,
        seconds: median(seconds.own),
        refusal: theirs.choice.reason.replace(/^.*not cuBLASLt: /, ''),
      };
    }
    const difference = await differenceOf(ours, theirs);
    const seconds = await interleave(rounds, { own: () => ours.pace(), library: () => theirs.pace() });
    return { ...common, seconds: median(seconds.own), library: median(seconds.library), difference };
  } finally {
    ours.release();
    theirs.release();
  }
}

async function differenceOf(ours: BoundProduct, theirs: BoundProduct): Promise<number> {
  const [found, expected] = [await ours.result(), await theirs.result()];
  let [greatest, magnitude] = [0, 0];
  for (const [at, value] of expected.entries()) {
    greatest = Math.max(greatest, Math.abs(value - found[at]!));
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  return magnitude === 0 ? greatest : greatest / magnitude;
}

function present(results: readonly Result[], device: string, versions: Readonly<Record<string, string>>): Report {
  const speed = ([m, k, n]: Shape, seconds: number) => ((2 * m * k * n) / seconds / 1e9).toFixed(1);
  const ratios = results.flatMap(({ seconds, library }) => (library === undefined ? [] : [library / seconds]));
  const refusals = new Set(results.flatMap(({ refusal }) => refusal ?? []));
  const summary =
    ratios.length === 0 ? undefined : { geometricMean: geometricMean(ratios), least: Math.min(...ratios) };
  return {
    title: `Products on ${device}: GFLOP/s of Halyard and of cuBLASLt, and how many times as fast Halyard is`,
    columns: ['types', 'm × k × n', 'halyard', 'cublaslt', 'ratio', 'difference', 'kernel'],
    rows: results.map(({ type, shape, seconds, library, difference, kernel }) => [
      type,
      shape.join(' × '),
      speed(shape, seconds),
      library === undefined ? '-' : speed(shape, library),
      library === undefined ? '-' : times(library / seconds),
      difference === undefined ? '-' : difference.toExponential(1),
      kernel,
    ]),
    notes: [
      ...(summary ? [`geometric mean ${times(summary.geometricMean)}, least ${times(summary.least)}`] : []),
      ...[...refusals].map((refusal) => `Without cuBLASLt: ${refusal}`),
      `driver ${versions.driver ?? '?'}, NVRTC ${versions.nvrtc ?? '?'}, cuBLASLt ${versions.cublasLt ?? '?'}`,
    ],
    data: { device, versions, ...summary, results },
  };
}
