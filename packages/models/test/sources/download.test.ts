import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type ModelRecipe, obtain, type PullProgress, pull } from '@halyard/models';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FileServer } from '../helpers/file-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const folder = temporaryFolder();
const server = new FileServer();
const name = 'hf:owner/model/file.gguf';
const remote = '/owner/model/resolve/main/file.gguf';
const path = () => folder.join('models', 'hf', 'owner', 'model', 'file.gguf');
const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

beforeAll(async () => {
  process.env.HF_ENDPOINT = await server.start();
});
afterAll(async () => {
  delete process.env.HF_ENDPOINT;
  await server.stop();
});
afterEach(async () => {
  server.requests.length = 0;
  await rm(folder.join('models'), { recursive: true, force: true });
});

const fetchModel = (options = {}) => pull(name, { cache: folder.path, ...options });
const remains = () => readdir(folder.join('models', 'hf', 'owner', 'model')).catch(() => [] as string[]);

describe('a model from Hugging Face', () => {
  test('is downloaded with progress, checked, and then found in the cache', async () => {
    server.serve(remote, { content, sha256 });
    const progress: PullProgress[] = [];
    expect(await fetchModel({ onProgress: (event: PullProgress) => progress.push(event) })).toBe(path());
    expect(await readFile(path())).toEqual(content);
    expect(await remains()).toEqual(['file.gguf']);
    const received = progress.filter(({ phase }) => phase === 'download');
    expect(received.at(-1)).toMatchObject({
      receivedBytes: content.length,
      totalBytes: content.length,
      file: 'file.gguf',
    });
    expect(received.map((event) => event.receivedBytes)).toEqual(
      received.map((event) => event.receivedBytes).sort((a, b) => a - b),
    );
    const requests = server.requests.length;
    expect(await fetchModel()).toBe(path());
    expect(server.requests).toHaveLength(requests);
  });

  test('is gone on with where a connection broke', async () => {
    server.serve(remote, { content, sha256, breakAfter: 100_000 });
    await fetchModel();
    expect(await readFile(path())).toEqual(content);
    const ranges = server.requests.map(({ range }) => range).filter((range) => range !== undefined);
    expect(ranges.length).toBeGreaterThan(0);
    expect(Number(/\d+/.exec(ranges[0]!)![0])).toBeGreaterThan(0);
  });

  test('is gone on with after an abort, in a later pull', async () => {
    server.serve(remote, { content, sha256, slowly: 5 });
    const controller = new AbortController();
    const aborted = fetchModel({
      signal: controller.signal,
      onProgress: ({ receivedBytes }: PullProgress) => receivedBytes > 60_000 && controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    expect(await remains()).toEqual(['file.gguf.part', 'file.gguf.part.json']);
    server.serve(remote, { content, sha256 });
    let least = Number.POSITIVE_INFINITY;
    await fetchModel({ onProgress: ({ receivedBytes }: PullProgress) => (least = Math.min(least, receivedBytes)) });
    expect(least).toBeGreaterThan(60_000);
    expect(await readFile(path())).toEqual(content);
  });

  test('begins anew where the server has another file by now', async () => {
    const other = randomBytes(200_000);
    server.serve(remote, { content, slowly: 5 });
    const controller = new AbortController();
    const onProgress = ({ receivedBytes }: PullProgress) => receivedBytes > 60_000 && controller.abort();
    await expect(fetchModel({ signal: controller.signal, onProgress })).rejects.toMatchObject({ code: 'aborted' });
    server.serve(remote, { content: other });
    await fetchModel();
    expect(await readFile(path())).toEqual(other);
  });

  test('is refused where its checksum is another than the server states, and nothing of it stays', async () => {
    server.serve(remote, { content, sha256: '0'.repeat(64) });
    await expect(fetchModel()).rejects.toThrow(/file\.gguf came with 300000 bytes and SHA-256/);
    expect(await remains()).toEqual([]);
  });

  test('is fetched once by two at the same time', async () => {
    server.serve(remote, { content, sha256, slowly: 2 });
    await Promise.all([fetchModel(), fetchModel()]);
    expect(server.requests.filter(({ path: asked }) => asked.startsWith('/stored'))).toHaveLength(1);
  });

  test('shows a token to the host that it is for', async () => {
    process.env.HF_TOKEN = 'secret';
    server.serve(remote, { content });
    await fetchModel();
    delete process.env.HF_TOKEN;
    expect(server.requests[0]!.authorization).toBe('Bearer secret');
  });
});

describe('when no source has a model', () => {
  test('one error says what each answered, and how to hand the file over', async () => {
    const recipe: ModelRecipe = {
      name: 'nothing',
      folder: 'nothing',
      entry: 'none.gguf',
      files: [{ name: 'none.gguf', bytes: 3 }],
      sources: [
        { kind: 'hugging-face', repository: 'owner/first', folder: '' },
        { kind: 'hugging-face', repository: 'owner/second', folder: '' },
      ],
    };
    const error = await obtain(recipe, { cache: folder.path }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'not-found' });
    const { message } = error as Error;
    expect(message).toContain('Hugging Face owner/first: 404');
    expect(message).toContain('Hugging Face owner/second: 404');
    expect(message).toContain(folder.join('models', 'nothing', 'none.gguf'));
    // As it says: a file that is put there is found.
    await writeFile(folder.join('models', 'nothing', 'none.gguf'), 'abc');
    expect(await obtain(recipe, { cache: folder.path })).toBe(folder.join('models', 'nothing', 'none.gguf'));
  });

  test('a host that cannot be reached is named', async () => {
    const endpoint = process.env.HF_ENDPOINT;
    process.env.HF_ENDPOINT = 'http://127.0.0.1:9';
    await expect(fetchModel()).rejects.toThrow(/127\.0\.0\.1:9 cannot be reached/);
    process.env.HF_ENDPOINT = endpoint;
  });
});
