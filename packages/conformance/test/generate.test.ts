import { compareBindings, generateProgram, interpretWithBounds } from '@halyard/conformance';
import { interpret, reference, validateProgram } from '@halyard/core';
import { describe, expect, it } from 'vitest';

const copies = (data: readonly Uint8Array[]) => data.map((bytes) => bytes.slice());

describe('random programs', () => {
  it('are the same for the same seed', () => {
    expect(generateProgram(7)).toEqual(generateProgram(7));
    expect(generateProgram(7)).not.toEqual(generateProgram(8));
  });

  it('obey the contract and have every kind, rank and type among them', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 1000; seed++) {
      const { program } = generateProgram(seed);
      validateProgram(program);
      for (const step of program.steps) {
        seen.add(step.kind);
        for (const view of [...step.inputs, ...step.outputs]) {
          if (!view) continue;
          seen.add(`rank ${view.shape.length}`).add(program.tensors[view.tensor]!.type);
          if (view.shape.includes(0)) seen.add('empty');
          if (view.strides.some((stride) => stride < 0)) seen.add('reversed');
          if (view.strides.some((stride, axis) => stride === 0 && view.shape[axis]! > 1)) seen.add('broadcast');
          if ('prologue' in view) seen.add('prologue');
          if ('rows' in view) seen.add('target rows');
        }
        if (step.epilogue && step.kind !== 'map') seen.add('epilogue');
        for (const { op } of step.epilogue?.body ?? []) seen.add(op);
      }
    }
    const expected = [
      ...reference.stepKinds,
      ...[0, 1, 2, 3, 4, 5].map((rank) => `rank ${rank}`),
      ...['float32', 'float16', 'bfloat16', 'int64', 'uint64', 'int32', 'uint32', 'int8', 'uint8'],
      ...['q4_0', 'q4_1', 'q8_0', 'q4_k', 'q6_k'],
      ...['empty', 'reversed', 'broadcast', 'prologue', 'epilogue', 'target rows'],
      ...['gelu', 'erf', 'pow', 'select', 'cast', 'coordinate', 'random', 'isNaN', 'roundEven'],
    ];
    expect(expected.filter((what) => !seen.has(what))).toEqual([]);
  });

  it('run by the reference with bounds, which its own results keep', () => {
    for (let seed = 0; seed < 300; seed++) {
      const { program, data } = generateProgram(seed);
      const [plain, bounded] = [copies(data), copies(data)];
      interpret(program, plain, new Uint8Array(program.workspaceBytes));
      const bounds = interpretWithBounds(program, bounded);
      expect(compareBindings(program, plain, bounded, bounds)).toBeUndefined();
    }
  });
});
