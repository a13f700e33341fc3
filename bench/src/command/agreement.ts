import { availableParallelism } from 'node:os';
import type { ChosenDevice } from '../device.js';
import type { ScoringEngine } from '../engine/engine.js';
import { openHalyard } from '../engine/halyard.js';
import { openNodeLlama } from '../engine/node-llama-cpp.js';
import { divergence } from '../measure/divergence.js';
import { prompts } from '../prompts.js';
import type { Report } from '../table.js';

/** A first difference between tokens nearer than this in float32 is a tie that rounding decides. */
const nearTie = 0.1;

interface PromptResult {
  readonly prompt: string;
  readonly sameTokens: boolean;
  /** How many generated tokens are the same from the beginning. */
  readonly agreed: number;
  readonly of: number;
  /** At the first difference, by how much the float32 evaluation prefers Halyard's token to the peer's. */
  readonly margin?: number;
  readonly halyardDivergence: number;
  readonly peerDivergence: number;
  /** Where the peer with another attention kernel parts from itself: how far apart the two tokens are in float32. */
  readonly peerOwnMargin?: number;
}

/**
 * Greedy generation beside node-llama-cpp, and how far each strays from an evaluation of the same weights in float32,
 * both fed the same tokens.
 */
export async function agreement(options: {
  readonly model: string;
  readonly prompts: number;
  /** Generated for each of them. */
  readonly tokens: number;
  /** The device of the float32 evaluation. */
  readonly oracle: string;
  /** Ours; the CPU's unless said. */
  readonly device?: ChosenDevice | undefined;
}): Promise<Report> {
  const { device, tokens } = options;
  const common = { model: options.model, threads: availableParallelism(), contextLength: 512 };
  const opened: ScoringEngine[] = [];
  const keep = (engine: ScoringEngine): ScoringEngine => {
    opened.push(engine);
    return engine;
  };
  try {
    // One thread: the peer's threads wait for each other by spinning, endlessly so on a machine that has other work.
    const engines: Engines = {
      peer: keep(await openNodeLlama({ ...common, threads: 1 })),
      peerAgain: keep(await openNodeLlama({ ...common, threads: 1, flashAttention: false })),
      ours: keep(await openHalyard({ ...common, ...(device && { device: device.name }) })),
      exact: keep(await openHalyard({ ...common, precision: 'float32', device: options.oracle })),
    };
    const results: PromptResult[] = [];
    for (const [index, prompt] of prompts.slice(0, options.prompts).entries()) {
      process.stderr.write(`prompt ${index + 1} of ${Math.min(options.prompts, prompts.length)}\r`);
      results.push(await compare(prompt, tokens, engines));
    }
    return present(results, options);
  } finally {
    for (const engine of opened) await engine.close();
  }
}

interface Engines {
  readonly ours: ScoringEngine;
  readonly peer: ScoringEngine;
  /** With its other attention kernel. */
  readonly peerAgain: ScoringEngine;
  /** In float32. */
  readonly exact: ScoringEngine;
}

async function compare(prompt: string, generated: number, engines: Engines): Promise<PromptResult> {
  const { ours, peer, peerAgain, exact } = engines;
  const tokens = await peer.tokenize(prompt);
  const sameTokens = String(tokens) === String(await ours.tokenize(prompt));
  // Each of the peers has one thread.
  const [{ tokens: theirs }, { tokens: theirsAgain }] = await Promise.all([
    peer.decode(tokens, generated - 1),
    peerAgain.decode(tokens, generated - 1),
  ]);
  const own = (await ours.decode(tokens, generated - 1)).tokens;
  const agreed = agreedTokens(own, theirs);

  const from = tokens.length - 1;
  const fed = [...tokens, ...theirs.slice(0, -1)];
  const [truth, ourLogits, peerLogits] = await Promise.all([
    exact.logits(fed, from),
    ours.logits(fed, from),
    peer.logits(fed, from),
  ]);
  const strays = (logits: readonly Float32Array[]) =>
    truth.reduce((sum, row, position) => sum + divergence(row, logits[position]!), 0) / truth.length;
  const marginOver = (other: readonly number[]) => {
    const position = agreedTokens(other, theirs);
    const [a, b] = [other[position], theirs[position]];
    return a !== undefined && b !== undefined ? truth[position]![a]! - truth[position]![b]! : undefined;
  };
  const margin = marginOver(own);
  const peerOwnMargin = marginOver(theirsAgain);
  return {
    prompt,
    sameTokens,
    agreed,
    of: theirs.length,
    ...(margin !== undefined && { margin }),
    halyardDivergence: strays(ourLogits),
    peerDivergence: strays(peerLogits),
    ...(peerOwnMargin !== undefined && { peerOwnMargin }),
  };
}

/** How many tokens are the same from the beginning. */
function agreedTokens(tokens: readonly number[], others: readonly number[]): number {
  const differs = tokens.findIndex((token, position) => token !== others[position]);
  return differs === -1 ? tokens.length : differs;
}

/** What the peer's rounding alone does to its own tokens: nobody who rounds otherwise can agree with it better. */
function describePeerItself(results: readonly PromptResult[]): string {
  const margins = results.flatMap(({ peerOwnMargin }) =>
    peerOwnMargin === undefined ? [] : [Math.abs(peerOwnMargin)],
  );
  const far = margins.filter((margin) => margin >= nearTie);
  const most = Math.max(0, ...margins);
  return `node-llama-cpp against itself without flash attention: ${results.length - margins.length} equal, ${margins.length - far.length} near tie, ${far.length} further apart (at most ${most.toFixed(3)})`;
}

type Verdict = 'equal' | 'near tie' | 'peer strays' | 'DIFFERS';

function judge({ sameTokens, agreed, of, margin }: PromptResult): Verdict {
  if (!sameTokens) return 'DIFFERS';
  if (margin === undefined) return agreed === of ? 'equal' : 'DIFFERS';
  if (Math.abs(margin) < nearTie) return 'near tie';
  return margin > 0 ? 'peer strays' : 'DIFFERS';
}

function present(
  results: readonly PromptResult[],
  {
    oracle,
    tokens,
    device,
  }: { readonly oracle: string; readonly tokens: number; readonly device?: ChosenDevice | undefined },
): Report {
  const verdicts = results.map(judge);
  const mean = (value: (result: PromptResult) => number) =>
    results.reduce((sum, result) => sum + value(result), 0) / results.length;
  const halyardDivergence = mean((result) => result.halyardDivergence);
  const peerDivergence = mean((result) => result.peerDivergence);
  const checks = [...verdicts.map((verdict) => verdict !== 'DIFFERS'), halyardDivergence <= peerDivergence];
  const passed = checks.filter(Boolean).length;
  return {
    title: `Greedy generation beside node-llama-cpp, ${tokens} tokens, and divergence from float32 (nats)`,
    columns: ['prompt', 'same tokens', 'margin', 'halyard', 'node-llama-cpp', ''],
    rows: results.map((result, index) => [
      JSON.stringify(result.prompt.slice(0, 32)),
      `${result.agreed}/${result.of}`,
      result.margin?.toFixed(3) ?? '',
      result.halyardDivergence.toExponential(2),
      result.peerDivergence.toExponential(2),
      verdicts[index]!,
    ]),
    notes: [
      ...(device ? [`Halyard on ${device.description}`] : []),
      ['equal', 'near tie', 'peer strays', 'DIFFERS']
        .map((verdict) => `${verdicts.filter((one) => one === verdict).length} ${verdict}`)
        .join(', '),
      `near tie: less than ${nearTie} apart in float32; peer strays: float32 itself goes on with Halyard's token`,
      describePeerItself(results),
      `float32 evaluated by Halyard on ${oracle}, weights multiplied exactly, key/value cache in float32`,
      `Mean divergence: halyard ${halyardDivergence.toExponential(3)}, node-llama-cpp ${peerDivergence.toExponential(3)}`,
      `${passed} passed, ${checks.length - passed} failed`,
    ],
    data: {
      ...(device && { device: device.description }),
      halyardDivergence,
      peerDivergence,
      passed,
      failed: checks.length - passed,
      results,
    },
    failed: passed < checks.length,
  };
}
