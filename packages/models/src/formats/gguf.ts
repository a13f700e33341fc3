import { type FileHandle, open } from 'node:fs/promises';
import { gguf } from '@huggingface/gguf';
import { badFile, quote } from './bad-file.js';
import { readFileIdentity } from './file-identity.js';
import { checkGgufTensors } from './gguf-tensors.js';
import type { MetadataValue } from './metadata.js';
import type { WeightTensor } from './weights.js';

/** A GGUF's header, checked throughout. Plain data; the weights stay in the file. */
export interface GgufFile {
  readonly path: string;
  /** Changes when the file does. */
  readonly identity: string;
  readonly metadata: Readonly<Record<string, MetadataValue>>;
  readonly tensors: readonly WeightTensor[];
}

/** Magic, version, tensor count, pair count. */
const fixedHeaderBytes = 24;
/** The least that a pair (key length, value type, value) or a tensor (name length, rank, type, offset) takes. */
const leastPairBytes = 13;
const leastTensorBytes = 24;

/**
 * Reads the header of a GGUF file. Takes some hundred milliseconds for a large vocabulary: call it off the main thread.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @throws HalyardError `not-found`, or `bad-file` with the field that is wrong
 */
export async function readGguf(path: string): Promise<GgufFile> {
  const { bytes, identity } = await readFileIdentity(path);
  await checkFixedHeader(path, bytes);
  const parsed = await gguf(path, { allowLocalFile: true }).catch((cause: unknown) => {
    const said = cause instanceof RangeError ? 'cut off' : `unreadable: ${quote((cause as Error)?.message ?? cause)}`;
    throw badFile({
      path,
      field: 'the header',
      found: said,
      expected: 'is complete and as the GGUF format says',
      cause,
    });
  });
  const headerEnd = parsed.tensorInfoByteRange[1];
  if (headerEnd > bytes) {
    throw badFile({
      path,
      field: 'the header',
      found: `cut off: by its counts and lengths it ends at byte ${headerEnd}`,
      expected: `ends within the file's ${bytes} bytes`,
    });
  }
  const metadata = parsed.metadata as unknown as Record<string, MetadataValue>;
  const alignment = Number(metadata['general.alignment'] ?? 32);
  if (!Number.isInteger(alignment) || alignment < 1 || alignment > 65536 || (alignment & (alignment - 1)) !== 0) {
    throw badFile({
      path,
      field: 'general.alignment',
      found: quote(metadata['general.alignment']),
      expected: 'is a power of two up to 65536',
    });
  }
  const tensors = checkGgufTensors({
    path,
    fileBytes: bytes,
    dataOffset: Number(parsed.tensorDataOffset),
    alignment,
    tensors: parsed.tensorInfos,
  });
  return { path, identity, metadata, tensors };
}

/** Before the parser allocates anything: the counts have to be such as the file has room for. */
async function checkFixedHeader(path: string, bytes: number): Promise<void> {
  if (bytes < fixedHeaderBytes) {
    const expected = `is at least ${fixedHeaderBytes} bytes long`;
    throw badFile({ path, field: 'the file', found: `${bytes} bytes long`, expected });
  }
  const view = await readStart(path);
  const magic = view.getUint32(0, false);
  if (magic !== 0x47475546) {
    const found = `0x${magic.toString(16).padStart(8, '0')}`;
    throw badFile({ path, field: 'magic', found, expected: 'is "GGUF" (0x47475546)' });
  }
  const version = view.getUint32(4, true);
  if (version !== 2 && version !== 3) {
    const found = (version & 0xffff) === 0 ? 'that of a big-endian file' : String(version);
    throw badFile({ path, field: 'version', found, expected: 'is 2 or 3, little-endian' });
  }
  const counts = [
    ['tensor_count', view.getBigUint64(8, true), leastTensorBytes],
    ['metadata_kv_count', view.getBigUint64(16, true), leastPairBytes],
  ] as const;
  for (const [field, count, least] of counts) {
    const most = Math.floor((bytes - fixedHeaderBytes) / least);
    if (count > BigInt(most)) {
      throw badFile({
        path,
        field,
        found: `${count}`,
        expected: `is at most ${most}, which a file of ${bytes} bytes can hold`,
      });
    }
  }
}

async function readStart(path: string): Promise<DataView> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { buffer } = await file.read(new Uint8Array(fixedHeaderBytes), 0, fixedHeaderBytes, 0);
    return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } finally {
    await file?.close();
  }
}
