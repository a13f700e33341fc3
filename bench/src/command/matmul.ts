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
  run(): Promise<Float32Array>;
  close(): Promise<void>;
}

/** a [m, k] · b [k, n] in float32 with b constant, from the call until the result can be read. */
export async function matmuls(options: { readonly rounds: number }): Promise<Report> {
  const limits = await measureMachineLimits(availableParallelism());
  const results = [];
  for (const [m, k, n] of shapes) {
    const a = ramp(m * k);
    const b = ramp(k * n);
    const contestants: Record<string, Contestant> = { halyard: await ours(a, b, m, k, n) };
    for (const threads of new Set([1, availableParallelism()])) {
      contestants[`onnxruntime ${threads}`] = await onnxRuntime(a, b, m, k, n, threads);
    }
    const difference = await greatestDifference(Object.values(contestants));
    const seconds = await interleave(
      options.rounds,
      Object.fromEntries(Object.entries(contestants).map(([name, { run }]) => [name, () => paceOf(run, 60)])),
    );
    for (const contestant of Object.values(contestants)) await contestant.close();
    const { halyard, ...peers } = Object.fromEntries(
      Object.entries(seconds).map(([name, list]) => [name, median(list)]),
    );
    const onnx = Math.min(...Object.values(peers));
    results.push({ m, k, n, halyardSeconds: halyard!, onnxRuntimeSeconds: onnx, ratio: onnx / halyard!, difference });
  }
  const mean = geometricMean(results.map(({ ratio }) => ratio));
  const speed = (m: number, k: number, n: number, seconds: number) => ((2 * m * k * n) / seconds / 1e9).toFixed(1);
  return {
    title: 'float32 matmul, GFLOP/s, beside ONNX Runtime at its better thread count',
    columns: ['m × k × n', 'halyard', 'onnxruntime', 'ratio', 'greatest difference'],
    rows: results.map(({ m, k, n, halyardSeconds, onnxRuntimeSeconds, ratio, difference }) => [
      `${m} × ${k} × ${n}`,
      speed(m, k, n, halyardSeconds),
      speed(m, k, n, onnxRuntimeSeconds),
      times(ratio),
      difference.toExponential(1),
    ]),
    notes: [
      `Geometric mean ${times(mean)}, least ${times(Math.min(...results.map(({ ratio }) => ratio)))}`,
      describeLimits(limits),
    ],
    data: { limits, geometricMean: mean, results },
  };
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
    async run() {
      context.dispatch(graph, { a: input }, { y: output });
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
    run: async () => (await session.run(feeds)).y!.data as Float32Array,
    close: () => session.release(),
  };
}

async function greatestDifference(contestants: readonly Contestant[]): Promise<number> {
  const [first, ...others] = await Promise.all(contestants.map(({ run }) => run()));
  return Math.max(
    ...others.map((other) => other.reduce((most, value, i) => Math.max(most, Math.abs(value - first![i]!)), 0)),
  );
}
