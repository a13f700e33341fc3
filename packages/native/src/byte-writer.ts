const initialBytes = 4096;
const utf8 = new TextEncoder();

/** Appends little-endian fields to a buffer that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(initialBytes);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  uint8(value: number): void {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
  }

  uint32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
  }

  int32(value: number): void {
    const at = this.#advance(4);
    this.#view.setInt32(at, value, true);
  }

  /** Of a number: an integer below 2^53. */
  int64(value: number | bigint): void {
    const at = this.#advance(8);
    if (typeof value === 'bigint') {
      this.#view.setBigInt64(at, BigInt.asIntN(64, value), true);
    } else {
      this.#view.setUint32(at, value, true);
      this.#view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
    }
  }

  float64(value: number): void {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value, true);
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  text(value: string): void {
    const start = this.#advance(4 + value.length) + 4;
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#length = start - 4;
        this.#encodedText(value);
        return;
      }
      bytes[start + i] = code;
    }
    this.#view.setUint32(start - 4, value.length, true);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #encodedText(value: string): void {
    const encoded = utf8.encode(value);
    this.uint32(encoded.length);
    const at = this.#advance(encoded.length);
    this.#bytes.set(encoded, at);
  }

  /** Call it before `#bytes` or `#view` is looked at: it may replace both. */
  #advance(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
