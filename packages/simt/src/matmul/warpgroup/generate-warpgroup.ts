import { KernelWriter } from '../../kernel/kernel-writer.js';
import type { StepKernels, StepLaunch, StepScene } from '../../steps/step-generator.js';
import { batchCoordinates, writeStore } from '../accessors.js';
import type { MatmulProblem } from '../problem.js';
import { sumTypeOf, type TensorFormat } from '../tensor/format.js';
import { writeOperand } from '../tensor/generate-tensor.js';
import { tensorHelpers } from '../tensor/helpers.js';
import { tileBytes } from '../tensor/shared-tile.js';
import { runWidth } from '../tensor/store-run.js';
import { isShared, partialBytes, tileCount } from '../tensor/work.js';
import { groupColumns, type WarpgroupChoice } from './choose.js';
import { clusterHelper, copyBoxHelper, warpgroupHelpers as helpers } from './instructions.js';
import {
  consumerThreads,
  printWarpgroupBody,
  printWarpgroupFixup,
  producerThreads,
  sumCount,
  type WarpgroupKernel,
} from './kernel.js';
import { warpgroupMultiply } from './multiply.js';
import type { WarpgroupOperand } from './operand.js';
import { stagingBytes } from './results.js';

/** A matmul by `wgmma` (sm_90a): one launch, and one more for tiles that several blocks share. */
export function generateWarpgroup(
  scene: StepScene,
  problem: MatmulProblem,
  format: TensorFormat,
  { tile, operands, work, blocks, reason }: WarpgroupChoice,
): StepKernels {
  const width = operands.every(({ bulk }) => bulk) ? runWidth(problem.n) : 1;
  const begin = (): KernelWriter => {
    const { target, tensors } = scene;
    const writer = new KernelWriter({ target, tensors, written: problem.step.outputs.map(({ tensor }) => tensor) });
    writeStore(writer, problem, width);
    return writer;
  };
  const main = begin();
  for (const helper of [tensorHelpers.address, ...Object.values(helpers)]) main.need(helper);
  if (tile.cluster > 1) main.need(clusterHelper);
  for (const { plan, bulk } of operands) if (!bulk) writeOperand(main, problem, plan, format, 90);
  const multiply = operands.slice(1).map(({ plan }): string => {
    const isOuter = [operands[0]!.plan, plan].map(({ tile: { layout } }) => layout === 'outer');
    const helper = warpgroupMultiply(format, groupColumns(tile), [isOuter[0]!, isOuter[1]!]);
    main.need(helper);
    return helper.name;
  });
  const stageBytes = operands.reduce((total, { plan }) => total + tileBytes(plan.tile), 0);
  const stagingOffset = tile.stages * stageBytes;
  const barrierOffset = stagingOffset + stagingBytes(operands.length - 1);
  const copies = operands.map((operand) => printCopies(main, problem, operand, stageBytes)).join('');
  const { m, n, k } = problem;
  const kernel: WarpgroupKernel = {
    ...{ operands, tile, format, sumType: sumTypeOf(format), stageBytes, stagingOffset, barrierOffset },
    ...{ work, blocks, m, n, k, runWidth: width, multiply, copies },
  };
  const launch = (purpose: string, grid: number, threads: number, writer: KernelWriter): StepLaunch => ({
    kernel: writer.finish(purpose, threads, 1),
    grid: [grid, 1, 1],
    block: [threads, 1, 1],
    dynamicSharedBytes: barrierOffset + tile.stages * 16,
  });
  const partials = (writer: KernelWriter) => (isShared(work) ? writer.scratch(kernel.sumType, 0) : '');
  main.line(printWarpgroupBody(kernel, partials(main)));
  main.clusterBlocks = tile.cluster;
  const launches = [launch('matmul_warpgroup', blocks, consumerThreads + producerThreads(kernel), main)];
  if (isShared(work)) {
    const fixup = begin();
    fixup.line(printWarpgroupFixup({ ...kernel, stagingOffset: 0 }, partials(fixup)));
    const own = launch('matmul_warpgroup_fixup', tileCount(work), consumerThreads, fixup);
    launches.push({ ...own, dynamicSharedBytes: stagingBytes(operands.length - 1) });
  }
  return {
    launches,
    scratchBytes: partialBytes(work, consumerThreads, sumCount(kernel)),
    choice: {
      kernel: `matmul-warpgroup-${format}`,
      configuration: { kernel: 'warpgroup', ...tile, workers: isShared(work) ? work.workers : blocks },
      reason,
    },
  };
}

/** C++ of an operand's bulk copies to `stage`, for tile and step at hand. */
function printCopies(
  writer: KernelWriter,
  problem: MatmulProblem,
  { plan, bulk }: WarpgroupOperand,
  stageBytes: number,
): string {
  if (!bulk) return '';
  const helper = copyBoxHelper(bulk.map.extents.length, bulk.sharedBy > 1);
  const map = writer.tensorMap(plan.described.operand.tensor, bulk.map);
  const batch = batchCoordinates(problem);
  const outer = plan.role === 'a' ? 'first_row' : 'first_column';
  const depth = `next_step * ${plan.tile.depth}`;
  const share = bulk.boxes / bulk.sharedBy;
  const blocks = bulk.sharedBy > 1 ? [`${2 ** bulk.sharedBy - 1}`] : [];
  return Array.from({ length: share }, (_, own) => {
    const box = bulk.sharedBy > 1 ? `(rank * ${share} + ${own})` : `${own}`;
    const to = `shared_base + stage * ${stageBytes} + ${plan.offset} + ${box} * ${tileBytes(plan.tile) / bulk.boxes}`;
    const first = `${outer} + ${box} * ${plan.tile.extent / bulk.boxes}`;
    const places = plan.tile.layout === 'depth' ? [depth, first] : [first, depth];
    const coordinates = [...places, ...bulk.batchAxes.map((axis) => batch[axis]!)];
    return `
            ${writer.call(helper, to, map, 'full + stage * 8', ...blocks, ...coordinates)};`;
  }).join('');
}
