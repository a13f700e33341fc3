import { ProgramBuilder, type ProgramCase, generateProgram as randomProgram, wholeView } from '@halyard/conformance';
import { type Step, type StepKind, type Tensor, type Type, typeLayouts } from '@halyard/core';
import { generateProgram } from '@halyard/simt';
import { assemble, compileCuda } from '@halyard/simulator';
import { describe, expect, it } from 'vitest';
import { attentionStep, matmulStep, type OneStep } from './support/matrix-steps.js';
import { type Architecture, architectures, targets, toolkitFor } from './support/matrix-targets.js';
import { unaryCase } from './support/steps.js';

const kinds: readonly StepKind[] = ['map', 'reduce', 'normalize', 'gather', 'scatter', 'scan', 'sort'];
const f32 = 'float32';

/** Each block format read element by element, as a sum of rows. */
function blocks(): ProgramCase {
  const builder = new ProgramBuilder();
  const types = Object.keys(typeLayouts).filter((type) => /^q/.test(type)) as Type[];
  for (const type of types) {
    builder.step({
      kind: 'reduce',
      inputs: [wholeView(builder.bind('constant', type, [8, 512]), [8, 512])],
      outputs: [wholeView(builder.bind('output', f32, [8, 1]), [8, 1])],
      attributes: { combine: 'sum', axes: [1], accumulate: f32 },
    });
  }
  return builder.finish('blocks');
}

/** Kernels that random steps are too small for. */
const large: readonly ProgramCase[] = [
  unaryCase('reduce', f32, [2, 1 << 20], [[f32, [2, 1]]], { combine: 'logSumExp', axes: [1], accumulate: f32 }),
  unaryCase('reduce', f32, [4096, 64], [['int32', [1, 64]]], { combine: 'argMax', axes: [0], accumulate: f32 }),
  unaryCase('normalize', f32, [2, 100_000], [[f32, [2, 100_000]]], { form: 'softmax', axes: [1], epsilon: 0 }),
  unaryCase('normalize', f32, [64, 4096], [[f32, [64, 4096]]], { form: 'layer', axes: [1], epsilon: 1e-5 }),
  unaryCase('scan', 'int64', [2, 10_000], [['int64', [2, 10_000]]], {
    combine: 'sum',
    axis: 1,
    exclusive: true,
    reversed: true,
  }),
  unaryCase('sort', f32, [2, 50_000], [[f32, [2, 40]]], { axis: 1, descending: true, count: 40 }),
  unaryCase('sort', 'int64', [2, 5000], [['int64', [2, 5000]]], { axis: 1, descending: false, count: 5000 }),
  unaryCase('map', 'float16', [2048, 2048], [['float16', [2048, 2048]]], {}),
  blocks(),
];

describe.each(architectures)('for %s', (architecture) => {
  it.each(['map', 'reduce', 'normalize', 'scan', 'sort'])(
    'kernels of %s compile without a warning, and nothing spills',
    async (kind) => {
      const own = large.filter(({ program }) => program.steps[0]!.kind === kind);
      await compileAll(architecture, own);
    },
  );
});

describe.each(['sm_70', 'sm_80', 'sm_90'] as const)('for %s', (architecture) => {
  it('kernels that all have dynamic shared memory compile in one module', async () => {
    const heads = { batch: 1, heads: 2, keyHeads: 2, queries: 64, capacity: 64, size: 64, key: 'float16' } as const;
    const steps: readonly OneStep<string>[] = [
      attentionStep(heads),
      matmulStep({ m: 128, n: 256, k: 256, a: 'float16', b: 'float16', multiply: 'float16' }),
      matmulStep({ m: 128, n: 256, k: 256, a: 'float32', b: 'q4_0', multiply: 'int8' }),
      attentionStep({ ...heads, query: 'float16', multiply: 'float16' }),
    ];
    await compileAll(architecture, [oneProgram(steps)]);
  });
});

describe.each(['sm_70', 'sm_120'] as const)('for %s', (architecture) => {
  it('random programs of all kinds compile, too', async () => {
    const cases = kinds.map((kind, seed) => randomProgram(seed, { kinds: [kind], steps: 4 }));
    await compileAll(architecture, cases);
  });
});

/** Steps with nothing in common. */
function oneProgram(steps: readonly OneStep<string>[]): Pick<ProgramCase, 'program'> {
  const tensors: Tensor[] = [];
  const moved = steps.map(({ tensors: own, step }) => {
    const first = tensors.length;
    for (const tensor of own) tensors.push({ ...tensor, at: { binding: tensors.length } });
    const move = <One extends { readonly tensor: number }>(view: One): One => ({
      ...view,
      tensor: view.tensor + first,
    });
    return { ...step, inputs: step.inputs.map((one) => one && move(one)), outputs: step.outputs.map(move) };
  });
  const version = { major: 1, minor: 0 };
  return { program: { version, bindings: [], tensors, steps: moved as Step[], workspaceBytes: 0 } };
}

async function compileAll(architecture: Architecture, cases: readonly Pick<ProgramCase, 'program'>[]): Promise<void> {
  const toolkit = await toolkitFor(architecture);
  for (const { program } of cases) {
    for (const { source } of generateProgram(program, targets[architecture], []).modules) {
      const { ptx, log } = await compileCuda(toolkit, source, targets[architecture]);
      // NVRTC 12.9 says that it is the last to know Volta.
      expect(log.replace(/^.*Architectures prior to.*$/m, '').trim()).toBe('');
      const { kernels } = await assemble(toolkit, ptx, targets[architecture].architecture);
      for (const [name, { spillStoreBytes, spillLoadBytes }] of Object.entries(kernels)) {
        expect({ name, spillStoreBytes, spillLoadBytes }).toEqual({ name, spillStoreBytes: 0, spillLoadBytes: 0 });
      }
    }
  }
}
