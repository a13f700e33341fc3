import type { Step } from '@halyard/core';
import { KernelWriter } from '../kernel/kernel-writer.js';
import type { StepGenerator, StepKernels, StepScene } from '../steps/step-generator.js';
import { writeChunkLoad, writeGroupLoad, writeLoad, writeStore } from './accessors.js';
import { placeActivations } from './blocks/activations.js';
import { usesBlocks } from './blocks/choose.js';
import { chooseFma, chooseFormat, chooseTensorTile, chooseVector } from './choose.js';
import { fmaThreads, printFmaKernel } from './fma-kernel.js';
import { generateProduct } from './library/generate-product.js';
import { type MatmulProblem, matmulProblem } from './problem.js';
import { generateTensor } from './tensor/generate-tensor.js';
import { multiplyAddBytes, printVectorKernel, vectorColumns } from './vector-kernel.js';
import { chooseWarpgroup } from './warpgroup/choose.js';
import { generateWarpgroup } from './warpgroup/generate-warpgroup.js';

/** More sums than this for each element of a tile would not stay in registers. */
const greatestCount = 8;
/** Blocks of a grid along x. */
const greatestGrid = 2 ** 31 - 1;

/**
 * Products of matrices: few rows by reading b once (`vector-kernel`), what may be rounded, or is stored so narrow, on
 * tensor cores, all else by fused multiply-add in float32 or in the integers of `accumulate`.
 */
export const matmulGenerator: StepGenerator<'matmul'> = {
  supports(_, step) {
    if (step.inputs.length - 1 > greatestCount)
      return { part: 'step', reason: `${step.inputs.length - 1} products at once are more than ${greatestCount}` };
    return true;
  },
  generate: generateMatmul,
};

export function generateMatmul(scene: StepScene, step: Step<'matmul'>): StepKernels {
  const problem = matmulProblem(step, scene.tensors);
  const { m, n, batches } = problem;
  if (m * n * batches === 0)
    return { launches: [], choice: { kernel: 'matmul-empty', configuration: {}, reason: 'no results' } };
  const { library } = scene;
  if (library && 'product' in library) return generateProduct(scene, step, library.product, library.reason);
  const own = generateVector(scene, problem) ?? generateOnTensorCores(scene, problem) ?? generateFma(scene, problem);
  if (!library) return own;
  return { ...own, choice: { ...own.choice, reason: `${own.choice.reason}; not cuBLASLt: ${library.refusal}` } };
}

function generateOnTensorCores(scene: StepScene, problem: MatmulProblem): StepKernels | undefined {
  if (usesBlocks(problem, scene.target, scene.tuning)) return generateByBlocks(scene, problem);
  const format = chooseFormat(problem, scene.target);
  if (!format) return undefined;
  const warpgroup = hasWarpgroups(scene) ? chooseWarpgroup(problem, format, scene.target, scene.tuning) : undefined;
  if (typeof warpgroup === 'object') return generateWarpgroup(scene, problem, format, warpgroup);
  const choice = chooseTensorTile(problem, format, scene.target, scene.tuning);
  const reason = warpgroup ? `${choice.reason}; by mma.sync, as ${warpgroup}` : choice.reason;
  return generateTensor(scene, problem, format, { ...choice, reason });
}

function generateByBlocks(scene: StepScene, problem: MatmulProblem): StepKernels {
  const rounded = { ...problem, a: placeActivations(problem).operand };
  const choice = chooseTensorTile(rounded, 'int8', scene.target, scene.tuning);
  const reason = `activations rounded to int8 by groups of 32; ${choice.reason}`;
  // Scaling stands between the loads of fragments and their use again: a second buffer would cost registers alone.
  const tile = { ...choice.tile, fragmentBuffers: 1 } as const;
  return generateTensor(scene, problem, 'int8', { ...choice, tile, reason }, true);
}

/** `wgmma` is of sm_90a alone; a table may ask for `mma.sync` there. */
const hasWarpgroups = ({ target, tuning }: StepScene): boolean =>
  target.architecture === 'sm_90a' && tuning.kernel !== 'tensor';

const writerFor = ({ target, tensors }: StepScene, { step }: MatmulProblem): KernelWriter =>
  new KernelWriter({ target, tensors, written: step.outputs.map(({ tensor }) => tensor) });

function generateVector(scene: StepScene, problem: MatmulProblem): StepKernels | undefined {
  const tile = chooseVector(problem, scene.target, scene.tuning);
  if (!tile) return undefined;
  const blocks = Math.ceil(problem.n / vectorColumns(tile)) * problem.batches;
  if (blocks > greatestGrid) return undefined;
  const writer = writerFor(scene, problem);
  writeLoad(writer, problem, 'a', problem.a);
  for (const [i, b] of problem.bs.entries()) {
    if (tile.form === 'int8' || tile.form === 'quantized') writeGroupLoad(writer, problem, `b${i}`, b);
    else writeChunkLoad(writer, problem, `b${i}`, b, tile.width);
  }
  writeStore(writer, problem);
  if (tile.form === 'int8') writer.need(multiplyAddBytes);
  writer.line(printVectorKernel(problem, tile));
  const { form, width, columns, split, warps, depth, unroll } = tile;
  return {
    launches: [{ kernel: writer.finish('matmul_vector', warps * 32), grid: [blocks, 1, 1], block: [warps * 32, 1, 1] }],
    choice: {
      kernel: `matmul-vector-${form}`,
      configuration: { form, width, columns, split, warps, depth, unroll },
      reason: `${problem.m} rows: bound by reading b, once`,
    },
  };
}

function generateFma(scene: StepScene, problem: MatmulProblem): StepKernels {
  const tile = chooseFma(problem, scene.target, scene.tuning);
  const writer = writerFor(scene, problem);
  writeLoad(writer, problem, 'a', problem.a);
  for (const [i, b] of problem.bs.entries()) writeLoad(writer, problem, `b${i}`, b);
  writeStore(writer, problem);
  writer.line(printFmaKernel(problem, tile));
  const blocks = Math.ceil(problem.m / tile.rows) * Math.ceil(problem.n / tile.columns) * problem.batches;
  return {
    launches: [{ kernel: writer.finish('matmul_fma', fmaThreads), grid: [blocks, 1, 1], block: [fmaThreads, 1, 1] }],
    choice: {
      kernel: 'matmul-fma',
      configuration: { ...tile },
      reason: `products in ${problem.sumType}: ${problem.step.attributes.multiply} is what may be multiplied`,
    },
  };
}
