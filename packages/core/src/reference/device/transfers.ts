import { type ConstantSource, HalyardError } from '../../contract/index.js';
import { readFilePart } from '../../runtime/host/file-part.js';

export const asBytes = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** @throws HalyardError `bad-argument` unless there is room */
export function copyBytes(from: Uint8Array, to: Uint8Array): void {
  if (from.length > to.length) throw noRoom(from.length, to.length);
  to.set(from);
}

/** Brings the parts of constants, one after another, to memory as they are. */
export async function packPlain(sources: readonly ConstantSource[], layout: string, to: Uint8Array): Promise<void> {
  if (layout !== 'plain') {
    throw new HalyardError('unsupported', {
      found: `the layout ${layout}`,
      expected: 'plain: this device computes on constants as they are',
      remedy: 'Pack only what an executable of this device lists in `packed`.',
    });
  }
  let at = 0;
  for (const part of sources.flatMap(({ parts }) => parts)) {
    const bytes = 'data' in part ? part.data.length : part.bytes;
    if (at + bytes > to.length) throw noRoom(at + bytes, to.length);
    const target = to.subarray(at, at + bytes);
    if ('data' in part) target.set(part.data);
    else await readFilePart(part, target);
    at += bytes;
  }
}

function noRoom(found: number, room: number): HalyardError {
  return new HalyardError('bad-argument', {
    found: `${found} bytes for a span of ${room}`,
    expected: 'a source that is no longer than its target',
    remedy: 'Take a longer span.',
  });
}
