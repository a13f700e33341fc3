import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Writes a reference that tests of `@halyard/models` hold against. */
export async function writeFixture(name: string, content: object): Promise<string> {
  const folder = fileURLToPath(new URL('../../../packages/models/test/fixtures/', import.meta.url));
  await mkdir(folder, { recursive: true });
  const path = `${folder}${name}.json`;
  await writeFile(path, `${compact(JSON.stringify(content, undefined, 2))}\n`);
  return path;
}

/** Lists of numbers on one line. */
function compact(json: string): string {
  return json.replace(
    /\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g,
    (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`,
  );
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
