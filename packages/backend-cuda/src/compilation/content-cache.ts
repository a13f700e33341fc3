import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Raised when the form of the files changes. */
const form = 'halyard-kernel-1';

/**
 * What took time to make, such as compiled kernels, on disk: each text in a file named by the hash of all that it was made from. The first line has the hash
 * of the rest: a file that was cut short or changed counts as not there. Written whole or not at all.
 */
export class ContentCache {
  /**
   * @param folder made when it is first written to
   * @param ending of the files' names
   */
  constructor(
    readonly folder: string,
    readonly ending = '.ptx',
  ) {}

  static key(...madeFrom: readonly string[]): string {
    const hash = createHash('sha256').update(form);
    for (const part of madeFrom) hash.update(`\0${Buffer.byteLength(part)}\0`).update(part);
    return hash.digest('hex');
  }

  /** Kept under the key, else made now and kept. What cannot be read or written is no failure: it is made. */
  async get(key: string, make: () => Promise<string>): Promise<string> {
    const path = join(this.folder, key.slice(0, 2), `${key.slice(2)}${this.ending}`);
    const kept = await this.#read(path);
    if (kept !== undefined) return kept;
    const made = await make();
    await this.#write(path, made);
    return made;
  }

  async #read(path: string): Promise<string | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const end = text.indexOf('\n');
    const content = text.slice(end + 1);
    if (end >= 0 && text.slice(0, end) === `// ${form} ${hashOf(content)}`) return content;
    await rm(path, { force: true }).catch(() => {});
    return undefined;
  }

  async #write(path: string, content: string): Promise<void> {
    const incoming = `${path}.${randomUUID()}`;
    try {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(incoming, `// ${form} ${hashOf(content)}\n${content}`);
      await rename(incoming, path);
    } catch {
      await rm(incoming, { force: true }).catch(() => {});
    }
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
