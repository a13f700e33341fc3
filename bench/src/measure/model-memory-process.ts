import { LanguageModel, SentenceEncoder } from '@halyard/models';
import { answerWith } from '../process/measure-in-process.js';
import { resident } from './resident.js';

// Started by command/model-memory.ts. Arguments: kind, path, tokens, device.
await answerWith(async () => {
  const [kind, path, tokens, device] = process.argv.slice(2) as ['language' | 'sentences', string, string, string?];
  const options = { ...(device !== undefined && { device }) };
  const before = resident();
  const model =
    kind === 'language' ? await LanguageModel.load(path, options) : await SentenceEncoder.load(path, options);
  if (model instanceof LanguageModel) {
    for await (const _piece of model.generate('The capital of France is', { raw: true, maxTokens: Number(tokens) }));
  } else {
    await model.embed(['The halyard hoists the sail.']);
  }
  const after = resident();
  const reserved = Object.values(model.context.telemetry.memory()).map(({ peakReservedBytes }) => peakReservedBytes);
  const pooledBytes = reserved.reduce((sum, bytes) => sum + bytes, 0);
  const { memory: explanation } = await model.explain();
  await model.close();
  return { before, after, pooledBytes, explanation };
});
