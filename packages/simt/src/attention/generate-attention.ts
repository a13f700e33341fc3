import type { Configuration, Operand, Step, Tensor } from '@halyard/core';
import { KernelWriter } from '../kernel/kernel-writer.js';
import { multiplyAddHelper, tensorHelpers } from '../matmul/tensor/helpers.js';
import { packHelper } from '../matmul/tensor/pack.js';
import { powerFrom } from '../steps/configuration.js';
import type { StepGenerator, StepKernels, StepScene } from '../steps/step-generator.js';
import { computeCapability, type Target } from '../target/target.js';
import {
  writeKeyAddresses,
  writeKeyChunkLoad,
  writeKeyLoads,
  writeKeyPacks,
  writeQueryLoad,
  writeQueryPack,
  writeScores,
  writeStores,
} from './accessors.js';
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
import {
  type FlashTensorTile,
  flashTensorRows,
  flashTensorSharedBytes,
  flashTensorThreads,
  printFlashTensorKernel,
} from './flash-tensor-kernel.js';
import { pageBytes, writePages } from './pages.js';
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
    if (
      decodeRows(problem) > decodeLimit &&
      !chooseFlashTensor(problem, target, {}) &&
      !chooseFlash(problem, target, {})
    )
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
  if (decodeRows(problem) <= decodeLimit) return generateDecode(scene, problem);
  return generateFlashTensor(scene, problem) ?? generateFlash(scene, problem);
}

const writerFor = ({ target, tensors }: StepScene, { step }: AttentionProblem): KernelWriter =>
  new KernelWriter({ target, tensors, written: step.outputs.map(({ tensor }) => tensor) });

function chooseFlash(problem: AttentionProblem, target: Target, tuning: Configuration): FlashTile | undefined {
  const { group, valueSize } = problem;
  const registers = (heads: number) => heads * 4 * (Math.ceil(valueSize / 16) + 6);
  for (let heads = Math.min(group, 4); heads > 0; heads--) {
    if (group % heads !== 0 || registers(heads) > 160) continue;
    for (const keys of [64, 32, 16]) {
      const tile = { heads, keys: powerFrom(tuning, 'keys', keys, { least: 16, most: 64 }) };
      if (flashSharedBytes(problem, tile) + pageBytes(problem) <= target.sharedBytesPerBlock) return tile;
    }
  }
  return undefined;
}

function generateFlash(scene: StepScene, problem: AttentionProblem): StepKernels {
  const tile = chooseFlash(problem, scene.target, scene.tuning)!;
  const writer = writerFor(scene, problem);
  writeQueryLoad(writer, problem);
  writePages(writer, problem, tile.keys);
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

/** Formats to which `multiply` lets queries, keys and weights be rounded; bfloat16 for what must not overflow. */
function formatOf({ step }: AttentionProblem, capability: number): FlashTensorTile['format'] | undefined {
  const { multiply } = step.attributes;
  if (multiply === 'float32' || multiply === 'tfloat32' || capability < 75) return undefined;
  if (multiply === 'float16') return multiply;
  return capability >= 80 ? 'bfloat16' : undefined;
}

function chooseFlashTensor(
  problem: AttentionProblem,
  target: Target,
  tuning: Configuration,
): FlashTensorTile | undefined {
  const capability = target.vendor === 'cuda' ? computeCapability(target) : 0;
  const format = formatOf(problem, capability);
  if (!format) return undefined;
  const { group, size, valueSize, key, value, tensors } = problem;
  const isAsynchronous = capability >= 80 && [key, value].every((operand) => isCopied(operand, tensors, format));
  const greatest = Math.max(size, valueSize) <= 64 ? 3 : Math.max(size, valueSize) <= 128 ? 2 : 1;
  for (let heads = Math.min(group, greatest); heads > 0; heads--) {
    if (group % heads !== 0) continue;
    for (const keys of [64, 32]) {
      const tile: FlashTensorTile = {
        heads,
        keys: powerFrom(tuning, 'keys', keys, { least: 16, most: 64 }),
        format,
        isAsynchronous,
      };
      if (flashTensorSharedBytes(problem, tile) <= target.sharedBytesPerBlock) return tile;
    }
  }
  return undefined;
}

/** Whether 16 bytes of an operand can be copied as they are. */
function isCopied(operand: Operand, tensors: readonly Tensor[], format: string): boolean {
  const tensor = tensors[operand.tensor]!;
  if (tensor.type !== format || operand.prologue || operand.quantization) return false;
  const { strides, shape, offset } = operand;
  const starts = [tensor.offset / 2, offset, ...strides.slice(0, 3).filter((_, axis) => shape[axis]! > 1)];
  return strides[3] === 1 && shape[3]! % 8 === 0 && starts.every((start) => start % 8 === 0);
}

function generateFlashTensor(scene: StepScene, problem: AttentionProblem): StepKernels | undefined {
  const tile = chooseFlashTensor(problem, scene.target, scene.tuning);
  if (!tile) return undefined;
  const capability = computeCapability(scene.target);
  const writer = writerFor(scene, problem);
  writer.need(tensorHelpers.address);
  writer.need(tensorHelpers.matrices);
  writer.need(multiplyAddHelper(tile.format, capability));
  writer.need(packHelper(tile.format, capability)!);
  writeQueryPack(writer, problem, tile.format);
  if (tile.isAsynchronous) {
    writer.need(tensorHelpers.copies);
    writeKeyAddresses(writer, problem);
  } else writeKeyPacks(writer, problem, tile.format);
  writeScores(writer, problem);
  writeStores(writer, problem);
  writer.line(printFlashTensorKernel(problem, tile));
  const { batch, keyHeads, group, queries } = problem;
  const blocks = batch * keyHeads * (group / tile.heads) * Math.ceil(queries / flashTensorRows);
  const threads = flashTensorThreads(tile);
  return {
    launches: [
      {
        kernel: writer.finish('attention_tensor', threads, 1),
        grid: [blocks, 1, 1],
        block: [threads, 1, 1],
        dynamicSharedBytes: flashTensorSharedBytes(problem, tile),
      },
    ],
    choice: {
      kernel: `attention-tensor-${tile.format}`,
      configuration: { heads: tile.heads, keys: tile.keys, rows: flashTensorRows },
      reason: `${tile.format} on tensor cores; keys and values are read once for ${flashTensorRows} positions of ${tile.heads} heads`,
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
  return { keys: powerFrom(tuning, 'keys', keys, { least: 32, most: greatestWeights / decodeRows(problem) }), width };
}

function generateDecode(scene: StepScene, problem: AttentionProblem): StepKernels {
  const tile = chooseDecode(problem, scene.target, scene.tuning);
  const main = writerFor(scene, problem);
  writeQueryLoad(main, problem);
  writePages(main, problem, tile.keys);
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
