import { createContext, MLGraphBuilder } from '@halyard/core';
import { LanguageModel } from '@halyard/models';
import { type Resident, resident } from '../measure/resident.js';
import { formatMegabytes, type Report } from '../table.js';

/** How much more may be resident at the end than after a tenth of the way. */
const tolerance = 0.02;

interface Series {
  readonly what: string;
  readonly early: Resident;
  readonly late: Resident;
}

/** Watches resident memory, from a tenth of the way to the end, while the same thing is done over and over. */
export async function leaks(options: {
  readonly model: string;
  readonly dispatches: number;
  readonly loads: number;
}): Promise<Report> {
  const series = [await dispatches(options.dispatches), await loads(options.model, options.loads)];
  const growth = ({ early, late }: Series) => late.total / early.total - 1;
  const failed = series.filter((one) => growth(one) > tolerance).length;
  return {
    title: 'Resident memory, after a tenth of the rounds and at the end',
    columns: ['what', 'early', 'late', 'growth'],
    rows: series.map((one) => [
      one.what,
      formatMegabytes(one.early.total),
      formatMegabytes(one.late.total),
      `${(growth(one) * 100).toFixed(2)} %`,
    ]),
    notes: [`${series.length - failed} passed, ${failed} failed`],
    data: series.map((one) => ({ ...one, growth: growth(one) })),
    failed: failed > 0,
  };
}

/** @param warmUp rounds before the first that counts: until the collector's spaces have the size that they keep */
async function watch(what: string, rounds: number, round: () => Promise<void>, warmUp = 0): Promise<Series> {
  for (let done = 0; done < warmUp; done++) await round();
  let early: Resident | undefined;
  for (let done = 1; done <= rounds; done++) {
    await round();
    if (done === Math.ceil(rounds / 10)) early = resident();
  }
  return { what, early: early!, late: resident() };
}

async function dispatches(count: number): Promise<Series> {
  const context = await createContext();
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
  };
  const series = await watch(`${count} dispatches, after as many to warm up`, count, dispatchAndRead, count);
  context.destroy();
  return series;
}

function loads(path: string, count: number): Promise<Series> {
  return watch(`a model loaded, asked and released ${count} times`, count, async () => {
    const model = await LanguageModel.load(path);
    for await (const _piece of model.generate('The capital of France is', { raw: true, maxTokens: 4 }));
    await model.close();
  });
}
