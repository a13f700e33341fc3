import { SentenceEncoder } from '@halyard/models';

const sentences = ['The halyard hoists the sail.', 'A rope raises the canvas.', 'The cake needs more sugar.'];
const encoder = await SentenceEncoder.load('minilm');
const [first, ...others] = await encoder.embed(sentences);
others.forEach((other, index) => {
  // The vectors have length 1, so that their product is the cosine of the angle between them.
  const cosine = other.reduce((sum, value, axis) => sum + value * first[axis], 0);
  console.log(cosine.toFixed(3), sentences[index + 1]);
});
await encoder.close();
