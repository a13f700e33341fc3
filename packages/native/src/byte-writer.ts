const initialBytes = 4096;

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

  int64(value: number | bigint): void {
    const at = this.#advance(8);
    this.#view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true);
  }

  float64(value: number): void {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value, true);
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.uint32(encoded.length);
    const at = this.#advance(encoded.length);
    this.#bytes.set(encoded, at);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
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
