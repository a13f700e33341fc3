import { collectGarbage, createContext, type MLContext, MLGraphBuilder } from '@halyard/core';
import { LanguageModel } from '@halyard/models';
import { answerWith } from '../process/measure-in-process.js';
import { type Resident, resident } from './resident.js';

/** What is held at one time. */
export interface Look extends Resident {
  /** Bytes that Halyard's pools hold. */
  readonly pooled: number;
}

export interface Series {
  readonly what: string;
  readonly early: Look;
  readonly late: Look;
}

// Started by command/leaks.ts. Arguments: dispatches or loads, how many, the model's path, device.
await answerWith(() => {
  const [what, count, path, device] = process.argv.slice(2) as ['dispatches' | 'loads', string, string, string?];
  return what === 'dispatches' ? dispatches(Number(count), device) : loads(path, Number(count), device);
});

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

function pooledBytes({ telemetry }: MLContext, kind: 'allocatedBytes' | 'reservedBytes'): number {
  return Object.values(telemetry.memory()).reduce((sum, pool) => sum + pool[kind], 0);
}

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
