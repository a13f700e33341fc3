import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifyFile } from './checksum.js';
import { downloadFile } from './download.js';
import type { FetchTask } from './fetch-task.js';
import type { ModelSource } from './recipe.js';

/**
 * Downloads over https; `HF_ENDPOINT` names a mirror, `HF_TOKEN` opens gated repositories. A file whose checksum is not
 * pinned is compared with the one that the server states.
 *
 * @throws Error in words
 */
export async function fetchFromHuggingFace(
  source: Extract<ModelSource, { kind: 'hugging-face' }>,
  { recipe, folder, signal, report }: FetchTask,
): Promise<void> {
  const endpoint = (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const token = process.env.HF_TOKEN;
  for (const file of recipe.files) {
    const to = join(folder, file.name);
    if (await isThere(to, file.bytes)) continue;
    await mkdir(dirname(to), { recursive: true });
    const path = [source.folder, file.name].filter((part) => part !== '').join('/');
    const url = `${endpoint}/${source.repository}/resolve/main/${path.split('/').map(encodeURIComponent).join('/')}`;
    const progress = (phase: 'download' | 'check', receivedBytes: number, totalBytes: number | undefined) =>
      report({ phase, file: file.name, receivedBytes, totalBytes });
    await downloadFile(url, to, {
      signal,
      ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
      onProgress: (received, total) => progress('download', received, total ?? file.bytes),
      verify: async (partial, remote) => {
        const sha256 = file.sha256 ?? remote.sha256;
        await verifyFile(partial, sha256 === undefined ? file : { ...file, sha256 }, {
          signal,
          onProgress: (checked) => progress('check', checked, file.bytes),
        });
      },
    });
  }
}

async function isThere(path: string, bytes: number | undefined): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status !== undefined && (bytes === undefined || status.size === bytes);
}
