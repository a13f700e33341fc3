import {
  type Adapter,
  type BackendPlugin,
  contractVersion,
  type ProbeReport,
  type Refusal,
  type Version,
} from '../../contract/index.js';

export function isPlugin(value: unknown): value is BackendPlugin {
  const plugin = value as BackendPlugin | undefined;
  return (
    typeof plugin === 'object' &&
    plugin !== null &&
    typeof plugin.name === 'string' &&
    [plugin.probe, plugin.supports, plugin.open].every((method) => typeof method === 'function')
  );
}

/** Within one major, any two minors work together. */
export function checkVersion(name: string, version: Version | undefined): Refusal | undefined {
  const isVersion = Number.isInteger(version?.major) && Number.isInteger(version?.minor);
  if (isVersion && version!.major === contractVersion.major) return undefined;
  const isOlder = isVersion && version!.major < contractVersion.major;
  return {
    code: 'contract-mismatch',
    found: `${name} was built against contract ${isVersion ? `${version!.major}.${version!.minor}` : JSON.stringify(version)}`,
    expected: `${contractVersion.major}.x`,
    remedy: isOlder ? `Update ${name}.` : `Update @halyard/core, or take a ${name} of major ${contractVersion.major}.`,
  };
}

/** Keeps the adapters that are whole; each of the others becomes a refusal. */
export function checkReport(name: string, report: unknown): ProbeReport {
  const { adapters, refusals } = (report ?? {}) as Partial<ProbeReport>;
  if (!Array.isArray(adapters) || !Array.isArray(refusals)) {
    return { adapters: [], refusals: [malformed(name, 'a report without adapters and refusals')] };
  }
  const whole = (adapters as unknown[]).filter(isAdapter);
  const broken = adapters.length - whole.length;
  const proofs = whole.filter((adapter) => !adapter.proof.ok).map((adapter) => noProof(name, adapter));
  return {
    adapters: whole,
    refusals: [
      ...(refusals as unknown[]).map((refusal) =>
        isRefusal(refusal) ? refusal : malformed(name, 'a malformed refusal'),
      ),
      ...proofs,
      ...(broken > 0 ? [malformed(name, `${broken} malformed adapters`)] : []),
    ],
  };
}

function isAdapter(value: unknown): value is Adapter {
  const adapter = value as Adapter | null;
  return (
    typeof adapter === 'object' &&
    adapter !== null &&
    [adapter.id, adapter.name, adapter.fingerprint, adapter.architecture].every((text) => typeof text === 'string') &&
    [adapter.relatives, adapter.memory, adapter.types, adapter.scalarOperators, adapter.composites].every(
      Array.isArray,
    ) &&
    Number.isFinite(adapter.score) &&
    Number.isInteger(adapter.limits?.alignment) &&
    adapter.limits.alignment > 0 &&
    adapter.limits.regionBytes > 0 &&
    typeof adapter.proof?.ok === 'boolean'
  );
}

function isRefusal(value: unknown): value is Refusal {
  const refusal = value as Refusal | null;
  return (
    typeof refusal === 'object' &&
    refusal !== null &&
    [refusal.code, refusal.found, refusal.expected, refusal.remedy].every((text) => typeof text === 'string')
  );
}

function malformed(name: string, found: string): Refusal {
  return {
    code: 'backend-failed',
    found: `${name} gave ${found}`,
    expected: 'a ProbeReport as the contract describes it',
    remedy: `Report this to the author of ${name}.`,
  };
}

function noProof(name: string, adapter: Adapter): Refusal {
  return {
    code: 'proof-failed',
    found: `${adapter.name} (${name}) did not compute what it should: ${adapter.proof.detail}`,
    expected: 'the right result of a small computation',
    remedy: 'Update the driver; if that does not help, report it with the output of halyard doctor --json.',
  };
}
