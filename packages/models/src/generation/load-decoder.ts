import { type ConstantSource, HalyardError, type MLContext } from '@halyard/core';
import { throwIfAborted } from '../abort.js';
import type { DecoderScope } from '../architectures/decoder.js';
import { type Decoder, decoderTensors } from '../architectures/decoder-description.js';
import { readDecoder } from '../architectures/read-decoder.js';
import type { Weights } from '../formats/weights.js';
import { pull } from '../sources/pull.js';
import { ModelWorker } from '../worker/client.js';
import type { OpenedModel, RotaryRequest } from '../worker/protocol.js';
import type { LoadOptions } from './load-options.js';
import { openContext } from './open-context.js';

export interface LanguageModelOptions extends LoadOptions {
  /** Tokens of prompt and answer together. Default 2048, or what the model was trained for if that is less. */
  readonly contextLength?: number;
  /** Of the key/value cache. Default float16. */
  readonly cacheType?: 'float16' | 'float32';
}

/** A decoder with all that its graphs need. */
export interface LoadedDecoder {
  readonly model: OpenedModel;
  readonly worker: ModelWorker;
  readonly context: MLContext;
  readonly device: string;
  readonly scope: DecoderScope;
  close(): Promise<void>;
}

const defaultContextLength = 2048;

/** Opens the file and the device at the same time. What was opened is closed again if either fails. */
export async function loadDecoder(name: string, options: LanguageModelOptions): Promise<LoadedDecoder> {
  const path = await pull(name, options);
  options.onProgress?.({ phase: 'read', file: path });
  const worker = new ModelWorker();
  const context = openContext(options);
  // It may fail while the file is still being read: that is reported where it is awaited.
  context.catch(() => {});
  try {
    const model = await worker.call('open', path);
    const scope = await decoderScope(readDecoder(model), worker, options);
    const opened = await context;
    throwIfAborted(options.signal, 'Loading');
    return {
      model,
      worker,
      context: opened.context,
      device: opened.device,
      scope,
      close: async () => {
        await worker.close();
        await opened.close();
      },
    };
  } catch (error) {
    await worker.close();
    await context.then(
      (opened) => opened.close(),
      () => {},
    );
    throw error;
  }
}

async function decoderScope(
  decoder: Decoder,
  worker: ModelWorker,
  { contextLength, cacheType = 'float16' }: LanguageModelOptions,
): Promise<DecoderScope> {
  const { description, weights } = decoder;
  const capacity = requireContextLength(contextLength, description.contextLength);
  const request = {
    positions: capacity,
    dimensions: description.headSize,
    base: description.rotary.base,
    linearFactor: description.rotary.linearFactor,
    factors: rotaryFactors(weights, description.headSize / 2),
  };
  const { cosine, sine } = await worker.call('rotaryTables', request);
  const fingerprint = JSON.stringify({ rotary: request });
  const source = (part: string, table: Float32Array): ConstantSource => ({
    fingerprint: `${fingerprint} ${part}`,
    parts: [{ data: new Uint8Array(table.buffer, table.byteOffset, table.byteLength) }],
  });
  return { decoder, capacity, cacheType, cosine: source('cosine', cosine), sine: source('sine', sine) };
}

function requireContextLength(asked: number | undefined, trained: number): number {
  if (asked === undefined) return Math.min(trained, defaultContextLength);
  if (Number.isInteger(asked) && asked >= 1 && asked <= trained) return asked;
  throw new HalyardError('bad-argument', {
    found: `contextLength is ${asked}`,
    expected: `a whole number from 1 to ${trained}, which the model was trained for`,
    remedy: 'Change it, or leave it out',
  });
}

/** Where the factors that divide the rotary frequencies lie in the file, if it has any. */
function rotaryFactors(weights: Weights, count: number): RotaryRequest['factors'] {
  const name = decoderTensors.rotaryFactors;
  if (!weights.has(name)) return undefined;
  const { type, source } = weights.get(name, [count]);
  const part = source.parts[0]!;
  if (type === 'float32' && 'path' in part) return { path: part.path, offset: part.offset };
  const remedy = 'Convert the model anew';
  throw new HalyardError('unsupported', { found: `${name} is of type ${type}`, expected: 'float32', remedy });
}
