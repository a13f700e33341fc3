import { generateGraph, judgeFusion, planFor } from '@halyard/conformance';
import { MLGraphBuilder, opSupportLimits, referencePlugin } from '@halyard/core';
import { describe, expect, it } from 'vitest';

/** As many as there is time for; what is checked in finds nothing in 5,000. */
const graphs = Number(process.env.HALYARD_RANDOM_GRAPHS ?? 250);

async function referenceDevice() {
  const { adapters } = await referencePlugin.probe({ timeoutMs: 1000 });
  return { adapter: adapters[0]!, supports: referencePlugin.supports };
}

describe('random graphs', () => {
  it('are the same for the same seed', async () => {
    expect(await generateGraph(3)).toEqual(await generateGraph(3));
  });

  it('have every operator of the builder among them', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 1500; seed++) {
      const { graph } = await generateGraph(seed, 12);
      for (const { name } of graph.operators) seen.add(name);
    }
    const limits = Object.keys(opSupportLimits());
    const operators = limits.filter((name) => typeof (MLGraphBuilder.prototype as never)[name] === 'function');
    expect(operators.length).toBeGreaterThan(80);
    expect(operators.filter((name) => !seen.has(name) && !['input', 'constant', 'state'].includes(name))).toEqual([]);
  });

  it('have every type, rank, sort of view and fused expression among them', async () => {
    const device = await referenceDevice();
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const given = await generateGraph(seed, 12);
      for (const { dataType, shape } of given.graph.operands) {
        seen.add(dataType).add(`rank ${shape.length}`);
        if (shape.includes(0)) seen.add('empty');
      }
      for (const { program } of planFor(given, device, 'on').programs) {
        for (const { inputs, outputs, epilogue, kind } of program.steps) {
          for (const view of [...inputs, ...outputs]) {
            if (!view) continue;
            const { shape, strides, tensor, offset } = view;
            if (strides.some((stride) => stride < 0)) seen.add('reversed');
            if (strides.some((stride, axis) => stride === 0 && shape[axis]! > 1)) seen.add('broadcast');
            if (offset > 0 && strides.every((stride) => stride > 0)) seen.add('sliced');
            if (program.tensors[tensor]!.shape.length !== shape.length) seen.add('reshaped');
            if ('prologue' in view) seen.add('prologue');
            if ('rows' in view) seen.add('rows of a state');
          }
          if (epilogue && kind !== 'map') seen.add('epilogue');
        }
      }
    }
    const expected = [
      ...['float32', 'float16', 'bfloat16', 'int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'],
      ...['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'],
      ...[0, 1, 2, 3, 4, 5].map((rank) => `rank ${rank}`),
      ...['empty', 'reversed', 'broadcast', 'sliced', 'reshaped', 'prologue', 'epilogue', 'rows of a state'],
    ];
    expect(expected.filter((what) => !seen.has(what))).toEqual([]);
  });

  it(`give the same fused and unfused, by the reference interpreter: ${graphs} graphs`, {
    timeout: 600_000,
  }, async () => {
    const device = await referenceDevice();
    const failures: string[] = [];
    for (let seed = 0; seed < graphs; seed++) {
      const given = await generateGraph(seed, 12);
      try {
        judgeFusion(given, device);
      } catch (error) {
        failures.push(String(error));
      }
    }
    expect(failures).toEqual([]);
  });

  it('that were wrong once stay right', async () => {
    const device = await referenceDevice();
    // 10752: rows of a state, written through a reversed view.
    for (const seed of [10752]) judgeFusion(await generateGraph(seed, 12), device);
  });
});
