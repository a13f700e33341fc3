import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedFile {
  content: Buffer;
  /** The connection is cut after so many bytes, once. */
  breakAfter?: number | undefined;
  /** Sent as `x-linked-etag`, as Hugging Face does with redirects. */
  sha256?: string;
  /** Milliseconds between pieces of 16 KiB. */
  slowly?: number;
}

/** A server of files under `/owner/name/resolve/main/…`, with ranges, strong ETags, and a redirect on the way. */
export class FileServer {
  readonly requests: { path: string; range: string | undefined; authorization: string | undefined }[] = [];
  readonly #files = new Map<string, ServedFile>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  serve(path: string, file: ServedFile): void {
    this.#files.set(path, file);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!;
    const { range, authorization } = request.headers;
    this.requests.push({ path, range, authorization });
    const stored = path.startsWith('/stored');
    const file = this.#files.get(stored ? path.slice('/stored'.length) : path);
    if (file === undefined) {
      response.writeHead(404).end('no such file');
      return;
    }
    if (!stored) {
      const linked = file.sha256 === undefined ? {} : { 'x-linked-etag': `"${file.sha256}"` };
      response.writeHead(302, { location: `/stored${path}`, ...linked }).end();
      return;
    }
    await this.#send(request, response, file);
  }

  async #send(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
    const etag = `"${createHash('md5').update(file.content).digest('hex')}"`;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const isRange = from > 0 && request.headers['if-range'] === etag;
    const start = isRange ? from : 0;
    const body = file.content.subarray(start);
    response.writeHead(isRange ? 206 : 200, {
      etag,
      'content-length': body.length,
      ...(isRange && { 'content-range': `bytes ${start}-${file.content.length - 1}/${file.content.length}` }),
    });
    const cut = file.breakAfter;
    file.breakAfter = undefined;
    for (let at = 0; at < body.length && !response.destroyed; at += 16_384) {
      if (cut !== undefined && at >= cut) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.destroy();
        return;
      }
      response.write(body.subarray(at, at + 16_384));
      if (file.slowly !== undefined) await new Promise((resolve) => setTimeout(resolve, file.slowly));
    }
    response.end();
  }
}
