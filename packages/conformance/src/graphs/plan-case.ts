import {
  type CompileDevice,
  type ConstantSource,
  compile,
  type Plan,
  type PlannedProgram,
  type PrecisionPolicy,
  reference,
} from '@halyard/core';
import type { GraphCase } from '../generate/graph.js';
import type { ProgramCase } from '../generate/program-builder.js';

/** Compiles a graph for one device. @throws HalyardError `unsupported` if it cannot do all of it */
export function planFor(
  given: GraphCase,
  device: CompileDevice,
  fusion: 'on' | 'off',
  precision?: PrecisionPolicy,
): Plan {
  return compile(given.graph, {
    devices: [device],
    fusion,
    evaluate: reference.evaluate,
    ...(precision && { precision }),
  });
}

/** A planned program on the inputs and states of a graph. */
export function programCase({ name, data }: GraphCase, { program, constants }: PlannedProgram): ProgramCase {
  const bytes = program.bindings.map((binding) => {
    if (binding.role === 'constant') return constantBytes(constants[binding.fingerprint]!, binding.bytes);
    const given = data.get(binding.name);
    const held = new Uint8Array(binding.bytes);
    if (given) held.set(given.subarray(0, binding.bytes));
    return held;
  });
  return { name, program, data: bytes };
}

function constantBytes({ parts }: ConstantSource, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (!('data' in part)) throw new TypeError('The constants of random graphs are in memory.');
    bytes.set(part.data, at);
    at += part.data.length;
  }
  return bytes;
}
