import type { Configuration, Operand, Program } from '@halyard/core';
import { type GeneratedProgram, generateProgram } from '@halyard/simt';
import { describe, expect, it } from 'vitest';
import { type MatmulCase, matmulStep, type OneStep } from '../support/matrix-steps.js';
import { type Architecture, targets } from '../support/matrix-targets.js';

function generate(
  { tensors, step }: OneStep<'matmul'>,
  architecture: Architecture,
  tuning: Configuration = {},
): GeneratedProgram {
  const version = { major: 1, minor: 0 };
  const program: Program = { version, bindings: [], tensors, steps: [step], workspaceBytes: 0 };
  return generateProgram(program, targets[architecture], [tuning]);
}

const large = { m: 1024, n: 1024, k: 1024 } as const;
const halves: MatmulCase = { ...large, a: 'float16', b: 'float16', multiply: 'float16' };
const quantized: MatmulCase = { ...large, a: 'float32', b: 'q4_0', multiply: 'int8' };

const mapsOf = ({ launches }: GeneratedProgram) =>
  launches[0]!.arguments.flatMap((argument) => (argument.kind === 'tensor-map' ? [argument.map] : []));

describe('block-quantized weights by many rows', () => {
  it.each<[Architecture, string]>([
    ['sm_70', 'matmul-fma'],
    ['sm_72', 'matmul-fma'],
    ['sm_75', 'matmul-tensor-int8-blocks'],
    ['sm_80', 'matmul-tensor-bfloat16'],
    ['sm_86', 'matmul-tensor-int8-blocks'],
    ['sm_87', 'matmul-tensor-int8-blocks'],
    ['sm_89', 'matmul-tensor-int8-blocks'],
    ['sm_90', 'matmul-warpgroup-bfloat16'],
    ['sm_100', 'matmul-tensor-bfloat16'],
    ['sm_103', 'matmul-tensor-bfloat16'],
    ['sm_110', 'matmul-tensor-bfloat16'],
    ['sm_120', 'matmul-tensor-int8-blocks'],
    ['sm_121', 'matmul-tensor-int8-blocks'],
  ])('on %s go by %s', (architecture, kernel) => {
    expect(generate(matmulStep(quantized), architecture).choices[0]!.kernel).toBe(kernel);
  });

  it('go as the table says', () => {
    const kernel = (architecture: Architecture, wanted: string) =>
      generate(matmulStep(quantized), architecture, { kernel: wanted }).choices[0]!.kernel;
    expect(kernel('sm_80', 'blocks')).toBe('matmul-tensor-int8-blocks');
    expect(kernel('sm_86', 'tensor')).toBe('matmul-tensor-bfloat16');
    expect(kernel('sm_90', 'tensor')).toBe('matmul-tensor-bfloat16');
  });

  it('have two scales for each 32 elements in q6_k, and are dequantized', () => {
    expect(generate(matmulStep({ ...quantized, b: 'q6_k' }), 'sm_86').choices[0]!.kernel).toBe(
      'matmul-tensor-bfloat16',
    );
  });
});

describe('a product on Hopper', () => {
  it('copies views by tensor maps: k innermost, boxes of 128 bytes by the rows of a tile', () => {
    const generated = generate(matmulStep({ ...halves, batches: 2 }), 'sm_90', {
      kernel: 'warpgroup',
      rows: 128,
      columns: 256,
    });
    const [a, b] = mapsOf(generated);
    const shape = { offset: 0, elementBytes: 2, extents: [1024, 1024, 2], strides: [2048, 2 ** 21] };
    expect(a).toEqual({ memory: { kind: 'binding', binding: 0 }, ...shape, box: [64, 128, 1] });
    expect(b).toEqual({ memory: { kind: 'binding', binding: 1 }, ...shape, box: [64, 256, 1] });
  });

  it('leaves out a dimension along which nothing moves', () => {
    const { tensors, step } = matmulStep({ ...halves, batches: 2 });
    const [a, b] = step.inputs as readonly [Operand, Operand];
    const inputs = [a, { ...b, strides: [0, ...b.strides.slice(1)] }];
    const [, map] = mapsOf(generate({ tensors, step: { ...step, inputs } }, 'sm_90'));
    expect(map!.extents).toEqual([1024, 1024]);
  });

  it('goes through registers where strides are none that a map can have', () => {
    const { tensors, step } = matmulStep({ ...halves, batches: 2 });
    const [a, b] = step.inputs as readonly [Operand, Operand];
    // Batches overlap.
    const inputs = [{ ...a, strides: [1032, ...a.strides.slice(1)] }, b];
    const generated = generate({ tensors, step: { ...step, inputs } }, 'sm_90');
    expect(generated.choices[0]!.kernel).toBe('matmul-warpgroup-float16');
    expect(mapsOf(generated)).toHaveLength(1);
  });

  it('stays with mma.sync where elements do not lie in whole chunks, and says so', () => {
    const { choices } = generate(matmulStep({ ...halves, k: 1022 }), 'sm_90');
    expect(choices[0]!.kernel).toBe('matmul-tensor-float16');
    expect(choices[0]!.reason).toContain('by mma.sync, as a does not lie in whole chunks of 8 elements along k');
  });

  describe('has two blocks share the columns of b', () => {
    const whole = { m: 4096, n: 4096, k: 4096 } as const;
    const cluster = (problem: Partial<MatmulCase>, tuning: Configuration = {}) => {
      const generated = generate(matmulStep({ ...halves, ...whole, ...problem }), 'sm_90', tuning);
      const isClustered = /__cluster_dims__\(2, 1, 1\)/.test(generated.modules[0]!.source);
      const { configuration } = generated.choices[0]!;
      expect(configuration.cluster).toBe(isClustered ? 2 : 1);
      return { generated, isClustered };
    };

    it('where tiles are whole: each copies half of them, and the grid is even', () => {
      const { generated, isClustered } = cluster({});
      expect(isClustered).toBe(true);
      expect(mapsOf(generated).map(({ box }) => box)).toEqual([
        [64, 128],
        [64, 128],
      ]);
      expect(generated.launches[0]!.grid).toEqual([132, 1, 1]);
      expect(generated.choices[0]!.reason).toContain(
        '512 tiles over 132 blocks, 2 of which share the columns they read',
      );
      const [, panels] = mapsOf(cluster({ isTransposedB: false }).generated);
      expect(panels!.box).toEqual([64, 64]);
    });

    it('unless the table says otherwise', () => {
      expect(cluster({}, { kernel: 'warpgroup', rows: 128, columns: 256, cluster: 1 }).isClustered).toBe(false);
    });

    it.each<[string, Partial<MatmulCase>]>([
      ['rows of tiles are odd in number', { m: 4096 - 128 }],
      ['blocks share tiles', { m: 512, n: 512 }],
      ['operands are converted', { hasPrologue: true }],
    ])('but not where %s', (_, problem) => {
      const tuning = { kernel: 'warpgroup', rows: 128, columns: 256, cluster: 2 };
      expect(cluster(problem, tuning).isClustered).toBe(false);
    });
  });
});
