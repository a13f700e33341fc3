import type { KernelWriter } from '../../kernel/kernel-writer.js';
import type { StepLaunch } from '../../steps/step-generator.js';
import { writeLoad } from '../accessors.js';
import { groupElements } from '../block-quantized.js';
import type { MatmulOperand, MatmulProblem } from '../problem.js';

/** Activations rounded to int8 by groups of 32 along k, in a step's scratch memory. */
export interface Activations {
  /** As an operand: dense, by rows. */
  readonly operand: MatmulOperand;
  /** Bytes from the start of the scratch memory. Scales and sums of groups lie by groups, rows side by side. */
  readonly quants: number;
  readonly scales: number;
  readonly totals: number;
  readonly end: number;
}

const threads = 256;

export function placeActivations({ m, k, batches, step }: MatmulProblem): Activations {
  const round = (bytes: number) => Math.ceil(bytes / 16) * 16;
  const floats = batches * m * (k / groupElements) * 4;
  const scales = round(batches * m * k);
  const totals = scales + round(floats);
  const shape = step.inputs[0]!.shape;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  return {
    operand: {
      operand: { tensor: step.inputs[0]!.tensor, offset: 0, shape, strides },
      type: 'int8',
      along: 'depth',
      isPlain: true,
      alignment: 16,
    },
    quants: 0,
    scales,
    totals,
    end: totals + round(floats),
  };
}

/** A warp rounds a group: the greatest magnitude becomes 127. */
export function activationsLaunch(writer: KernelWriter, problem: MatmulProblem, places: Activations): StepLaunch {
  const { m, k, batches } = problem;
  const groups = k / groupElements;
  const total = batches * m * groups;
  writeLoad(writer, problem, 'a', problem.a);
  const quants = writer.scratch('signed char', places.quants);
  const scales = writer.scratch('float', places.scales);
  const totals = writer.scratch('float', places.totals);
  writer.line(`
  const int lane = threadIdx.x & 31;
  const int which = blockIdx.x * ${threads / 32} + threadIdx.x / 32;
  if (which >= ${total}) return;
  const int group = which % ${groups};
  const int row = which / ${groups} % ${m};
  const int batch = which / ${groups * m};
  const float x = load_a(batch, row, group * 32 + lane);
  float greatest = fabsf(x);
  for (int other = 16; other > 0; other /= 2) greatest = fmaxf(greatest, __shfl_xor_sync(0xffffffffu, greatest, other));
  const float scale = greatest / 127.0f;
  const int quant = __float2int_rn(greatest == 0.0f ? 0.0f : x / scale);
  int sum = quant;
  for (int other = 16; other > 0; other /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, other);
  ${quants}[(batch * ${m} + row) * ${k}ll + group * 32 + lane] = static_cast<signed char>(quant);
  if (lane == 0) {
    const int at = (batch * ${groups} + group) * ${m} + row;
    ${scales}[at] = scale;
    ${totals}[at] = scale * float(sum);
  }`);
  const kernel = writer.finish('matmul_activations', threads);
  return { kernel, grid: [Math.ceil(total / (threads / 32)), 1, 1], block: [threads, 1, 1] };
}

/** `base_a(batch)`, `scales_of(batch, group)` and `totals_of(batch, group)`, for whoever multiplies. */
export function writeActivations(writer: KernelWriter, { m, k }: MatmulProblem, places: Activations): void {
  const quants = writer.scratch('signed char', places.quants);
  writer.line(`const auto base_a = [&](int batch) -> const signed char* { return ${quants} + batch * ${m * k}ll; };`);
  for (const name of ['scales', 'totals'] as const) {
    const from = writer.scratch('float', places[name]);
    writer.line(
      `const auto ${name}_of = [&](int batch, int group) -> const float* { return ${from} + (batch * ${k / groupElements} + group) * ${m}; };`,
    );
  }
}
