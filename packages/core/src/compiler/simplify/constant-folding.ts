import { byteLength, type Step, type Tensor } from '../../contract/index.js';
import { fingerprintOf } from '../../graph/fingerprint.js';
import { readsOf } from '../accesses.js';
import type { Module, ModuleTensor } from '../module.js';
import { elementCount } from '../views.js';
import { constantBytes } from './constant-data.js';

/** Runs steps over tensors with bytes of their own, exactly; outputs are written in place. */
export type Evaluate = (
  tensors: readonly Pick<Tensor, 'type' | 'shape'>[],
  steps: readonly Step[],
  bytes: (tensor: number) => Uint8Array,
) => void;

/** Larger ones are left to the device. */
const largestBytes = 1 << 16;
/** A matmul over small constants can still be work for an interpreter. */
const mostElementsRead = 1 << 18;

/** Computes now what depends on small constants alone; where nothing does, it gives the module itself. */
export function foldConstants(module: Module, evaluate: Evaluate): Module {
  const tensors: ModuleTensor[] = [...module.tensors];
  const writers = new Map<number, number>();
  for (const { outputs } of module.steps) {
    for (const { tensor } of outputs) writers.set(tensor, (writers.get(tensor) ?? 0) + 1);
  }
  const steps: Step[] = [];
  for (const step of module.steps) {
    const isWritten = (tensor: number) => tensors[tensor]!.origin.kind === 'temporary' && writers.get(tensor) === 1;
    const results = step.outputs.map(({ tensor }) => tensor);
    if (!results.every(isWritten) || !foldStep(tensors, step, results, evaluate)) steps.push(step);
  }
  return steps.length === module.steps.length ? module : { tensors, steps };
}

function foldStep(tensors: ModuleTensor[], step: Step, results: readonly number[], evaluate: Evaluate): boolean {
  if (step.body || step.kind === 'scatter' || step.outputs.some(({ rows }) => rows)) return false;
  const reads = readsOf(step);
  if (reads.reduce((sum, { shape }) => sum + elementCount(shape), 0) > mostElementsRead) return false;
  const memory = new Map<number, Uint8Array>();
  for (const { tensor } of reads) {
    const bytes = memory.get(tensor) ?? constantBytes(tensors[tensor]!, largestBytes);
    if (!bytes) return false;
    memory.set(tensor, bytes);
  }
  for (const [at, tensor] of results.entries()) {
    const { type, shape } = tensors[tensor]!;
    const bytes = byteLength(type, shape);
    // A step that fills a tensor only in part leaves the rest to nobody.
    const isWhole = elementCount(step.outputs[at]!.shape) === elementCount(shape);
    if (bytes > largestBytes || !isWhole) return false;
    memory.set(tensor, new Uint8Array(bytes));
  }
  evaluate(tensors, [step], (tensor) => memory.get(tensor)!);
  for (const tensor of results) {
    const data = memory.get(tensor)!;
    const source = { fingerprint: fingerprintOf(data), parts: [{ data }] };
    tensors[tensor] = { ...tensors[tensor]!, origin: { kind: 'constant', source } };
  }
  return true;
}
