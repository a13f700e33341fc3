import { type Adapter, type BackendReport, probeBackends } from '@halyard/core';
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
    const choices = reports.flatMap(({ name, adapters }) =>
      adapters.filter(({ proof }) => proof.ok && name !== 'reference').map((adapter) => ({ name, adapter })),
    );
    return { reports, best: choices.sort((a, b) => b.adapter.score - a.adapter.score)[0] };
  } finally {
    clearInterval(ticking);
    bar.end();
  }
}

/** What to do about a backend that is not installed. */
export function adviceForMissing({ name, specifier }: BackendReport): string {
  return planned.includes(name)
    ? 'not built yet: no release of Halyard has this backend so far'
    : `not installed → npm install ${specifier} (in a clone: npx --yes pnpm@10.34.8 build)`;
}
