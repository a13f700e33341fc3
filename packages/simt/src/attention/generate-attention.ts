import type { Configuration, Step } from '@halyard/core';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { numberFrom } from '../steps/configuration.js';
import type { StepGenerator, StepKernels, StepScene } from '../steps/step-generator.js';
import type { Target } from '../target/target.js';
import { writeKeyChunkLoad, writeKeyLoads, writeQueryLoad, writeScores, writeStores } from './accessors.js';
import {
  combineThreads,
  type DecodeTile,
  decodeRows,
  decodeScratchFloats,
  decodeSplits,
  decodeThreads,
  printDecodeCombine,
  printDecodeKernel,
} from './decode-kernel.js';
import { type FlashTile, flashRows, flashSharedBytes, flashThreads, printFlashKernel } from './flash-kernel.js';
import { type AttentionProblem, attentionProblem } from './problem.js';

/** A thread's share of the output stays in registers up to here. */
const greatestSize = 256;
/** Rows of queries that the kernel for few of them takes. */
const decodeLimit = 16;

/** Weights in shared memory, beside the queries. */
const greatestWeights = 4096;

/** Attention without scores in memory: tiles of keys for many queries, keys divided among blocks for few. */
export const attentionGenerator: StepGenerator<'attention'> = {
  supports(target, step, tensors) {
    const problem = attentionProblem(step, tensors);
    const { size, valueSize } = problem;
    if (size > greatestSize || valueSize > greatestSize)
      return { part: 'step', reason: `heads of ${Math.max(size, valueSize)} are wider than ${greatestSize}` };
    if (decodeRows(problem) > decodeLimit && !chooseFlash(problem, target, {}))
      return { part: 'step', reason: `its tiles need more than ${target.sharedBytesPerBlock} bytes of shared memory` };
    return true;
  },
  generate: generateAttention,
};

export function generateAttention(scene: StepScene, step: Step<'attention'>): StepKernels {
  const problem = attentionProblem(step, scene.tensors);
  const { batch, heads, queries } = problem;
  if (batch * heads * queries === 0)
    return { launches: [], choice: { kernel: 'attention-empty', configuration: {}, reason: 'no results' } };
  return decodeRows(problem) <= decodeLimit ? generateDecode(scene, problem) : generateFlash(scene, problem);
}

const writerFor = ({ target, tensors }: StepScene, { step }: AttentionProblem): KernelWriter =>
  new KernelWriter({ target, tensors, written: step.outputs.map(({ tensor }) => tensor) });

function chooseFlash(problem: AttentionProblem, target: Target, tuning: Configuration): FlashTile | undefined {
  const { group, valueSize } = problem;
  const registers = (heads: number) => heads * 4 * (Math.ceil(valueSize / 16) + 6);
  for (let heads = Math.min(group, 4); heads > 0; heads--) {
    if (group % heads !== 0 || registers(heads) > 160) continue;
    for (const keys of [64, 32, 16]) {
      const tile = { heads: numberFrom(tuning, 'heads', heads), keys: numberFrom(tuning, 'keys', keys) };
      if (flashSharedBytes(problem, tile) <= target.sharedBytesPerBlock) return tile;
    }
  }
  return undefined;
}

function generateFlash(scene: StepScene, problem: AttentionProblem): StepKernels {
  const tile = chooseFlash(problem, scene.target, scene.tuning)!;
  const writer = writerFor(scene, problem);
  writeQueryLoad(writer, problem);
  writeKeyLoads(writer, problem);
  writeScores(writer, problem);
  writeStores(writer, problem);
  writer.line(printFlashKernel(problem, tile));
  const { batch, keyHeads, group, queries } = problem;
  const blocks = batch * keyHeads * (group / tile.heads) * Math.ceil(queries / flashRows);
  return {
    launches: [
      {
        kernel: writer.finish('attention_flash', flashThreads),
        grid: [blocks, 1, 1],
        block: [flashThreads, 1, 1],
        dynamicSharedBytes: flashSharedBytes(problem, tile),
      },
    ],
    choice: {
      kernel: 'attention-flash',
      configuration: { ...tile, rows: flashRows },
      reason: `keys and values are read once for ${flashRows} positions of ${tile.heads} heads`,
    },
  };
}

function chooseDecode(problem: AttentionProblem, target: Target, tuning: Configuration): DecodeTile {
  const { batch, keyHeads, capacity, size } = problem;
  let keys = 512;
  while (decodeRows(problem) * keys > greatestWeights) keys /= 2;
  while (keys > 64 && batch * keyHeads * Math.ceil(capacity / keys) < 2 * target.multiprocessors) keys /= 2;
  let width = 4;
  while (size % width !== 0) width /= 2;
  return { keys: numberFrom(tuning, 'keys', keys), width };
}

function generateDecode(scene: StepScene, problem: AttentionProblem): StepKernels {
  const tile = chooseDecode(problem, scene.target, scene.tuning);
  const main = writerFor(scene, problem);
  writeQueryLoad(main, problem);
  writeKeyChunkLoad(main, problem, tile.width);
  writeKeyLoads(main, problem);
  writeScores(main, problem);
  main.line(printDecodeKernel(problem, tile, main.scratch('float', 0)));
  const combine = writerFor(scene, problem);
  writeStores(combine, problem);
  combine.line(printDecodeCombine(problem, tile, combine.scratch('float', 0)));
  const { batch, keyHeads, heads, queries } = problem;
  const blocks = batch * keyHeads * decodeSplits(problem, tile);
  const stretches = {
    kernel: main.finish('attention_decode', decodeThreads),
    grid: [blocks, 1, 1] as const,
    block: [decodeThreads, 1, 1] as const,
  };
  return {
    launches: [
      ...(blocks > 0 ? [stretches] : []),
      {
        kernel: combine.finish('attention_combine', combineThreads),
        grid: [batch * heads * queries, 1, 1],
        block: [combineThreads, 1, 1],
      },
    ],
    scratchBytes: 4 * decodeScratchFloats(problem, tile),
    choice: {
      kernel: 'attention-decode',
      configuration: { ...tile },
      reason: `${decodeRows(problem)} rows over a head of keys: keys divided among blocks`,
    },
  };
}
