import { Buffer } from 'node:buffer';

/**
 * An ArrayBuffer whose contents are not zeroed, for who writes all of it before anybody else sees it. Zeroing a
 * megabyte takes as long as copying it.
 */
export function unsetArrayBuffer(bytes: number): ArrayBuffer {
  const memory = Buffer.allocUnsafeSlow(bytes).buffer;
  return memory.byteLength === bytes && memory instanceof ArrayBuffer ? memory : new ArrayBuffer(bytes);
}
