import type { Step } from '../../contract/index.js';
import { dependences } from '../dependences.js';
import type { Module } from '../module.js';

/** Steps that run one after another on one device. */
export interface Segment {
  readonly device: number;
  readonly steps: readonly Step[];
}

/** Orders the steps so that the device changes seldom: it stays as long as anything is ready there. */
export function segmentsOf({ steps }: Module, deviceOf: readonly number[]): Segment[] {
  const waitsFor = dependences(steps);
  const open = waitsFor.map((own) => own.length);
  const followers: number[][] = steps.map(() => []);
  for (const [step, own] of waitsFor.entries()) for (const earlier of own) followers[earlier]!.push(step);
  const ready = new Set(open.flatMap((count, step) => (count === 0 ? [step] : [])));
  const segments: { device: number; steps: Step[] }[] = [];
  while (ready.size > 0) {
    const device = deviceOf[Math.min(...ready)]!;
    const segment: Step[] = [];
    for (let next = nextOn(ready, deviceOf, device); next !== undefined; next = nextOn(ready, deviceOf, device)) {
      ready.delete(next);
      segment.push(steps[next]!);
      for (const follower of followers[next]!) if (--open[follower]! === 0) ready.add(follower);
    }
    segments.push({ device, steps: segment });
  }
  return segments;
}

/** The first step in the given order that is ready on a device. */
function nextOn(ready: ReadonlySet<number>, deviceOf: readonly number[], device: number): number | undefined {
  let first: number | undefined;
  for (const step of ready) {
    if (deviceOf[step] === device && (first === undefined || step < first)) first = step;
  }
  return first;
}
