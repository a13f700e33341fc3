import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RemoteFile, request } from './http-request.js';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** For each piece that came; the total is `undefined` where the server does not tell. */
  readonly onProgress?: ((receivedBytes: number, totalBytes: number | undefined) => void) | undefined;
  /** How often a broken connection is taken up again. */
  readonly retries?: number;
  /** Called with the complete file before it gets its name; throws to refuse it. */
  readonly verify?: (path: string, remote: RemoteFile) => Promise<void>;
}

/**
 * Downloads a file and gives it its name only when it is complete. What came of it stays beside it as `.part` and is
 * gone on with the next time, if the server still has the same file (Range and If-Range, RFC 9110).
 *
 * @throws Error in words, for the caller to put into context
 */
export async function downloadFile(url: string, to: string, options: DownloadOptions = {}): Promise<void> {
  const part = `${to}.part`;
  for (let attempt = 0; ; attempt++) {
    try {
      const remote = await receive(url, part, options);
      await finish(part, to, remote, options);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof BrokenConnection) || attempt >= (options.retries ?? 3)) throw error;
      await sleep(500 * 2 ** attempt, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}

/** The connection ended early: going on from there is worth a try. */
class BrokenConnection extends Error {}

async function finish(part: string, to: string, remote: RemoteFile, options: DownloadOptions): Promise<void> {
  try {
    await options.verify?.(part, remote);
  } catch (error) {
    if (options.signal?.aborted !== true) await discard(part);
    throw error;
  }
  await rename(part, to);
  await rm(`${part}.json`, { force: true });
}

async function receive(url: string, part: string, options: DownloadOptions): Promise<RemoteFile> {
  const before = await partialDownload(url, part);
  const { response, remote } = await request(url, {
    signal: options.signal,
    headers: {
      ...options.headers,
      'accept-encoding': 'identity',
      ...(before === undefined ? {} : { range: `bytes=${before.bytes}-`, 'if-range': before.etag }),
    },
  });
  if (response.status === 416) {
    await response.body?.cancel();
    await discard(part);
    throw new BrokenConnection('the server no longer has the rest of the file');
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${response.status} ${response.statusText}`.trim());
  }
  const start = response.status === 206 ? rangeStart(response, before?.bytes) : 0;
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isFinite(length) ? start + length : undefined;
  if (remote.etag !== undefined) await writeFile(`${part}.json`, JSON.stringify({ url, etag: remote.etag }));
  const received = await append(response.body, part, start, (bytes) => options.onProgress?.(bytes, total));
  if (total !== undefined && received !== total) {
    throw new BrokenConnection(`the connection ended after ${received} of ${total} bytes`);
  }
  return remote;
}

function rangeStart(response: Response, asked: number | undefined): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (start === undefined || Number(start) !== asked) throw new Error('the server answered with another range');
  return Number(start);
}

async function append(
  body: ReadableStream<Uint8Array>,
  part: string,
  start: number,
  onReceived: (bytes: number) => void,
): Promise<number> {
  const file = await open(part, start === 0 ? 'w' : 'r+');
  let position = start;
  try {
    await file.truncate(start);
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((cause: Error) => {
        throw new BrokenConnection(`the connection broke after ${position} bytes: ${reason(cause)}`, { cause });
      });
      if (done) return position;
      await file.write(value, 0, value.length, position);
      position += value.length;
      onReceived(position);
    }
  } finally {
    await file.close();
  }
}

/** What is there of an earlier try, if the server can be asked whether it is still of the same file. */
async function partialDownload(url: string, part: string): Promise<{ bytes: number; etag: string } | undefined> {
  try {
    const [{ size }, text] = await Promise.all([stat(part), readFile(`${part}.json`, 'utf8')]);
    const state = JSON.parse(text) as { url?: string; etag?: string };
    return size > 0 && state.url === url && state.etag !== undefined ? { bytes: size, etag: state.etag } : undefined;
  } catch {
    return undefined;
  }
}

async function discard(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(`${part}.json`, { force: true })]);
}

function reason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
