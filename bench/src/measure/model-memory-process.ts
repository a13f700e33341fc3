import { LanguageModel, SentenceEncoder } from '@halyard/models';
import { resident } from './resident.js';

// Started by command/model-memory.ts, so that nothing else's memory is counted. Arguments: kind, path, device.
const [kind, path, device] = process.argv.slice(2) as ['language' | 'sentences', string, string?];
const options = { ...(device !== undefined && { device }) };
const before = resident();
const model = kind === 'language' ? await LanguageModel.load(path, options) : await SentenceEncoder.load(path, options);
if (model instanceof LanguageModel) {
  for await (const _piece of model.generate('The capital of France is', { raw: true, maxTokens: 32 }));
} else {
  await model.embed(['The halyard hoists the sail.']);
}
const after = resident();
process.stdout.write(JSON.stringify({ before, after, explanation: (await model.explain()).memory }));
await model.close();
process.exit(0);
