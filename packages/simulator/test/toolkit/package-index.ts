import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Wheel } from '../../src/toolkit/release.js';

export const header = '#define ANSWER 42\n';
export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

const file = 'halyard_sample-1.0-py3-none-any.whl';

/** A wheel with a header, a megabyte that nobody wants, and what pip looks for. */
const script = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.writestr('sample/include/answer.h', ${JSON.stringify(header)})
    wheel.writestr('sample/lib/large', os.urandom(1 << 20))
    about = 'halyard_sample-1.0.dist-info/'
    wheel.writestr(about + 'METADATA', 'Metadata-Version: 2.1\\nName: halyard-sample\\nVersion: 1.0\\n')
    wheel.writestr(about + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(about + 'RECORD', '')
`;

/** A package index on this machine, with one package. */
export interface PackageIndex {
  readonly url: string;
  readonly wheel: Wheel;
  /** Bytes of the wheel that were sent, one number for each request. */
  readonly sent: readonly number[];
  close(): void;
}

/** @param options whether it answers with ranges of bytes, and whether what it has is what was pinned */
export async function servePackage({ hasRanges = true, isSound = true } = {}): Promise<PackageIndex> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-index-'));
  execFileSync('python3', ['-c', script, join(folder, file)]);
  const pinned = readFileSync(join(folder, file));
  rmSync(folder, { recursive: true });
  // Another content of the header, of the same length.
  const content = isSound ? pinned : Buffer.from(pinned);
  if (!isSound) content[content.indexOf('answer.h') + 'answer.h'.length + 3]! ^= 1;
  const sent: number[] = [];
  const server = createServer((request, response) => {
    if (request.url !== `/${file}`) {
      response.setHeader('content-type', 'application/vnd.pypi.simple.v1+json');
      const files = [{ filename: file, url: `/${file}`, hashes: { sha256: sha256(pinned) } }];
      response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, name: 'halyard-sample', files }));
      return;
    }
    const range = hasRanges ? /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') : null;
    if (!range) {
      sent.push(content.length);
      response.end(content);
      return;
    }
    const [start, end] = range[1]
      ? [Number(range[1]), Number(range[2]) + 1]
      : [Math.max(content.length - Number(range[2]), 0), content.length];
    sent.push(end - start);
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${content.length}` });
    response.end(content.subarray(start, end));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
    wheel: {
      package: 'halyard-sample',
      version: '1.0',
      sha256: sha256(pinned),
      root: 'sample/',
      members: ['include/answer.h'],
      digests: { 'include/answer.h': sha256(header) },
    },
    sent,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
