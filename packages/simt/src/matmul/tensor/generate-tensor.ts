import { KernelWriter } from '../../kernel/kernel-writer.js';
import type { StepKernels, StepLaunch, StepScene } from '../../steps/step-generator.js';
import { computeCapability } from '../../target/target.js';
import { writeBase, writeGroupLoad, writePack, writeStore } from '../accessors.js';
import type { TensorChoice } from '../choose.js';
import type { MatmulProblem } from '../problem.js';
import { mmaCore, tensorThreads } from './core.js';
import { formatBytes, type TensorFormat } from './format.js';
import { coreHelper, tensorHelpers as helpers } from './helpers.js';
import { printFixupBody, printTensorBody, type TensorKernel, tensorSharedBytes } from './kernel.js';
import { packExpressions, packHelper } from './pack.js';
import { tileBytes } from './shared-tile.js';
import { layoutOf, type OperandPlan, sourceOf } from './sources.js';
import { wmmaCore } from './wmma-core.js';
import { isShared, partialBytes, tileCount } from './work.js';

/** A matmul on tensor cores: one launch, and one more for tiles that several blocks share. */
export function generateTensor(
  scene: StepScene,
  problem: MatmulProblem,
  format: TensorFormat,
  { tile, work, reason }: TensorChoice,
): StepKernels {
  const capability = computeCapability(scene.target);
  const plans = planOperands(problem, format, capability, tile);
  const stageBytes = plans.reduce((total, plan) => total + tileBytes(plan.tile), 0);
  const isVolta = capability < 75;
  const core = isVolta ? wmmaCore(plans, tile, stageBytes) : mmaCore(plans, tile, stageBytes, format, capability);
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
    writeStore(writer, problem);
    return writer;
  };
  const main = begin();
  writeOperands(main, problem, plans, format, capability);
  if (!isVolta) main.need(helpers.matrices);
  main.need(coreHelper(isVolta ? 'wmma' : `multiply_add_${format}`, core.functions));
  const partials = (writer: KernelWriter) => (isShared(work) ? writer.scratch(core.sumType, 0) : '');
  main.line(printTensorBody(kernel, partials(main)));
  const launches = [launch('matmul_tensor', work.workers, main)];
  if (isShared(work)) {
    const fixup = begin();
    fixup.line(printFixupBody(kernel, partials(fixup)));
    launches.push(launch('matmul_fixup', tileCount(work), fixup));
  }
  return {
    launches,
    scratchBytes: partialBytes(work, threads, core.sumCount),
    choice: {
      kernel: `matmul-tensor-${format}`,
      configuration: { ...tile, hoistsLoads: tile.hoistsLoads ? 'yes' : 'no', workers: work.workers },
      reason,
    },
  };
}

function planOperands(
  problem: MatmulProblem,
  format: TensorFormat,
  capability: number,
  tile: TensorChoice['tile'],
): OperandPlan[] {
  const elementBytes = formatBytes[format];
  const depth = tile.depthBytes / elementBytes;
  let offset = 0;
  return [problem.a, ...problem.bs].map((described, index) => {
    const [extent, rows] = index === 0 ? [problem.m, tile.rows] : [problem.n, tile.columns];
    const source = sourceOf(problem, described, extent, format, capability);
    const layout = source === 'group' ? 'depth' : layoutOf(described, format);
    const plan: OperandPlan = {
      name: index === 0 ? 'a' : `b${index - 1}`,
      role: index === 0 ? 'a' : 'b',
      described,
      source,
      tile: { layout, extent: rows, depth, elementBytes, padding: capability < 75 ? 16 : 0 },
      offset,
      extent,
      rowsFirst: layout === 'depth' && described.along === 'outer',
    };
    offset += tileBytes(plan.tile);
    return plan;
  });
}

function writeOperands(
  writer: KernelWriter,
  problem: MatmulProblem,
  plans: readonly OperandPlan[],
  format: TensorFormat,
  capability: number,
): void {
  for (const { name, described, source, tile } of plans) {
    if (source === 'asynchronous') writer.need(helpers.copies);
    if (source === 'asynchronous' || source === 'raw') {
      writeBase(writer, problem, name, described);
      continue;
    }
    const pack = packHelper(format, capability);
    if (pack) writer.need(pack);
    if (source === 'group') {
      writeGroupLoad(writer, problem, name, described);
      continue;
    }
    const elements = 16 / formatBytes[format];
    writePack(writer, problem, name, described, {
      along: tile.layout,
      elements,
      pack: (values) => packExpressions(format, values),
    });
  }
}
