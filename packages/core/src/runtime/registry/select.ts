import { type Adapter, type BackendPlugin, HalyardError } from '../../contract/index.js';
import { referencePlugin } from '../../reference/index.js';
import { breathe, environmentVariable } from '../host/index.js';
import { type BackendReference, type Candidate, candidates } from './candidates.js';
import { checkVersion, isPlugin } from './check.js';
import { type BackendReport, probe } from './probe.js';

export interface ProbeBackendsOptions {
  /** Plugins, packages, paths or URLs besides the backends that are installed. */
  readonly backends?: readonly BackendReference[] | undefined;
  /** How long one backend may take. 10 000 unless said. */
  readonly probeTimeoutMs?: number | undefined;
}

/** A device that was chosen, and the backend that opens it. */
export interface Selection {
  readonly plugin: BackendPlugin;
  readonly adapter: Adapter;
  /** Where another thread finds the plugin: a URL or `reference`; undefined for an object that was handed over. */
  readonly module?: string | undefined;
}

const defaultTimeoutMs = 10_000;

/** All that `halyard doctor` shows: every backend that was looked at, what it has, or why it cannot be used. */
export function probeBackends(options: ProbeBackendsOptions = {}): Promise<BackendReport[]> {
  const timeoutMs = options.probeTimeoutMs ?? defaultTimeoutMs;
  return Promise.all(candidates(options.backends).map((candidate) => probe(candidate, timeoutMs)));
}

/**
 * The device that a name stands for (`cpu`, `cuda:1`, `cuda:0000:65:00.0`), or else the one with the best score whose
 * proof is ok. The reference backend is chosen by name alone.
 *
 * @throws HalyardError `no-device` with what each backend answered
 */
export async function selectDevice(device: string | undefined, options: ProbeBackendsOptions): Promise<Selection> {
  const wanted = device ?? environmentVariable('HALYARD_DEVICE');
  const colon = wanted?.indexOf(':') ?? -1;
  const name = colon < 0 ? wanted : wanted!.slice(0, colon);
  const which = colon < 0 ? undefined : wanted!.slice(colon + 1);
  await breathe();
  const all = candidates(options.backends);
  const looked = name === undefined ? withoutName(all) : withName(all, name);
  const timeoutMs = options.probeTimeoutMs ?? defaultTimeoutMs;
  const reports = await Promise.all(looked.map((candidate) => probe(candidate, timeoutMs)));
  const choices = reports.flatMap((report, index) =>
    report.adapters
      .map((adapter, number) => ({ adapter, number, report, candidate: looked[index]! }))
      .filter(({ adapter, number }) => {
        if (!adapter.proof.ok) return false;
        if (name === undefined) return true;
        return report.name === name && (which === undefined || which === String(number) || which === adapter.id);
      }),
  );
  const best = choices.sort((a, b) => b.adapter.score - a.adapter.score)[0];
  if (!best) throw noDevice(wanted, reports);
  const plugin = await load(best.candidate);
  const module = plugin === referencePlugin ? 'reference' : best.candidate.url;
  return { plugin, adapter: best.adapter, module };
}

/** Those of that name and all whose own name is yet to be seen; everything, so as to say what there is, where none has it. */
function withName(all: readonly Candidate[], name: string): readonly Candidate[] {
  const isNamed = (candidate: Candidate) => candidate.name === name;
  return all.some(isNamed) ? all.filter((candidate) => isNamed(candidate) || !candidate.hasOwnName) : all;
}

/** Plugins that were handed over, if there are any; otherwise all that is no mere reference. */
function withoutName(all: readonly Candidate[]): readonly Candidate[] {
  const given = all.filter(({ source, plugin }) => source === 'options' && plugin);
  return given.length > 0 ? given : all.filter(({ plugin }) => plugin !== referencePlugin);
}

async function load(candidate: Candidate): Promise<BackendPlugin> {
  if (candidate.plugin) return candidate.plugin;
  const module = await import(/* @vite-ignore */ candidate.url!).catch((cause: unknown) => {
    throw new HalyardError(
      'backend-failed',
      {
        found: `Importing ${candidate.specifier} failed although probing it had worked: ${String(cause)}`,
        expected: 'a module that loads',
        remedy: `Reinstall or rebuild ${candidate.specifier}.`,
      },
      { cause },
    );
  });
  const plugin: unknown = module.default;
  if (isPlugin(plugin) && !checkVersion(plugin.name, plugin.contract)) return plugin;
  throw new HalyardError('backend-failed', {
    found: `${candidate.specifier} exported another plugin than when it was probed`,
    expected: 'the same one',
    remedy: `Report this to the author of ${candidate.specifier}.`,
  });
}

function noDevice(wanted: string | undefined, reports: readonly BackendReport[]): HalyardError {
  const lines = reports.map((report) => {
    const { name, adapters, refusals, installed, specifier } = report;
    if (!installed && refusals.length === 0) return `${name}: ${specifier} is not installed`;
    if (refusals.length > 0)
      return `${name}: ${refusals.map(({ found, remedy }) => `${found} → ${remedy}`).join('; ')}`;
    return `${name}: has ${adapters.map((adapter, number) => `${name}:${number} (${adapter.name})`).join(', ') || 'no adapter'}`;
  });
  return new HalyardError('no-device', {
    found: `${wanted ? `Nothing that "${wanted}" stands for` : 'No usable device'} (${lines.join('; ')})`,
    expected: wanted ? 'an installed backend with such a device' : 'at least one backend that works here',
    remedy: 'Install a backend (npm install @halyard/backend-cpu), or run halyard doctor to see what is missing.',
  });
}
