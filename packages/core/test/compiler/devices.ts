import type { Adapter, AdapterLimits, CompileDevice, Step, Support } from '@halyard/core';

/** A device of these limits that takes every step for which `supports` does not say otherwise. */
export function anyDevice(
  limits: Partial<AdapterLimits> = {},
  supports: (step: Step) => Support = () => true,
  name = 'any',
): CompileDevice {
  const adapter: Adapter = {
    id: name,
    name,
    fingerprint: name,
    architecture: 'test',
    relatives: [],
    computeUnits: 1,
    memory: [],
    links: [],
    types: [],
    scalarOperators: [],
    composites: [],
    limits: { alignment: 64, regionBytes: 2 ** 40, operandsPerStep: 32, rank: 8, inPlace: true, ...limits },
    versions: {},
    score: 0,
    proof: { ok: true, detail: '' },
  };
  return { adapter, supports: (_, step) => supports(step) };
}

/** A device that refuses steps of some kinds. */
export function deviceWithout(
  kinds: readonly string[],
  name = 'limited',
  limits?: Partial<AdapterLimits>,
): CompileDevice {
  return anyDevice(
    limits,
    ({ kind }) => (kinds.includes(kind) ? { part: 'step', reason: `it has no ${kind}` } : true),
    name,
  );
}
