import type { Module } from './module.js';
import { connect, type Partition } from './partition/connect.js';
import { segmentsOf } from './partition/segments.js';

/** Cuts a module into parts that each run on one device, and says what has to be brought from one to another. */
export function partition(module: Module, deviceOf: readonly number[]): Partition {
  const [first = 0] = deviceOf;
  if (deviceOf.every((device) => device === first)) {
    return { parts: [{ device: first, module }], commands: [{ kind: 'run', program: 0 }] };
  }
  return connect(module, segmentsOf(module, deviceOf));
}
