import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { HalyardError } from '@halyard/core';
import type { ChosenDevice } from '../device.js';
import type { Engine, EngineName } from '../engine/engine.js';
import { openEngine } from '../engine/open.js';
import { describeLimits, type MachineLimits, measureMachineLimits } from '../measure/machine-limits.js';
import { interleave, median } from '../measure/statistics.js';
import { formatRate, type Report, times } from '../table.js';

export interface LanguageModelOptions {
  readonly model: string;
  readonly rounds: number;
  /** Generated behind a short prompt. */
  readonly tokens: number;
  /** Lengths of prompts, in tokens. */
  readonly prefill: readonly number[];
  readonly engines: readonly EngineName[];
  /** Of Halyard; the CPU unless said. */
  readonly device?: ChosenDevice | undefined;
}

interface Contestant {
  readonly name: EngineName;
  /** Left out where it does not compute on the CPU. */
  readonly threads?: number;
  readonly engine: Engine;
}

interface Speed {
  readonly tokensPerSecond: number;
  readonly threads?: number;
}

interface Measured {
  readonly engine: EngineName;
  /** By workload: `decode`, `prefill128`, … */
  readonly speeds: Readonly<Record<string, Speed>>;
}

const text = 'The ship left the harbour at dawn, and nobody on the quay could say where it was bound. ';
/** Tokens in front of those that are decoded. */
const decodePrompt = 64;

/** Decode and prefill, side by side: each engine at the thread count that serves it better, medians of interleaved runs. */
export async function languageModels(options: LanguageModelOptions): Promise<Report> {
  const contestants: Contestant[] = [];
  try {
    for (const name of options.engines) await open(name, options, contestants);
    const isOnHost = contestants.some(({ threads }) => threads !== undefined);
    const limits = isOnHost ? await measureMachineLimits(availableParallelism()) : undefined;
    return present(await measure(contestants, options), options, limits);
  } finally {
    await Promise.all(contestants.map(({ engine }) => engine.close()));
  }
}

/** As many as there are thread counts to try. */
async function open(name: EngineName, options: LanguageModelOptions, opened: Contestant[]): Promise<void> {
  const { model, device, tokens, prefill } = options;
  const contextLength = Math.max(1024, 2 ** Math.ceil(Math.log2(Math.max(decodePrompt + tokens, ...prefill) + 1)));
  if (name === 'halyard' && device !== undefined) {
    const engine = await openEngine(name, { model, threads: 1, contextLength, device: device.name });
    opened.push({ name, engine });
    return;
  }
  for (const threads of new Set([1, availableParallelism()])) {
    opened.push({ name, threads, engine: await openEngine(name, { model, threads, contextLength }) });
  }
}

async function measure(contestants: readonly Contestant[], options: LanguageModelOptions): Promise<Measured[]> {
  const { rounds, prefill, tokens: decoded } = options;
  // A repetition is some twenty tokens, and never as few as ten.
  const repetitions = Math.ceil(Math.max(decodePrompt, ...prefill) / 10);
  const tokens = await contestants[0]!.engine.tokenize(text.repeat(repetitions));
  const prompt = tokens.slice(0, Math.min(decodePrompt, ...prefill));
  const workloads: Record<string, (engine: Engine) => Promise<number>> = {
    decode: async (engine) => {
      const { tokens: generated, seconds } = await engine.decode(prompt, decoded);
      if (generated.length < 2) throw endsAtOnce(options.model);
      return (generated.length - 1) / seconds;
    },
  };
  for (const length of prefill) {
    workloads[`prefill${length}`] = async (engine) => length / (await engine.prefill(tokens.slice(0, length))).seconds;
  }
  const measured = new Map<EngineName, Record<string, Speed>>();
  for (const [workload, run] of Object.entries(workloads)) {
    const turns = contestants.map(({ engine }, at) => [String(at), () => run(engine)] as const);
    const results = await interleave(rounds + 1, Object.fromEntries(turns));
    for (const [at, { name, threads }] of contestants.entries()) {
      // The first round warms up.
      const speed = {
        tokensPerSecond: median(results[String(at)]!.slice(1)),
        ...(threads !== undefined && { threads }),
      };
      const speeds = measured.get(name) ?? {};
      const before = speeds[workload];
      if (before === undefined || speed.tokensPerSecond > before.tokensPerSecond) speeds[workload] = speed;
      measured.set(name, speeds);
    }
  }
  return [...measured].map(([engine, speeds]) => ({ engine, speeds }));
}

const endsAtOnce = (model: string): HalyardError =>
  new HalyardError('unsupported', {
    found: `${model} ends its answer with the first token`,
    expected: 'tokens whose generation can be timed',
    remedy: 'Name another model with --model',
  });

function present(
  measured: readonly Measured[],
  { model, prefill, device }: LanguageModelOptions,
  limits: MachineLimits | undefined,
): Report {
  const ours = measured.find(({ engine }) => engine === 'halyard')?.speeds;
  const cell = ({ tokensPerSecond, threads }: Speed, own: Speed | undefined) =>
    [
      formatRate(tokensPerSecond),
      ...(threads === undefined ? [] : [`(${threads})`]),
      ...(own ? [times(own.tokensPerSecond / tokensPerSecond)] : []),
    ].join(' ');
  const workloads = ['decode', ...prefill.map((length) => `prefill${length}`)];
  return {
    title: `${basename(model)}, tokens/s (threads) and how many times as fast Halyard is`,
    columns: ['engine', 'decode', ...prefill.map((length) => `prefill ${length}`)],
    rows: measured.map(({ engine, speeds }) => [
      engine,
      ...workloads.map((workload) => cell(speeds[workload]!, ours?.[workload])),
    ]),
    notes: [...(device ? [`Halyard on ${device.description}`] : []), ...(limits ? [describeLimits(limits)] : [])],
    data: {
      ...(device && { device: device.description }),
      ...(limits && { limits }),
      measured: measured.map(({ engine, speeds }) => ({ engine, ...speeds })),
    },
  };
}
