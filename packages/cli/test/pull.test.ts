import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileServer } from '../../models/test/helpers/file-server.js';
import { temporaryFolder } from '../../models/test/helpers/temporary-folder.js';
import { halyard } from './halyard.js';

const folder = temporaryFolder();
const server = new FileServer();
const content = randomBytes(100_000);
let environment: Record<string, string> = {};

beforeAll(async () => {
  environment = { HF_ENDPOINT: await server.start(), HALYARD_CACHE: folder.path };
});
afterAll(() => server.stop());

describe('pull', () => {
  test('prints the path of the file in the cache, and nothing else, also where a connection broke', async () => {
    server.serve('/owner/model/resolve/main/file.gguf', { content, breakAfter: 40_000 });
    const { code, output, notes } = await halyard(['pull', 'hf:owner/model/file.gguf'], { environment });
    expect({ code, notes }).toEqual({ code: 0, notes: '' });
    expect(output).toBe(`${folder.join('models', 'hf', 'owner', 'model', 'file.gguf')}\n`);
    expect(await readFile(output.trimEnd())).toEqual(content);
  });

  test('says what its source answered, and how to hand the file over', async () => {
    const { code, output, notes } = await halyard(['pull', 'hf:owner/model/other.gguf'], { environment });
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(notes).toMatch(/404/);
    expect(notes).toMatch(/^Remedy: .*other\.gguf/m);
  });
});
