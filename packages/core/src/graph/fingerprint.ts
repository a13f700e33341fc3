/**
 * Names bytes by their content, so that equal constants are kept, packed and shared as one. MurmurHash3 x86_128
 * (Austin Appleby, public domain) over little-endian words: quick, and wide enough that accident does not matter;
 * not meant to withstand forgery.
 */
export function fingerprintOf(bytes: Uint8Array): string {
  const hash = new Uint32Array(4);
  const multipliers = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
  const additions = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;
  const rotationsOfWord = [15, 16, 17, 18] as const;
  const rotationsOfLane = [19, 17, 15, 13] as const;
  const scramble = (word: number, lane: number) =>
    Math.imul(rotate(Math.imul(word, multipliers[lane]!), rotationsOfWord[lane]!), multipliers[(lane + 1) % 4]!);

  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength - (bytes.byteLength % 16);
  for (let offset = 0; offset < whole; offset += 16) {
    for (let lane = 0; lane < 4; lane++) {
      const mixed = hash[lane]! ^ scramble(data.getUint32(offset + 4 * lane, true), lane);
      const rotated = rotate(mixed, rotationsOfLane[lane]!) + hash[(lane + 1) % 4]!;
      hash[lane] = Math.imul(rotated, 5) + additions[lane]!;
    }
  }
  if (whole < bytes.byteLength) {
    const tail = new Uint8Array(16);
    tail.set(bytes.subarray(whole));
    const words = new DataView(tail.buffer);
    for (let lane = 0; lane < 4; lane++) hash[lane]! ^= scramble(words.getUint32(4 * lane, true), lane);
  }
  for (let lane = 0; lane < 4; lane++) hash[lane]! ^= bytes.byteLength;
  spread(hash);
  for (let lane = 0; lane < 4; lane++) hash[lane] = finish(hash[lane]!);
  spread(hash);
  const digits = Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
  return `bytes:${bytes.byteLength}:${digits}`;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function spread(hash: Uint32Array): void {
  hash[0] = hash[0]! + hash[1]! + hash[2]! + hash[3]!;
  for (let lane = 1; lane < 4; lane++) hash[lane]! += hash[0]!;
}

function finish(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
