/**
 * Names bytes by their content, so that equal constants are kept, packed and shared as one. MurmurHash3 x86_128
 * (Austin Appleby, public domain) over little-endian words: quick, and wide enough that accident does not matter;
 * not meant to withstand forgery.
 */
export function fingerprintOf(bytes: Uint8Array): string {
  const whole = bytes.byteLength - (bytes.byteLength % 16);
  const words = new DataView(bytes.buffer, bytes.byteOffset, whole);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let offset = 0; offset < whole; offset += 16) {
    a = mixA(a ^ scrambleA(words.getInt32(offset, true)), b);
    b = mixB(b ^ scrambleB(words.getInt32(offset + 4, true)), c);
    c = mixC(c ^ scrambleC(words.getInt32(offset + 8, true)), d);
    d = mixD(d ^ scrambleD(words.getInt32(offset + 12, true)), a);
  }
  const tail = new DataView(new ArrayBuffer(16));
  bytes.subarray(whole).forEach((byte, at) => {
    tail.setUint8(at, byte);
  });
  const ends = [
    a ^ scrambleA(tail.getInt32(0, true)),
    b ^ scrambleB(tail.getInt32(4, true)),
    c ^ scrambleC(tail.getInt32(8, true)),
    d ^ scrambleD(tail.getInt32(12, true)),
  ];
  const finished = spread(spread(ends.map((end) => end ^ bytes.byteLength)).map(finish));
  const digits = finished.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return `bytes:${bytes.byteLength}:${digits}`;
}

function scrambleA(word: number): number {
  const product = Math.imul(word, 0x239b961b);
  return Math.imul((product << 15) | (product >>> 17), 0xab0e9789);
}

function scrambleB(word: number): number {
  const product = Math.imul(word, 0xab0e9789);
  return Math.imul((product << 16) | (product >>> 16), 0x38b34ae5);
}

function scrambleC(word: number): number {
  const product = Math.imul(word, 0x38b34ae5);
  return Math.imul((product << 17) | (product >>> 15), 0xa1e38b93);
}

function scrambleD(word: number): number {
  const product = Math.imul(word, 0xa1e38b93);
  return Math.imul((product << 18) | (product >>> 14), 0x239b961b);
}

function mixA(lane: number, next: number): number {
  return (Math.imul((((lane << 19) | (lane >>> 13)) + next) | 0, 5) + 0x561ccd1b) | 0;
}

function mixB(lane: number, next: number): number {
  return (Math.imul((((lane << 17) | (lane >>> 15)) + next) | 0, 5) + 0x0bcaa747) | 0;
}

function mixC(lane: number, next: number): number {
  return (Math.imul((((lane << 15) | (lane >>> 17)) + next) | 0, 5) + 0x96cd1c35) | 0;
}

function mixD(lane: number, next: number): number {
  return (Math.imul((((lane << 13) | (lane >>> 19)) + next) | 0, 5) + 0x32ac3b17) | 0;
}

function spread(lanes: readonly number[]): number[] {
  const [a, ...others] = lanes;
  const sum = others.reduce((total, lane) => (total + lane) | 0, a!);
  return [sum, ...others.map((lane) => (lane + sum) | 0)];
}

function finish(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
