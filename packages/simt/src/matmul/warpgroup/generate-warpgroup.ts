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
import { copyBoxHelper, warpgroupHelpers as helpers } from './instructions.js';
import {
  consumerThreads,
  printWarpgroupBody,
  printWarpgroupFixup,
  producerThreads,
  sumCount,
  type WarpgroupKernel,
} from './kernel.js';
import { warpgroupMultiply } from './multiply.js';
import { rowBytes, type WarpgroupOperand } from './operand.js';
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
  const helper = copyBoxHelper(bulk.map.extents.length);
  const map = writer.tensorMap(plan.described.operand.tensor, bulk.map);
  const batch = batchCoordinates(problem);
  const outer = plan.role === 'a' ? 'first_row' : 'first_column';
  const depth = `next_step * ${plan.tile.depth}`;
  return Array.from({ length: bulk.panels }, (_, panel) => {
    const panelBytes = tileBytes(plan.tile) / bulk.panels;
    const to = `shared_base + stage * ${stageBytes} + ${plan.offset + panel * panelBytes}`;
    const first = `${outer} + ${(panel * rowBytes) / plan.tile.elementBytes}`;
    const places = plan.tile.layout === 'depth' ? [depth, outer] : [first, depth];
    return `
            ${writer.call(helper, to, map, 'full + stage * 8', ...places, ...bulk.batchAxes.map((axis) => batch[axis]!))};`;
  }).join('');
}
