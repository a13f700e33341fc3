import { KernelWriter } from '../../kernel/kernel-writer.js';
import type { StepKernels, StepLaunch, StepScene } from '../../steps/step-generator.js';
import { computeCapability } from '../../target/target.js';
import { writeBase, writeGroupLoad, writePack, writeStore } from '../accessors.js';
import { activationsLaunch, placeActivations, writeActivations } from '../blocks/activations.js';
import { blockCore } from '../blocks/core.js';
import { planScales, scaleBytes } from '../blocks/scales.js';
import type { TensorChoice } from '../choose.js';
import type { MatmulProblem } from '../problem.js';
import { mmaCore, tensorThreads } from './core.js';
import { formatBytes, type TensorFormat } from './format.js';
import { coreHelper, tensorHelpers as helpers } from './helpers.js';
import { printFixupBody, printTensorBody, type TensorKernel, tensorSharedBytes } from './kernel.js';
import { packExpressions, packHelper } from './pack.js';
import { type SharedTile, tileBytes } from './shared-tile.js';
import { layoutOf, type OperandPlan, sourceOf } from './sources.js';
import { runWidth } from './store-run.js';
import { wmmaCore } from './wmma-core.js';
import { isShared, partialBytes, tileCount } from './work.js';

/**
 * A matmul on tensor cores: one launch, and one more for tiles that several blocks share.
 *
 * @param isByBlocks int8 by groups of 32 elements, each with scales: one launch in front of it rounds a
 */
export function generateTensor(
  scene: StepScene,
  given: MatmulProblem,
  format: TensorFormat,
  choice: TensorChoice,
  isByBlocks = false,
): StepKernels {
  const { work, reason } = choice;
  const capability = computeCapability(scene.target);
  const activations = isByBlocks ? placeActivations(given) : undefined;
  const problem = activations ? { ...given, a: activations.operand } : given;
  const { plans, stageBytes } = planStage(problem, format, capability, choice.tile, isByBlocks);
  const most = Math.max(2, Math.floor(scene.target.sharedBytesPerBlock / stageBytes));
  const tile = { ...choice.tile, stages: Math.min(choice.tile.stages, most) };
  const isVolta = capability < 75;
  const core = isByBlocks
    ? blockCore(plans, tile, stageBytes, capability)
    : isVolta
      ? wmmaCore(plans, tile, stageBytes)
      : mmaCore(plans, tile, stageBytes, format, capability);
  const { m, n, k } = problem;
  const kernel: TensorKernel = { plans, tile, core, format, stageBytes, work, m, n, k };
  const threads = tensorThreads(tile);
  const launch = (purpose: string, blocks: number, writer: KernelWriter): StepLaunch => ({
    kernel: writer.finish(purpose, threads, 1),
    grid: [blocks, 1, 1],
    block: [threads, 1, 1],
    dynamicSharedBytes: tensorSharedBytes(kernel),
  });
  const begin = (): KernelWriter => {
    const { target, tensors } = scene;
    const writer = new KernelWriter({ target, tensors, written: problem.step.outputs.map(({ tensor }) => tensor) });
    writer.need(helpers.address);
    writeStore(writer, problem, runWidth(problem.n));
    return writer;
  };
  const main = begin();
  for (const plan of plans) {
    if (activations && plan.role === 'a') writeActivations(main, problem, activations);
    else writeOperand(main, problem, plan, format, capability);
    if (plan.source === 'asynchronous') main.need(helpers.copies);
  }
  if (!isVolta) main.need(helpers.matrices);
  main.need(coreHelper(core.name, core.functions));
  const partials = (writer: KernelWriter) =>
    isShared(work) ? writer.scratch(core.sumType, activations?.end ?? 0) : '';
  main.line(printTensorBody(kernel, partials(main)));
  const launches = [launch('matmul_tensor', work.workers, main)];
  if (activations) {
    const writer = new KernelWriter({ target: scene.target, tensors: scene.tensors, written: [] });
    launches.unshift(activationsLaunch(writer, given, activations));
  }
  if (isShared(work)) {
    const fixup = begin();
    fixup.line(printFixupBody(kernel, partials(fixup)));
    launches.push(launch('matmul_fixup', tileCount(work), fixup));
  }
  return {
    launches,
    scratchBytes: (activations?.end ?? 0) + partialBytes(work, threads, core.sumCount),
    choice: {
      kernel: `matmul-tensor-${format}${isByBlocks ? '-blocks' : ''}`,
      configuration: { ...tile, workers: work.workers },
      reason,
    },
  };
}

/** What a stage in shared memory holds. */
function planStage(
  problem: MatmulProblem,
  format: TensorFormat,
  capability: number,
  tile: TensorChoice['tile'],
  isByBlocks: boolean,
): { readonly plans: readonly OperandPlan[]; readonly stageBytes: number } {
  const elementBytes = formatBytes[format];
  const depth = tile.depthBytes / elementBytes;
  let offset = 0;
  const take = (bytes: number): number => {
    offset += bytes;
    return offset - bytes;
  };
  const plans = [problem.a, ...problem.bs].map((described, index): OperandPlan => {
    const [extent, rows] = index === 0 ? [problem.m, tile.rows] : [problem.n, tile.columns];
    const source = sourceOf(problem, described, extent, format, capability);
    const layout = source === 'group' ? 'depth' : layoutOf(described, format);
    const shared: SharedTile = { layout, extent: rows, depth, elementBytes, padding: capability < 75 ? 16 : 0 };
    const scales = isByBlocks ? planScales(problem, shared) : undefined;
    return {
      name: index === 0 ? 'a' : `b${index - 1}`,
      role: index === 0 ? 'a' : 'b',
      described,
      source,
      tile: shared,
      offset: take(tileBytes(shared)),
      extent,
      rowsFirst: layout === 'depth' && described.along === 'outer',
      ...(scales && { scales: { ...scales, offset: take(scaleBytes(scales, shared)) } }),
    };
  });
  return { plans, stageBytes: offset };
}

/** What brings one operand to where {@link OperandPlan.source} takes it from. */
export function writeOperand(
  writer: KernelWriter,
  problem: MatmulProblem,
  { name, described, source, tile }: OperandPlan,
  format: TensorFormat,
  capability: number,
): void {
  if (source === 'asynchronous' || source === 'raw') {
    writeBase(writer, problem, name, described);
    return;
  }
  const pack = packHelper(format, capability);
  if (pack) writer.need(pack);
  if (source === 'group') {
    writeGroupLoad(writer, problem, name, described);
    return;
  }
  const elements = 16 / formatBytes[format];
  writePack(writer, problem, name, described, {
    along: tile.layout,
    elements,
    pack: (values) => packExpressions(format, values),
  });
}
