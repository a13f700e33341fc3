import { type Adapter, type BackendPlugin, contractVersion, HalyardError, type ProbeReport } from '@halyard/core';
import { openNativeDevice } from '@halyard/native';
import { cpuAdapter, knownLevels } from './adapter.js';
import { loadAddon } from './load-addon.js';
import { supports } from './supports.js';

/** Regions are whole runs of pages. */
const granularity = 65_536;

/**
 * The CPU. Options of `open`: `threads` (all cores that the process may use unless told; also `HALYARD_CPU_THREADS`)
 * and `level`, an instruction set below the one found (also `HALYARD_CPU_LEVEL`).
 */
export const cpuPlugin: BackendPlugin = {
  name: 'cpu',
  contract: contractVersion,
  probe,
  supports,
  open: (adapter: Adapter, options = {}) => openNativeDevice(loadAddon(), adapter, { granularity, options }),
};

async function probe(): Promise<ProbeReport> {
  const cap = process.env.HALYARD_CPU_LEVEL;
  if (cap !== undefined && cap !== '' && !knownLevels.includes(cap)) {
    const refusal = {
      code: 'cpu:unknown-level',
      found: `HALYARD_CPU_LEVEL=${cap}`,
      expected: `one of ${knownLevels.join(', ')}`,
      remedy: 'Correct or unset the environment variable HALYARD_CPU_LEVEL.',
    };
    return { adapters: [], refusals: [refusal] };
  }
  try {
    return { adapters: [cpuAdapter(loadAddon().probe())], refusals: [] };
  } catch (error) {
    const details =
      error instanceof HalyardError
        ? error.details
        : { found: String(error), expected: 'an addon that loads', remedy: 'Report this with the stack trace.' };
    return { adapters: [], refusals: [{ code: 'cpu:no-addon', ...details }] };
  }
}
