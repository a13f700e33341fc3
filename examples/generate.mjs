import { LanguageModel } from '@halyard/models';

const model = await LanguageModel.load('smollm2');
const prompt = process.argv[2] ?? 'Name three knots a sailor uses.';
for await (const { text } of model.generate(prompt, { maxTokens: 64, temperature: 0 })) process.stdout.write(text);
process.stdout.write('\n');
await model.close();
