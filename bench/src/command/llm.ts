import { availableParallelism } from 'node:os';
import type { Engine, EngineName } from '../engine/engine.js';
import { openEngine } from '../engine/open.js';
import { describeLimits, measureMachineLimits } from '../measure/machine-limits.js';
import { interleave, median } from '../measure/statistics.js';
import { type Report, times } from '../table.js';

export interface LanguageModelOptions {
  readonly model: string;
  readonly rounds: number;
  readonly engines: readonly EngineName[];
  /** Of Halyard; the CPU unless said. */
  readonly device?: string | undefined;
}

interface Measured {
  readonly engine: EngineName;
  readonly decode: Speed;
  readonly prefill128: Speed;
  readonly prefill512: Speed;
}

interface Speed {
  readonly tokensPerSecond: number;
  readonly threads: number;
}

const text = 'The ship left the harbour at dawn, and nobody on the quay could say where it was bound. ';
const decoded = 48;

/** Decode and prefill, side by side: each engine at the thread count that serves it better, medians of interleaved runs. */
export async function languageModels(options: LanguageModelOptions): Promise<Report> {
  const limits = await measureMachineLimits(availableParallelism());
  const { device } = options;
  const contestants: { name: EngineName; threads: number; engine: Engine }[] = [];
  for (const name of options.engines) {
    const isElsewhere = name === 'halyard' && device !== undefined;
    for (const count of isElsewhere ? [1] : new Set([1, availableParallelism()])) {
      const common = { model: options.model, threads: count, contextLength: 1024 };
      const engine = await openEngine(name, { ...common, ...(isElsewhere && { device }) });
      contestants.push({ name, threads: count, engine });
    }
  }
  try {
    const tokens = await contestants[0]!.engine.tokenize(text.repeat(30));
    const workloads: Record<Exclude<keyof Measured, 'engine'>, (engine: Engine) => Promise<number>> = {
      decode: async (engine) => {
        const { tokens: generated, seconds } = await engine.decode(tokens.slice(0, 64), decoded);
        return (generated.length - 1) / seconds;
      },
      prefill128: async (engine) => 128 / (await engine.prefill(tokens.slice(0, 128))).seconds,
      prefill512: async (engine) => 512 / (await engine.prefill(tokens.slice(0, 512))).seconds,
    };
    const speeds: Record<string, Record<string, Speed[]>> = {};
    for (const [workload, measure] of Object.entries(workloads)) {
      const results = await interleave(
        options.rounds + 1,
        Object.fromEntries(
          contestants.map(({ name, threads, engine }) => [`${name} ${threads}`, () => measure(engine)]),
        ),
      );
      for (const { name, threads } of contestants) {
        // The first round warms up.
        const tokensPerSecond = median(results[`${name} ${threads}`]!.slice(1));
        ((speeds[name] ??= {})[workload] ??= []).push({ tokensPerSecond, threads });
      }
    }
    const better = (list: readonly Speed[]) => list.reduce((a, b) => (b.tokensPerSecond > a.tokensPerSecond ? b : a));
    const measured = options.engines.map(
      (engine) =>
        ({
          engine,
          ...Object.fromEntries(Object.entries(speeds[engine]!).map(([workload, list]) => [workload, better(list)])),
        }) as unknown as Measured,
    );
    return present(measured, limits, device);
  } finally {
    for (const { engine } of contestants) await engine.close();
  }
}

function present(
  measured: readonly Measured[],
  limits: Parameters<typeof describeLimits>[0],
  device: string | undefined,
): Report {
  const ours = measured.find(({ engine }) => engine === 'halyard');
  const cell = ({ tokensPerSecond, threads }: Speed, own: Speed | undefined) =>
    `${tokensPerSecond.toFixed(0)} (${threads})${own ? ` ${times(own.tokensPerSecond / tokensPerSecond)}` : ''}`;
  return {
    title: 'SmolLM2-135M-Instruct Q4_1, tokens/s (threads) and how many times as fast Halyard is',
    columns: ['engine', 'decode', 'prefill 128', 'prefill 512'],
    rows: measured.map((one) => [
      one.engine,
      cell(one.decode, ours?.decode),
      cell(one.prefill128, ours?.prefill128),
      cell(one.prefill512, ours?.prefill512),
    ]),
    notes: [...(device === undefined ? [] : [`Halyard on ${device}`]), describeLimits(limits)],
    data: { ...(device !== undefined && { device }), limits, measured },
  };
}
