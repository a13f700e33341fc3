import { type Adapter, type BackendReport, HalyardError, probeBackends, selectDevice } from '@halyard/core';
import { progressBar } from './terminal/progress.js';

/** Backends that are designed for and that no release has yet: nothing that could be installed. */
const planned: readonly string[] = ['rocm', 'ascend'];

export interface Survey {
  readonly reports: readonly BackendReport[];
  /** What is used where nothing is asked for. */
  readonly best: { readonly name: string; readonly adapter: Adapter } | undefined;
}

/** Looks at every backend, each in a process of its own. */
export async function surveyBackends(): Promise<Survey> {
  const bar = progressBar();
  const ticking = setInterval(() => bar.update(0, 1, 'probing backends'), 250);
  try {
    const reports = await probeBackends();
    return { reports, best: await chosenDevice() };
  } finally {
    clearInterval(ticking);
    bar.end();
  }
}

/** By the rules that contexts are created by, `HALYARD_DEVICE` among them. */
async function chosenDevice(): Promise<Survey['best']> {
  try {
    const { plugin, adapter } = await selectDevice(undefined, {});
    return { name: plugin.name, adapter };
  } catch (error) {
    if (error instanceof HalyardError) return undefined;
    throw error;
  }
}

/** What to do about a backend that is not installed. */
export function adviceForMissing({ name, specifier }: BackendReport): string {
  return planned.includes(name)
    ? 'not built yet: no release of Halyard has this backend so far'
    : `not installed → npm install ${specifier} (in a clone: npx --yes pnpm@10.34.8 build)`;
}
