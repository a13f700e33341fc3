import type { MLGraphBuilder, MLOperand } from '@halyard/core';
import { expect } from 'vitest';
import { record } from '../../graph/record.js';
import { evaluateGraph, type Named } from './evaluate.js';

export type Build = (builder: MLGraphBuilder) => MLOperand;

/** The values of the one result. */
export async function resultOf(build: Build, given: Named = {}) {
  const graph = await record((builder) => ({ result: build(builder) }));
  return evaluateGraph(graph, given).outputs.result!;
}

export function float32(
  builder: MLGraphBuilder,
  values: readonly number[],
  shape: readonly number[] = [values.length],
) {
  return builder.constant({ dataType: 'float32', shape }, Float32Array.from(values));
}

export function int32(builder: MLGraphBuilder, values: readonly number[], shape: readonly number[] = [values.length]) {
  return builder.constant({ dataType: 'int32', shape }, Int32Array.from(values));
}

export function uint8(builder: MLGraphBuilder, values: readonly number[], shape: readonly number[] = [values.length]) {
  return builder.constant({ dataType: 'uint8', shape }, Uint8Array.from(values));
}

/** Relative to the expected value, absolute below 1. */
export function expectClose(found: readonly (number | bigint)[], expected: readonly number[], tolerance = 1e-6) {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, index) => {
    const actual = Number(found[index]);
    if (!Number.isFinite(value)) expect(actual).toBe(value);
    else
      expect(Math.abs(actual - value), `element ${index}: ${actual}, not ${value}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(value)),
      );
  });
}
