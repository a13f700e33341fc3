import {
  type BackendPlugin,
  contractVersion,
  type ProbeReport,
  type Refusal,
  type Version,
} from '../../contract/index.js';
import { breathe, type ProbeOutcome, probeInChild } from '../host/index.js';
import type { Candidate } from './candidates.js';
import { checkReport, checkVersion, isPlugin } from './check.js';

/** What became of one backend. `adapters` and `refusals` are both empty for one that is simply not installed. */
export interface BackendReport extends ProbeReport {
  readonly name: string;
  readonly specifier: string;
  readonly source: string;
  readonly installed: boolean;
  readonly contract?: Version;
  readonly milliseconds: number;
}

const cache = new Map<string, Promise<BackendReport>>();

/** Probes a candidate: a package in a child process, once per process and limit; a plugin object where it is. */
export function probe(candidate: Candidate, timeoutMs: number): Promise<BackendReport> {
  if (candidate.plugin) return probePlugin(candidate, candidate.plugin, timeoutMs);
  const key = `${timeoutMs} ${candidate.url ?? candidate.specifier}`;
  let report = candidate.url ? cache.get(key) : undefined;
  if (!report) {
    report = probePackage(candidate, timeoutMs);
    if (candidate.url) cache.set(key, report);
  }
  return report.then((known) => ({ ...known, source: candidate.source }));
}

/** Forgets what was probed, for drivers that were installed meanwhile. */
export function forgetProbes(): void {
  cache.clear();
}

async function probePackage(candidate: Candidate, timeoutMs: number): Promise<BackendReport> {
  const { name, specifier, source, url } = candidate;
  const base = { name, specifier, source, installed: url !== undefined };
  if (!url) {
    const refusals = source === 'installed' ? [] : [notFound(candidate)];
    return { ...base, adapters: [], refusals, milliseconds: 0 };
  }
  await breathe();
  const start = performance.now();
  const outcome = await probeInChild(url, timeoutMs);
  const milliseconds = Math.round(performance.now() - start);
  return { ...base, ...understand(candidate, outcome, timeoutMs), milliseconds };
}

async function probePlugin(candidate: Candidate, plugin: BackendPlugin, timeoutMs: number): Promise<BackendReport> {
  const { name, specifier, source } = candidate;
  const start = performance.now();
  const done = (answer: Pick<BackendReport, 'adapters' | 'refusals'>): BackendReport => ({
    ...{ name, specifier, source, installed: true, contract: plugin.contract },
    ...answer,
    milliseconds: Math.round(performance.now() - start),
  });
  if (!isPlugin(plugin)) return done(refused(noPlugin(name, Object.keys(plugin ?? {}))));
  const mismatch = checkVersion(name, plugin.contract);
  if (mismatch) return done(refused(mismatch));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(() => resolve('timeout'), timeoutMs);
  });
  try {
    const report = await Promise.race([plugin.probe({ timeoutMs }), limit]);
    return done(report === 'timeout' ? refused(tooSlow(name, timeoutMs)) : checkReport(name, report));
  } catch (error) {
    return done(refused(threw(name, 'probe', String(error))));
  } finally {
    clearTimeout(timer);
  }
}

type Answer =
  | { readonly stage: 'shape'; readonly keys: readonly string[] }
  | { readonly stage: 'import' | 'probe'; readonly error: string }
  | { readonly stage: 'done'; readonly name: string; readonly contract: Version; readonly report: unknown };

function understand(
  { name, specifier }: Candidate,
  outcome: ProbeOutcome,
  timeoutMs: number,
): Pick<BackendReport, 'adapters' | 'refusals' | 'contract' | 'name'> {
  if (outcome.kind === 'timeout') return { name, ...refused(tooSlow(name, timeoutMs)) };
  if (outcome.kind === 'garbled') {
    return { name, ...refused(threw(name, 'probe', `an answer that is no JSON: ${outcome.detail}`)) };
  }
  if (outcome.kind === 'ended') return { name, ...refused(crashed(name, outcome)) };
  const answer = outcome.answer as Answer;
  if (answer.stage === 'shape') return { name, ...refused(noPlugin(specifier, answer.keys)) };
  if (answer.stage !== 'done') return { name, ...refused(threw(name, answer.stage, answer.error)) };
  const mismatch = checkVersion(answer.name, answer.contract);
  if (mismatch) return { name: answer.name, contract: answer.contract, ...refused(mismatch) };
  return { name: answer.name, contract: answer.contract, ...checkReport(answer.name, answer.report) };
}

const refused = (refusal: Refusal) => ({ adapters: [], refusals: [refusal] });

function notFound({ name, specifier, source }: Candidate): Refusal {
  return {
    code: 'not-found',
    found: `no package or file ${specifier}, named by ${source}`,
    expected: 'a backend that the application can import',
    remedy: `Install it (npm install ${specifier}), or take ${name} out of ${source}.`,
  };
}

function noPlugin(name: string, keys: readonly string[]): Refusal {
  return {
    code: 'backend-failed',
    found: `the default export of ${name} has ${keys.length > 0 ? keys.join(', ') : 'nothing'}`,
    expected: 'name, contract, probe, supports and open',
    remedy: `Export a BackendPlugin of contract ${contractVersion.major}.${contractVersion.minor} as default.`,
  };
}

function tooSlow(name: string, timeoutMs: number): Refusal {
  return {
    code: 'backend-failed',
    found: `probing ${name} took longer than ${timeoutMs} ms and was ended`,
    expected: 'an answer within the limit',
    remedy: 'Check the driver (it may hang), or raise probeTimeoutMs.',
  };
}

function threw(name: string, stage: string, error: string): Refusal {
  return {
    code: 'backend-failed',
    found: `${stage === 'import' ? 'importing' : 'probing'} ${name} failed: ${error.split('\n').slice(0, 4).join(' | ')}`,
    expected: 'a module that loads, and a probe that never throws',
    remedy: `Reinstall or rebuild ${name}, or report this to its author.`,
  };
}

function crashed(name: string, { code, signal, errorOutput }: Extract<ProbeOutcome, { kind: 'ended' }>): Refusal {
  const tail = errorOutput.split('\n').slice(-4).join(' | ');
  return {
    code: 'backend-failed',
    found: `probing ${name} ended with ${signal ? `signal ${signal}` : `exit code ${code}`} and no answer${tail && `: ${tail}`}`,
    expected: 'a report',
    remedy: `Check the driver and libraries that ${name} loads; reinstall it if it was built for another machine.`,
  };
}
