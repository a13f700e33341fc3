import { availableParallelism } from 'node:os';
import type { ScoringEngine } from '../engine/engine.js';
import { openHalyard } from '../engine/halyard.js';
import { openNodeLlama } from '../engine/node-llama-cpp.js';
import { divergence } from '../measure/divergence.js';
import { prompts } from '../prompts.js';
import type { Report } from '../table.js';

const generated = 48;
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
}

/**
 * Greedy generation beside node-llama-cpp, and how far each strays from an evaluation of the same weights in float32,
 * both fed the same tokens.
 */
export async function agreement(options: {
  readonly model: string;
  readonly prompts: number;
  /** The device of the float32 evaluation. */
  readonly oracle: string;
}): Promise<Report> {
  const common = { model: options.model, threads: availableParallelism(), contextLength: 512 };
  // One thread: the peer's threads wait for each other by spinning, endlessly so on a machine that has other work.
  const peer = await openNodeLlama({ ...common, threads: 1 });
  const ours = await openHalyard(common);
  const exact = await openHalyard({ ...common, precision: 'float32', device: options.oracle });
  const results: PromptResult[] = [];
  for (const [index, prompt] of prompts.slice(0, options.prompts).entries()) {
    process.stderr.write(`prompt ${index + 1} of ${Math.min(options.prompts, prompts.length)}\r`);
    results.push(await compare(prompt, ours, peer, exact));
  }
  for (const engine of [peer, ours, exact]) await engine.close();
  return present(results, options.oracle);
}

async function compare(prompt: string, ours: ScoringEngine, peer: ScoringEngine, exact: ScoringEngine) {
  const tokens = await peer.tokenize(prompt);
  const sameTokens = String(tokens) === String(await ours.tokenize(prompt));
  const theirs = (await peer.decode(tokens, generated - 1)).tokens;
  const own = (await ours.decode(tokens, generated - 1)).tokens;
  const differs = own.findIndex((token, position) => token !== theirs[position]);
  const agreed = differs === -1 ? own.length : differs;

  const from = tokens.length - 1;
  const fed = [...tokens, ...theirs.slice(0, -1)];
  const [truth, ourLogits, peerLogits] = [
    await exact.logits(fed, from),
    await ours.logits(fed, from),
    await peer.logits(fed, from),
  ];
  const strays = (logits: readonly Float32Array[]) =>
    truth.reduce((sum, row, position) => sum + divergence(row, logits[position]!), 0) / truth.length;
  const [a, b] = [own[agreed], theirs[agreed]];
  const margin = a !== undefined && b !== undefined ? truth[agreed]![a]! - truth[agreed]![b]! : undefined;
  return {
    prompt,
    sameTokens,
    agreed,
    of: theirs.length,
    ...(margin !== undefined && { margin }),
    halyardDivergence: strays(ourLogits),
    peerDivergence: strays(peerLogits),
  };
}

type Verdict = 'equal' | 'near tie' | 'peer strays' | 'DIFFERS';

function judge({ sameTokens, agreed, of, margin }: PromptResult): Verdict {
  if (!sameTokens) return 'DIFFERS';
  if (margin === undefined) return agreed === of ? 'equal' : 'DIFFERS';
  if (Math.abs(margin) < nearTie) return 'near tie';
  return margin > 0 ? 'peer strays' : 'DIFFERS';
}

function present(results: readonly PromptResult[], oracle: string): Report {
  const verdicts = results.map(judge);
  const mean = (value: (result: PromptResult) => number) =>
    results.reduce((sum, result) => sum + value(result), 0) / results.length;
  const halyardDivergence = mean((result) => result.halyardDivergence);
  const peerDivergence = mean((result) => result.peerDivergence);
  const checks = [...verdicts.map((verdict) => verdict !== 'DIFFERS'), halyardDivergence <= peerDivergence];
  const passed = checks.filter(Boolean).length;
  return {
    title: `Greedy generation beside node-llama-cpp, ${generated} tokens, and divergence from float32 (nats)`,
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
      ['equal', 'near tie', 'peer strays', 'DIFFERS']
        .map((verdict) => `${verdicts.filter((one) => one === verdict).length} ${verdict}`)
        .join(', '),
      `near tie: less than ${nearTie} apart in float32; peer strays: float32 itself goes on with Halyard's token`,
      `float32 evaluated by Halyard on ${oracle}, weights multiplied exactly, key/value cache in float32`,
      `Mean divergence: halyard ${halyardDivergence.toExponential(3)}, node-llama-cpp ${peerDivergence.toExponential(3)}`,
      `${passed} passed, ${checks.length - passed} failed`,
    ],
    data: { halyardDivergence, peerDivergence, passed, failed: checks.length - passed, results },
    failed: passed < checks.length,
  };
}
