import { collectGarbage, createContext, type MLContext, MLGraphBuilder } from '@halyard/core';
import { LanguageModel } from '@halyard/models';
import type { ChosenDevice } from '../device.js';
import { type Resident, resident } from '../measure/resident.js';
import { formatMegabytes, type Report } from '../table.js';

/** What is held at one time. */
interface Look extends Resident {
  /** Bytes that Halyard's pools hold. */
  readonly pooled: number;
}

interface Series {
  readonly what: string;
  readonly early: Look;
  readonly late: Look;
}

/** Watches resident memory, from a tenth of the way to the end, while the same thing is done over and over. */
export async function leaks(options: {
  readonly model: string;
  readonly dispatches: number;
  readonly loads: number;
  /** How much more may be resident at the end than around a tenth of the way. */
  readonly growth: number;
  readonly device?: ChosenDevice | undefined;
}): Promise<Report> {
  const { device } = options;
  const series = [
    await dispatches(options.dispatches, device?.name),
    await loads(options.model, options.loads, device?.name),
  ];
  const growth = ({ early, late }: Series) => late.total / early.total - 1;
  const hasLeak = (one: Series) => growth(one) > options.growth || one.late.pooled > one.early.pooled;
  const failed = series.filter(hasLeak).length;
  return {
    title: 'Resident memory, around a tenth of the rounds and at the end',
    columns: ['what', 'early', 'late', 'growth', 'pools early', 'pools late'],
    rows: series.map((one) => [
      one.what,
      formatMegabytes(one.early.total),
      formatMegabytes(one.late.total),
      `${(growth(one) * 100).toFixed(2)} %`,
      formatMegabytes(one.early.pooled),
      formatMegabytes(one.late.pooled),
    ]),
    notes: [
      ...(device ? [`Halyard on ${device.description}, whose memory the pools hold`] : []),
      `${series.length - failed} passed, ${failed} failed`,
    ],
    data: {
      ...(device && { device: device.description }),
      series: series.map((one) => ({ ...one, growth: growth(one) })),
    },
    failed: failed > 0,
  };
}

/**
 * The median of ten looks around a tenth of the way beside that of ten at the end, for what is resident sways.
 *
 * @param round gives the bytes that pools hold once it is done
 * @param warmUp rounds before the first that counts: until the collector's spaces have the size that they keep
 */
async function watch(what: string, rounds: number, round: () => Promise<number>, warmUp = 0): Promise<Series> {
  for (let done = 0; done < warmUp; done++) await round();
  const [early, late]: [Look[], Look[]] = [[], []];
  const apart = Math.ceil(rounds / 100);
  for (let done = 1; done <= rounds; done++) {
    const pooled = await round();
    if (done % apart !== 0) continue;
    // Of less than ten rounds, the first and the last.
    if ((done > 0.05 * rounds && done <= 0.15 * rounds) || (rounds < 10 && done === 1)) early.push(await look(pooled));
    if (done > 0.9 * rounds) late.push(await look(pooled));
  }
  return { what, early: middle(early), late: middle(late) };
}

/** The room that the collector keeps for young objects, 30 MB and more, comes and goes: without it a leak shows. */
async function look(pooled: number): Promise<Look> {
  await collectGarbage();
  return { ...resident(), pooled };
}

function middle(looks: readonly Look[]): Look {
  return [...looks].sort((a, b) => a.total - b.total)[Math.floor(looks.length / 2)]!;
}

const pooledBytes = ({ telemetry }: MLContext, kind: 'allocatedBytes' | 'reservedBytes'): number =>
  Object.values(telemetry.memory()).reduce((sum, pool) => sum + pool[kind], 0);

async function dispatches(count: number, device: string | undefined): Promise<Series> {
  const context = await createContext({ device });
  try {
    const builder = new MLGraphBuilder(context);
    const a = builder.input('a', { dataType: 'float32', shape: [64, 64] });
    const b = builder.constant({ dataType: 'float32', shape: [64, 64] }, new Float32Array(64 * 64).fill(0.5));
    const graph = await builder.build({ y: builder.relu(builder.matmul(a, b)) });
    const input = await context.createTensor({ dataType: 'float32', shape: [64, 64], writable: true });
    const output = await context.createTensor({ dataType: 'float32', shape: [64, 64], readable: true });
    context.writeTensor(input, new Float32Array(64 * 64).fill(1));
    const dispatchAndRead = async () => {
      context.dispatch(graph, { a: input }, { y: output });
      await context.readTensor(output);
      return pooledBytes(context, 'allocatedBytes');
    };
    return await watch(`${count} dispatches, after as many to warm up`, count, dispatchAndRead, count);
  } finally {
    await context.destroy();
  }
}

function loads(path: string, count: number, device: string | undefined): Promise<Series> {
  return watch(`a model loaded, asked and released ${count} times`, count, async () => {
    const model = await LanguageModel.load(path, { ...(device !== undefined && { device }) });
    const { context } = model;
    try {
      for await (const _piece of model.generate('The capital of France is', { raw: true, maxTokens: 4 }));
    } finally {
      await model.close();
    }
    return pooledBytes(context, 'reservedBytes');
  });
}
