/** What greedy generation is compared on: prose, lists, code, numbers, other alphabets. Taken raw, without a template. */
export const prompts: readonly string[] = [
  'The capital of France is',
  'Once upon a time, in a village by the sea,',
  'Water boils at a temperature of',
  'The three primary colours are',
  'def fibonacci(n):\n',
  'import numpy as np\n\ndef softmax(x):\n',
  'function add(a, b) {\n  return',
  'Dear Sir or Madam,\n\n',
  'Ingredients:\n- 2 cups of flour\n- 1 cup of sugar\n-',
  'Q: What is the tallest mountain on Earth?\nA:',
  '1, 2, 3, 5, 8, 13,',
  'The quick brown fox',
  'To be, or not to be, that is',
  'In 1969, Neil Armstrong',
  'Photosynthesis is the process by which',
  'Le chat est assis sur',
  'SELECT name, age FROM users WHERE',
  '<html>\n<head>\n  <title>',
  'The difference between a list and a tuple in Python is that',
  'My favourite book is about a girl who',
  'When the ship left the harbour at dawn, the captain',
  'A sailor, a baker and a cat walked into',
  '{"name": "Ada", "born": 1815, "field":',
  'Roses are red,\nViolets are blue,\n',
];

/** For sentence embeddings: short and long, punctuation, case, accents, another script. */
export const sentences: readonly string[] = [
  'This is an example sentence.',
  'Each sentence is converted.',
  'The halyard hoists the sail.',
  'A rope for raising a sail is called a halyard.',
  'How do I bake sourdough bread at home?',
  'Über die Brücke gehen wir nach Hause – café, naïve, Ærøskøbing.',
  '机器学习很有意思。',
  'x',
  "It's 5 o'clock somewhere; don't panic! (Or do?)",
  'Memory planning assigns offsets to buffers whose lifetimes do not overlap, so that one arena serves the whole graph. '.repeat(
    3,
  ),
];
