import { breathe, type MLGraph, type MLGraphBuilder, type MLOperand } from '@halyard/core';
import { type DecoderScope, decoderHead, decoderLayers } from '../architectures/decoder.js';
import { chooseToken, type Sampler } from './sampling.js';

/** States of a sequence beside its key/value cache, int32 [1] both: the token to run next, and where it stands. */
export const sequenceStates = { token: 'token', position: 'position' } as const;

/**
 * Runs up to `bucket` tokens of a prompt, of which `count` are real, from position `start` on, and chooses the token
 * that follows them, which is then in the state `token`. Inputs: `tokens` int32 [bucket], `start` and `count` int32 [1].
 */
export async function buildPrefill(
  builder: MLGraphBuilder,
  scope: DecoderScope,
  bucket: number,
  sampler: Sampler,
): Promise<MLGraph> {
  const { x, start, count } = await promptLayers(builder, scope, bucket);
  const last = builder.gather(x, builder.sub(count, builder.constant('int32', 1)), { label: 'last' });
  const end = builder.add(start, count, { label: 'position' });
  const next = chooseToken(builder, decoderHead(builder, scope, last), sampler, () => counter(builder, end));
  builder.assign(scalarState(builder, sequenceStates.position), end, { label: 'position' });
  builder.assign(scalarState(builder, sequenceStates.token), next, { label: 'token' });
  await breathe();
  return builder.build({});
}

/**
 * Runs the token that the states name and chooses the next, which then takes its place: nothing has to be written or
 * read between two runs.
 */
export async function buildDecode(builder: MLGraphBuilder, scope: DecoderScope, sampler: Sampler): Promise<MLGraph> {
  const token = scalarState(builder, sequenceStates.token);
  const position = scalarState(builder, sequenceStates.position);
  const end = builder.add(position, builder.constant('int32', 1), { label: 'position' });
  const x = await decoderLayers(builder, scope, { tokens: token, positions: position, rows: position, lengths: end });
  const next = chooseToken(builder, decoderHead(builder, scope, x), sampler, () => counter(builder, end));
  builder.assign(position, end, { label: 'position' });
  builder.assign(token, next, { label: 'token' });
  await breathe();
  return builder.build({});
}

/** As {@link buildPrefill}, but gives the `logits` of all positions, float32 [bucket, vocabulary], and chooses nothing. */
export async function buildLogits(builder: MLGraphBuilder, scope: DecoderScope, bucket: number): Promise<MLGraph> {
  const { x } = await promptLayers(builder, scope, bucket);
  const logits = decoderHead(builder, scope, x);
  await breathe();
  return builder.build({ logits });
}

async function promptLayers(builder: MLGraphBuilder, scope: DecoderScope, bucket: number) {
  const tokens = builder.input('tokens', { dataType: 'int32', shape: [bucket] });
  const start = builder.input('start', { dataType: 'int32', shape: [1] });
  const count = builder.input('count', { dataType: 'int32', shape: [1] });
  const indices = Int32Array.from({ length: bucket }, (_, i) => i);
  const offsets = builder.constant({ dataType: 'int32', shape: [bucket] }, indices, { label: 'offsets' });
  const positions = builder.add(offsets, start, { label: 'positions' });
  // Padding goes nowhere: a row beyond the cache is dropped.
  const nowhere = builder.constant('int32', scope.capacity);
  const rows = builder.where(builder.lesser(offsets, count), positions, nowhere, { label: 'rows' });
  // The causal mask counts from the end of the padded chunk, so its length is the padded one.
  const lengths = builder.add(start, builder.constant('int32', bucket), { label: 'lengths' });
  return { x: await decoderLayers(builder, scope, { tokens, positions, rows, lengths }), start, count };
}

function scalarState(builder: MLGraphBuilder, name: string): MLOperand {
  return builder.state(name, { dataType: 'int32', shape: [1] });
}

/** A token's position is used once in a sequence. */
function counter(builder: MLGraphBuilder, position: MLOperand): MLOperand {
  return builder.reshape(builder.cast(position, 'uint32'), []);
}
