/** Bytes reserved and held, now and at most, in all and by tag. */
export class Usage {
  reservedBytes = 0;
  peakReservedBytes = 0;
  allocatedBytes = 0;
  peakAllocatedBytes = 0;
  readonly #tags = new Map<string, { bytes: number; peakBytes: number; count: number }>();

  reserved(bytes: number): void {
    this.reservedBytes += bytes;
    this.peakReservedBytes = Math.max(this.peakReservedBytes, this.reservedBytes);
  }

  allocated(tag: string, bytes: number): void {
    this.allocatedBytes += bytes;
    this.peakAllocatedBytes = Math.max(this.peakAllocatedBytes, this.allocatedBytes);
    const use = this.#tags.get(tag) ?? { bytes: 0, peakBytes: 0, count: 0 };
    this.#tags.set(tag, use);
    use.bytes += bytes;
    use.count++;
    use.peakBytes = Math.max(use.peakBytes, use.bytes);
  }

  freed(tag: string, bytes: number): void {
    this.allocatedBytes -= bytes;
    const use = this.#tags.get(tag)!;
    use.bytes -= bytes;
    use.count--;
  }

  snapshot() {
    const { reservedBytes, peakReservedBytes, allocatedBytes, peakAllocatedBytes } = this;
    const tags = Object.fromEntries([...this.#tags].map(([tag, use]) => [tag, { ...use }]));
    return { reservedBytes, peakReservedBytes, allocatedBytes, peakAllocatedBytes, tags };
  }
}
