import { LanguageModel, SentenceEncoder } from '@halyard/models';
import { resident } from './resident.js';

// Started by command/model-memory.ts, so that nothing else's memory is counted. Arguments: kind, path.
const [kind, path] = process.argv.slice(2) as ['language' | 'sentences', string];
const before = resident();
const model = kind === 'language' ? await LanguageModel.load(path) : await SentenceEncoder.load(path);
if (model instanceof LanguageModel) {
  for await (const _piece of model.generate('The capital of France is', { raw: true, maxTokens: 32 }));
} else {
  await model.embed(['The halyard hoists the sail.']);
}
const after = resident();
process.stdout.write(JSON.stringify({ before, after, explanation: (await model.explain()).memory }));
await model.close();
process.exit(0);
