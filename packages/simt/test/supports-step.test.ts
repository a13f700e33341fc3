import { generateProgram as randomProgram } from '@halyard/conformance';
import type { Step, Tensor } from '@halyard/core';
import { supportsStep } from '@halyard/simt';
import { describe, expect, it } from 'vitest';
import { targets } from './support/matrix-targets.js';

const target = targets.sm_80;
const view = (tensor: number) => ({ tensor, offset: 0, shape: [4], strides: [1] });
const tensor = (type: Tensor['type']): Tensor => ({ type, shape: [4], at: 'workspace', offset: 0 });
const map = (step: Partial<Step>): Step => ({
  kind: 'map',
  inputs: [view(0)],
  outputs: [view(1)],
  attributes: {},
  epilogue: { inputs: [], body: [], results: [0] },
  after: [],
  origin: [],
  ...step,
});
const strange = { inputs: [], body: [{ op: 'cast', arguments: [0], dataType: 'float8e4m3' }], results: [1] } as const;

describe('supportsStep', () => {
  it('takes every step that conformance makes', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { program } = randomProgram(seed);
      for (const step of program.steps) expect(supportsStep(target, step, program.tensors)).toBe(true);
    }
  });

  it('names the step where it cannot be read or written', () => {
    expect(supportsStep(target, map({}), [tensor('float8e5m2'), tensor('float32')])).toEqual({
      part: 'step',
      reason: 'reading float8e5m2 is not done',
    });
    expect(supportsStep(target, map({}), [tensor('float32'), tensor('q8_0')])).toEqual({
      part: 'step',
      reason: 'writing q8_0 is not done',
    });
  });

  it('names the prologue where that is in the way', () => {
    const step = map({ inputs: [{ ...view(0), prologue: strange }] });
    expect(supportsStep(target, step, [tensor('float32'), tensor('float32')])).toEqual({
      part: 'prologue',
      reason: 'computing with float8e4m3 is not done',
    });
  });

  it('names the epilogue of a step that can do without it, and a map whose expression it is', () => {
    const tensors = [tensor('float32'), tensor('float32')];
    const attributes = { axis: 0, combine: 'sum', exclusive: false, reversed: false };
    expect(supportsStep(target, map({ kind: 'scan', attributes, epilogue: strange }), tensors)).toMatchObject({
      part: 'epilogue',
    });
    expect(supportsStep(target, map({ epilogue: strange }), tensors)).toMatchObject({ part: 'step' });
  });

  it('leaves composites to their bodies', () => {
    expect(supportsStep(target, map({ kind: 'lstm' }), [tensor('float32'), tensor('float32')])).toEqual({
      part: 'step',
      reason: 'lstm runs as the steps that it stands for',
    });
  });
});
