import { availableParallelism } from 'node:os';
import { createContext, MLGraphBuilder } from '@halyard/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describeLimits, measureMachineLimits } from '../measure/machine-limits.js';
import { paceOf } from '../measure/pace.js';
import { geometricMean, interleave, median } from '../measure/statistics.js';
import { matmulModel } from '../onnx/matmul-model.js';
import { type Report, times } from '../table.js';

/** [m, k, n]: one token, eight, a prompt's worth, square ones, and one that no tile divides. */
const shapes = [
  [1, 576, 1536],
  [1, 1024, 1024],
  [1, 4096, 4096],
  [8, 576, 576],
  [8, 1024, 4096],
  [8, 4096, 1024],
  [128, 576, 1536],
  [128, 768, 3072],
  [128, 2048, 512],
  [37, 129, 65],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
] as const;

interface Contestant {
  /** Multiplies `count` times, one after another, and gives the last result. */
  run(count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** How many products are asked for before a result is read: one, and as in a model, many. */
const inARow = 16;

/**
 * a [m, k] · b [k, n] in float32 with b constant, from the call until the result can be read: by itself, and in a row of
 * which the last result is read.
 */
export async function matmuls(options: { readonly rounds: number }): Promise<Report> {
  const limits = await measureMachineLimits(availableParallelism());
  const results: Result[] = [];
  for (const [m, k, n] of shapes) {
    const a = ramp(m * k);
    const b = ramp(k * n);
    const contestants: Record<string, Contestant> = { halyard: await ours(a, b, m, k, n) };
    for (const threads of new Set([1, availableParallelism()])) {
      contestants[`onnxruntime ${threads}`] = await onnxRuntime(a, b, m, k, n, threads);
    }
    const difference = await greatestDifference(Object.values(contestants));
    const alone = await fastest(contestants, options.rounds, 1);
    const row = await fastest(contestants, options.rounds, inARow);
    for (const contestant of Object.values(contestants)) await contestant.close();
    results.push({ m, k, n, alone, row, difference });
  }
  const ratios = (which: 'alone' | 'row') => results.map((result) => result[which].onnxRuntime / result[which].halyard);
  const summary = (which: 'alone' | 'row') => ({
    geometricMean: geometricMean(ratios(which)),
    least: Math.min(...ratios(which)),
  });
  const describe = ({ geometricMean, least }: ReturnType<typeof summary>) =>
    `geometric mean ${times(geometricMean)}, least ${times(least)}`;
  return {
    title: `float32 matmul, GFLOP/s, beside ONNX Runtime at its better thread count: by itself, and ${inARow} in a row`,
    columns: [
      'm × k × n',
      'halyard',
      'onnxruntime',
      'ratio',
      'halyard, row',
      'onnxruntime, row',
      'ratio, row',
      'difference',
    ],
    rows: results.map(({ m, k, n, alone, row, difference }) => {
      const speeds = ({ halyard, onnxRuntime }: Pace) => [
        ((2 * m * k * n) / halyard / 1e9).toFixed(1),
        ((2 * m * k * n) / onnxRuntime / 1e9).toFixed(1),
        times(onnxRuntime / halyard),
      ];
      return [`${m} × ${k} × ${n}`, ...speeds(alone), ...speeds(row), difference.toExponential(1)];
    }),
    notes: [
      `By itself: ${describe(summary('alone'))}`,
      `In a row: ${describe(summary('row'))}`,
      describeLimits(limits),
    ],
    data: { limits, alone: summary('alone'), row: summary('row'), results },
  };
}

interface Result {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly alone: Pace;
  readonly row: Pace;
  readonly difference: number;
}

/** Seconds of one product. */
interface Pace {
  readonly halyard: number;
  readonly onnxRuntime: number;
}

async function fastest(
  contestants: Readonly<Record<string, Contestant>>,
  rounds: number,
  count: number,
): Promise<Pace> {
  const seconds = await interleave(
    rounds,
    Object.fromEntries(
      Object.entries(contestants).map(([name, { run }]) => [
        name,
        async () => (await paceOf(() => run(count), 60)) / count,
      ]),
    ),
  );
  const { halyard, ...peers } = Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, median(list)]));
  return { halyard: halyard!, onnxRuntime: Math.min(...Object.values(peers)) };
}

function ramp(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 2654435761) % 1000) / 500 - 1);
}

async function ours(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Promise<Contestant> {
  const context = await createContext({ device: 'cpu' });
  const builder = new MLGraphBuilder(context);
  const left = builder.input('a', { dataType: 'float32', shape: [m, k] });
  const right = builder.constant({ dataType: 'float32', shape: [k, n] }, b);
  const graph = await builder.build({ y: builder.matmul(left, right) });
  const input = await context.createTensor({ dataType: 'float32', shape: [m, k], writable: true });
  const output = await context.createTensor({ dataType: 'float32', shape: [m, n], readable: true });
  context.writeTensor(input, a);
  return {
    async run(count) {
      for (let run = 0; run < count; run++) context.dispatch(graph, { a: input }, { y: output });
      return new Float32Array(await context.readTensor(output));
    },
    async close() {
      context.destroy();
    },
  };
}

async function onnxRuntime(a: Float32Array, b: Float32Array, m: number, k: number, n: number, threads: number) {
  const session = await InferenceSession.create(matmulModel(m, b, k, n), { intraOpNumThreads: threads });
  const feeds = { a: new Tensor('float32', a, [m, k]) };
  return {
    async run(count: number) {
      let result: InferenceSession.OnnxValueMapType;
      do result = await session.run(feeds);
      while (--count > 0);
      return result.y!.data as Float32Array;
    },
    close: () => session.release(),
  };
}

async function greatestDifference(contestants: readonly Contestant[]): Promise<number> {
  const [first, ...others] = await Promise.all(contestants.map(({ run }) => run(1)));
  return Math.max(
    ...others.map((other) => other.reduce((most, value, i) => Math.max(most, Math.abs(value - first![i]!)), 0)),
  );
}
