import {
  compile,
  type Graph,
  type MLGraphBuilder,
  type MLOperand,
  type Plan,
  reference,
  validateProgram,
} from '@halyard/core';
import { describe, expect, it } from 'vitest';
import { anyDevice } from './devices.js';
import { graphOf } from './llama.js';
import { dice } from './random-module.js';
import { runPlan } from './run-plan.js';

type Build = (builder: MLGraphBuilder) => MLOperand;

const float = (builder: MLGraphBuilder, name: string, shape: number[]) =>
  builder.input(name, { dataType: 'float32', shape });
const number = (builder: MLGraphBuilder, value: number) => builder.constant('float32', value);

function planOf(graph: Graph, fusion: 'on' | 'off', device = anyDevice()): Plan {
  return compile(graph, { devices: [device], fusion, evaluate: reference.evaluate });
}

/** Kind of each step with the scalar operators of its epilogue. */
function stepsOf(plan: Plan): string[] {
  return plan.programs.flatMap(({ program }) =>
    program.steps.map(({ kind, attributes, epilogue }) => {
      const form = attributes.form ?? attributes.combine;
      const operators = (epilogue?.body ?? []).map(({ op }) => op).filter((op) => op !== 'constant');
      return [kind, ...(form === undefined ? [] : [form]), ...operators].join(' ');
    }),
  );
}

function valuesOf(plan: Plan, inputs: Map<string, Uint8Array>): Float32Array {
  const bytes = runPlan(plan, { inputs }).outputs.get('y')!;
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** The fused steps, after checking that they compute what the unfused ones do. */
async function fusedSteps(build: Build, tolerance = 1e-5, device = anyDevice()): Promise<string[]> {
  const graph = await graphOf((builder) => ({ y: build(builder) }));
  const source = dice(5);
  const inputs = new Map(
    graph.inputs.map(({ name, operand }) => {
      const count = graph.operands[operand]!.shape.reduce((product, extent) => product * extent, 1);
      const values = Float32Array.from({ length: count }, () => source.below(4000) / 1000 - 2);
      return [name, new Uint8Array(values.buffer)];
    }),
  );
  const fused = planOf(graph, 'on', device);
  for (const { program } of fused.programs) validateProgram(program);
  const found = valuesOf(fused, inputs);
  const expected = valuesOf(planOf(graph, 'off'), inputs);
  found.forEach((value, at) => {
    expect(Math.abs(value - expected[at]!)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[at]!)));
  });
  return stepsOf(fused);
}

describe('fuse', () => {
  it('makes bias and activation the epilogue of a matmul', async () => {
    const steps = await fusedSteps((builder) => {
      const product = builder.matmul(float(builder, 'a', [3, 4]), float(builder, 'b', [4, 5]));
      return builder.relu(builder.add(product, float(builder, 'bias', [5])));
    });
    expect(steps).toEqual(['matmul add max']);
  });

  it('draws what is done to an operand into its prologue', async () => {
    const steps = await fusedSteps((builder) =>
      builder.matmul(builder.neg(float(builder, 'a', [3, 4])), builder.abs(float(builder, 'b', [4, 5]))),
    );
    expect(steps).toEqual(['matmul']);
  });

  it('makes one map of a chain, whatever transposes, slices and broadcasts lie between', async () => {
    const steps = await fusedSteps((builder) => {
      const x = builder.exp(float(builder, 'x', [3, 4]));
      const turned = builder.slice(builder.transpose(x), [1, 0], [2, 3]);
      return builder.sub(builder.mul(turned, float(builder, 'y', [3])), builder.tanh(builder.reverse(turned)));
    });
    expect(steps.length).toBeLessThanOrEqual(2);
  });

  it('does not compute an expensive map again in each of its readers', async () => {
    const steps = await fusedSteps((builder) => {
      const x = builder.erf(float(builder, 'x', [3, 4]));
      return builder.matmul(builder.softmax(x, 1), builder.transpose(builder.softmax(x, 0)));
    });
    expect(steps.filter((step) => step.includes('erf'))).toHaveLength(1);
  });

  it('lets producers write straight into their parts of a concatenation', async () => {
    const steps = await fusedSteps((builder) =>
      builder.concat(
        [
          builder.matmul(float(builder, 'a', [3, 4]), float(builder, 'b', [4, 5])),
          builder.softmax(float(builder, 'c', [3, 2]), 1),
        ],
        1,
      ),
    );
    expect(steps.sort()).toEqual(['matmul', 'normalize softmax']);
  });

  it('makes a gated product one matmul with two right operands', async () => {
    const steps = await fusedSteps((builder) => {
      const x = float(builder, 'x', [2, 4]);
      const gate = builder.matmul(x, float(builder, 'gate', [4, 6]));
      const up = builder.matmul(x, float(builder, 'up', [4, 6]));
      return builder.mul(builder.mul(gate, builder.sigmoid(gate)), up);
    });
    expect(steps).toEqual(['matmul silu mul']);
  });

  it('joins two matmuls whose results meet, however often they do', async () => {
    const steps = await fusedSteps((builder) => {
      const x = float(builder, 'x', [2, 4]);
      const first = builder.matmul(x, float(builder, 'b', [4, 4]));
      const second = builder.add(builder.matmul(x, float(builder, 'c', [4, 4])), first);
      return builder.mul(first, second);
    });
    expect(steps).toEqual(['matmul add mul']);
  });

  it('leaves a device its plain matmul, where that is all it takes', async () => {
    const device = anyDevice({}, ({ kind, epilogue, inputs }) => {
      if (kind !== 'matmul') return true;
      if (inputs.length > 2) return { part: 'step', reason: 'one b only' };
      return epilogue ? { part: 'epilogue', reason: 'none' } : true;
    });
    const steps = await fusedSteps(
      (builder) => {
        const product = builder.matmul(float(builder, 'a', [3, 4]), float(builder, 'b', [4, 5]));
        return builder.sqrt(builder.abs(builder.add(product, float(builder, 'bias', [5]))));
      },
      1e-5,
      device,
    );
    expect(steps).toEqual(['matmul', 'map add abs sqrt']);
  });

  it('keeps the rounding of a value that was stored in a narrower type', async () => {
    const graph = await graphOf((builder) => {
      const third = builder.cast(builder.div(float(builder, 'x', [4]), number(builder, 3)), 'float16');
      return { y: builder.mul(builder.cast(third, 'float32'), number(builder, 3)) };
    });
    const inputs = new Map([['x', new Uint8Array(Float32Array.from([1, 2, 5, 7]).buffer)]]);
    const fused = planOf(graph, 'on');
    expect(fused.programs[0]!.program.steps).toHaveLength(1);
    expect(valuesOf(fused, inputs)).toEqual(valuesOf(planOf(graph, 'off'), inputs));
    expect([...valuesOf(fused, inputs)]).not.toEqual([1, 2, 5, 7]);
  });

  it('keeps the rounding of a float16 intermediate that no cast names', async () => {
    const graph = await graphOf((builder) => {
      const x = builder.input('x', { dataType: 'float16', shape: [4] });
      const third = builder.div(x, builder.constant('float16', 3));
      return { y: builder.cast(builder.mul(third, builder.constant('float16', 3)), 'float32') };
    });
    const inputs = new Map([['x', new Uint8Array(Uint16Array.from([0x3c00, 0x4000, 0x4500, 0x4700]).buffer)]]);
    expect(valuesOf(planOf(graph, 'on'), inputs)).toEqual(valuesOf(planOf(graph, 'off'), inputs));
  });

  it('reads a state before it is overwritten, also where the reader comes later', async () => {
    const graph = await graphOf((builder) => {
      const state = builder.state('s', { dataType: 'float32', shape: [4] });
      const before = builder.neg(state);
      const after = builder.assign(state, float(builder, 'x', [4]));
      return { y: builder.sub(builder.mul(before, number(builder, 2)), after) };
    });
    const given = {
      inputs: new Map([['x', new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)]]),
      states: new Map([['s', new Uint8Array(Float32Array.of(5, 6, 7, 8).buffer)]]),
    };
    for (const fusion of ['on', 'off'] as const) {
      const memory = runPlan(planOf(graph, fusion), given);
      expect([...new Float32Array(memory.outputs.get('y')!.buffer)]).toEqual([-11, -14, -17, -20]);
      expect([...new Float32Array(memory.states.get('s')!.buffer)]).toEqual([1, 2, 3, 4]);
    }
  });
});

describe('patterns', () => {
  const mean = (builder: MLGraphBuilder, x: MLOperand) => builder.reduceMean(x, { axes: [1], keepDimensions: true });

  it('recognizes root-mean-square normalization, whichever way the root is said', async () => {
    const roots = [
      (builder: MLGraphBuilder, x: MLOperand, square: MLOperand) => builder.div(x, builder.sqrt(square)),
      (builder: MLGraphBuilder, x: MLOperand, square: MLOperand) =>
        builder.mul(x, builder.reciprocal(builder.sqrt(square))),
      (builder: MLGraphBuilder, x: MLOperand, square: MLOperand) =>
        builder.mul(builder.div(number(builder, 1), builder.sqrt(square)), x),
    ];
    for (const root of roots) {
      const steps = await fusedSteps((builder) => {
        const x = float(builder, 'x', [3, 8]);
        const square = builder.add(mean(builder, builder.pow(x, number(builder, 2))), number(builder, 1e-3));
        return builder.mul(root(builder, x, square), float(builder, 'scale', [8]));
      });
      expect(steps).toEqual(['normalize rms mul']);
    }
  });

  it('recognizes layer normalization', async () => {
    const steps = await fusedSteps((builder) => {
      const x = float(builder, 'x', [3, 8]);
      const centered = builder.sub(x, mean(builder, x));
      const variance = mean(builder, builder.mul(centered, centered));
      const normal = builder.div(centered, builder.sqrt(builder.add(variance, number(builder, 1e-3))));
      return builder.add(builder.mul(normal, float(builder, 'scale', [8])), float(builder, 'bias', [8]));
    });
    expect(steps).toEqual(['normalize layer mul add']);
  });

  it('recognizes softmax', async () => {
    const steps = await fusedSteps((builder) => {
      const x = float(builder, 'x', [3, 8]);
      const largest = builder.reduceMax(x, { axes: [1], keepDimensions: true });
      const exponentials = builder.exp(builder.sub(x, largest));
      return builder.div(exponentials, builder.reduceSum(exponentials, { axes: [1], keepDimensions: true }));
    });
    expect(steps).toEqual(['normalize softmax']);
  });

  it('takes the mean of other things for what it is', async () => {
    const steps = await fusedSteps((builder) => {
      const [x, z] = [float(builder, 'x', [3, 8]), float(builder, 'z', [3, 8])];
      return builder.div(x, builder.sqrt(mean(builder, builder.mul(z, z))));
    });
    expect(steps.some((step) => step.startsWith('normalize'))).toBe(false);
  });

  it.each([
    ['scaled afterwards', 0],
    ['with scaled queries', 1],
    ['divided, with a mask', 2],
  ])('recognizes attention %s', async (_, variant) => {
    const steps = await fusedSteps((builder) => {
      const [query, key, value] = ['q', 'k', 'v'].map((name, at) => float(builder, name, [2, 3, at === 0 ? 4 : 5, 8]));
      const turned = builder.transpose(key!, { permutation: [0, 1, 3, 2] });
      const scale = number(builder, 0.25);
      let scores = builder.matmul(variant === 1 ? builder.mul(query!, scale) : query!, turned);
      if (variant === 0) scores = builder.mul(scores, scale);
      if (variant === 2) {
        scores = builder.add(builder.div(scores, number(builder, 4)), float(builder, 'mask', [4, 5]));
      }
      return builder.matmul(builder.softmax(scores, 3), value!);
    });
    expect(steps).toEqual(['attention']);
  });

  it('recognizes attention of three dimensions', async () => {
    const steps = await fusedSteps((builder) => {
      const [query, key, value] = ['q', 'k', 'v'].map((name) => float(builder, name, [3, 5, 8]));
      const scores = builder.matmul(query!, builder.transpose(key!, { permutation: [0, 2, 1] }));
      return builder.matmul(builder.softmax(scores, 2), value!);
    });
    expect(steps).toEqual(['attention']);
  });

  it('recognizes activations that are spelled out', async () => {
    const gelu = await fusedSteps((builder) => {
      const x = float(builder, 'x', [3, 8]);
      const error = builder.erf(builder.div(x, number(builder, Math.SQRT2)));
      return builder.mul(builder.mul(x, builder.add(error, number(builder, 1))), number(builder, 0.5));
    });
    expect(gelu).toEqual(['map gelu']);
    const silu = await fusedSteps((builder) => {
      const x = float(builder, 'x', [3, 8]);
      return builder.mul(builder.sigmoid(x), x);
    });
    expect(silu).toEqual(['map silu']);
  });

  it('recognizes nothing that the device does not take', async () => {
    const device = anyDevice({}, ({ kind }) => (kind === 'normalize' ? { part: 'step', reason: 'none' } : true));
    const steps = await fusedSteps((builder) => builder.softmax(float(builder, 'x', [3, 8]), 1), 1e-5, device);
    expect(steps.some((step) => step.startsWith('normalize'))).toBe(false);
  });
});
