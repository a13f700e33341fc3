import { describe, expect, test } from 'vitest';
import { halyard } from './halyard.js';

describe('a command line that makes no sense', () => {
  test.each([
    ['an unknown command', ['sail']],
    ['a missing model', ['run']],
    ['an unknown option', ['doctor', '--jsonn']],
    ['a number that is none', ['run', 'smollm2', '--temperature', 'hot']],
    ['an empty number', ['run', 'smollm2', '--temperature', '']],
    ['a share above 1', ['run', 'smollm2', '--top-p', '1.5']],
    ['half a token', ['run', 'smollm2', '--max-tokens', '1.5']],
    ['no threads', ['run', 'smollm2', '--threads', '0']],
    ['a chat as one object', ['run', 'smollm2', '--json']],
    ['nothing to embed', ['embed', 'minilm']],
  ])('ends with exit code 2 and nothing on standard output: %s', async (_what, args) => {
    const { code, output, notes } = await halyard(args);
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(notes).toMatch(/error: /);
    expect(notes).not.toMatch(/^\s+at /m);
  });
});

test('help and version are data and no error', async () => {
  const help = await halyard(['--help']);
  expect(help).toMatchObject({ code: 0, notes: '' });
  for (const command of ['doctor', 'run', 'embed', 'explain', 'bench', 'pull']) expect(help.output).toContain(command);
  expect(await halyard(['--version'])).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test('a reader that went away ends the command quietly', async () => {
  expect(await halyard(['--help'], { closeOutput: true })).toMatchObject({ code: 0, notes: '' });
});
