import { writeFile } from 'node:fs/promises';

export interface SafetensorToWrite {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export function encodeSafetensors(tensors: readonly SafetensorToWrite[]): Uint8Array {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, (offset += data.length)] };
  }
  return joinSafetensors(header, Buffer.concat(tensors.map(({ data }) => data)));
}

/** Any header, right or wrong, before the data. */
export function joinSafetensors(header: unknown, data: Uint8Array): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

export async function writeSafetensors(path: string, tensors: readonly SafetensorToWrite[]): Promise<string> {
  await writeFile(path, encodeSafetensors(tensors));
  return path;
}
