import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConstantSource } from '@halyard/core';
import { expectEqual, expectFailed, expectToken } from '../expect.js';
import type { TestHooks } from '../hooks.js';
import type { TestBench } from '../session/bench.js';

const source = (...parts: ConstantSource['parts']): ConstantSource => ({ fingerprint: `${Math.random()}`, parts });

/** Bringing constants to a device. */
export function constantSuite(bench: TestBench, { describe, it }: TestHooks): void {
  describe('constants', () => {
    it('are packed plain from data and from parts of files, one part after another', () =>
      bench.share((session) =>
        withFile(
          Uint8Array.from({ length: 5000 }, (_, index) => index % 251),
          async (path) => {
            const span = await session.reserve(12);
            const parts = [
              { data: Uint8Array.of(1, 2) },
              { path, offset: 4093, bytes: 6 },
              { data: Uint8Array.of(3, 4) },
              { path, offset: 0, bytes: 2 },
            ];
            await session.queue.pack([source(...parts)], 'plain', span).wait();
            const inFile = [4093, 4094, 4095, 4096, 4097, 4098].map((index) => index % 251);
            expectEqual(await session.fetch(span), Uint8Array.of(1, 2, ...inFile, 3, 4, 0, 1), 'the constant');
            session.release(span);
          },
        ),
      ));

    it('from a file that is not there fail, without throwing', () =>
      bench.share(async (session) => {
        const span = await session.reserve(8);
        const missing = source({ path: join(tmpdir(), 'halyard-no-such-file'), offset: 0, bytes: 8 });
        await expectFailed(
          expectToken(() => session.queue.pack([missing], 'plain', span), 'packing'),
          'a missing file',
        );
        await session.queue.fill(span, 0).wait();
        session.release(span);
      }));

    it('from a file that is too short fail', () =>
      bench.share((session) =>
        withFile(new Uint8Array(10), async (path) => {
          const span = await session.reserve(16);
          const token = expectToken(
            () => session.queue.pack([source({ path, offset: 4, bytes: 16 })], 'plain', span),
            'packing',
          );
          await expectFailed(token, 'a file that is too short');
          await session.queue.fill(span, 0).wait();
          session.release(span);
        }),
      ));
  });
}

async function withFile(bytes: Uint8Array, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'halyard-conformance-'));
  try {
    const path = join(folder, 'constants');
    await writeFile(path, bytes);
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
