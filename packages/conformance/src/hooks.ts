import type { Adapter } from '@halyard/core';

/** What the suite needs of a test runner: `describe` and `it` of vitest, jest, mocha or node:test. */
export interface TestHooks {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** Something that the backend refuses, so that it could not be tested. */
export interface LeftToDo {
  /** The step's kind, or what else was refused. */
  readonly what: string;
  readonly part: 'step' | 'prologue' | 'epilogue' | 'device';
  /** The backend's own words. */
  readonly reason: string;
  /** How many programs of the suite were left out for it. */
  count: number;
}

export interface TestOptions {
  /** Which of the adapters found to test; the first whose proof is ok unless told. */
  readonly choose?: (adapters: readonly Adapter[]) => Adapter | undefined;
  /** Handed to `open`. */
  readonly open?: Readonly<Record<string, unknown>>;
  /** Of the random programs; 1 unless told. */
  readonly seed?: number;
  /** How many random programs for each kind of step, and thrice as many of mixed kinds; 60 unless told. */
  readonly programs?: number;
  /** How many random graphs, compiled with and without fusion; 60 unless told. */
  readonly graphs?: number;
  /** For `probe`; 10 seconds unless told. */
  readonly timeoutMs?: number;
  /** Called by the last test. */
  readonly onLeftToDo?: (items: readonly LeftToDo[]) => void;
}

/** What the suite found besides passing and failing. Complete once its tests have run. */
export interface ConformanceReport {
  /** Programs that ran and were right. */
  passed: number;
  readonly leftToDo: LeftToDo[];
}
