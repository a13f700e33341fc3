/** What tensor cores multiply. */
export type TensorFormat = 'float16' | 'bfloat16' | 'tfloat32' | 'int8' | 'float8';

export const formatBytes: Readonly<Record<TensorFormat, number>> = {
  float16: 2,
  bfloat16: 2,
  tfloat32: 4,
  int8: 1,
  float8: 1,
};

/** The least compute capability whose tensor cores have a format, by `mma.sync` (PTX ISA, "mma") or `wmma` (7.0). */
export const formatCapability: Readonly<Record<TensorFormat, number>> = {
  float16: 70,
  int8: 75,
  bfloat16: 80,
  tfloat32: 80,
  float8: 89,
};

export const sumTypeOf = (format: TensorFormat): 'float' | 'int' => (format === 'int8' ? 'int' : 'float');

const names: Readonly<Record<TensorFormat, string>> = {
  float16: 'f16',
  bfloat16: 'bf16',
  tfloat32: 'tf32',
  int8: 's8',
  float8: 'e4m3',
};

/** One instruction over parts of the fragments below, by registers. */
interface Piece {
  readonly shape: string;
  readonly sums: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Turing's instructions are halves and quarters of Ampere's, over the same registers. */
function piecesOf(format: TensorFormat, capability: number): readonly Piece[] {
  const [all, a, b] = [
    [0, 1, 2, 3],
    [0, 1, 2, 3],
    [0, 1],
  ];
  if (capability >= 80) {
    const depth = 32 / formatBytes[format];
    return [{ shape: `m16n8k${depth}`, sums: all!, a: a!, b: b! }];
  }
  if (format === 'float16') {
    return [0, 1].map((half) => ({ shape: 'm16n8k8', sums: all!, a: [2 * half, 2 * half + 1], b: [half] }));
  }
  return [0, 1].flatMap((row) =>
    [0, 1].map((half) => ({ shape: 'm8n8k16', sums: [2 * row, 2 * row + 1], a: [2 * half + row], b: [half] })),
  );
}

/**
 * Prints `multiply_add(sums, a, b)`: 16 rows by 8 columns over 32 bytes of k, on every architecture with registers as
 * of `mma.m16n8k16` (PTX ISA, "Matrix Fragments for mma.m16n8k16"). Lane 4g + t holds sums (g, 2t), (g, 2t + 1),
 * (g + 8, 2t), (g + 8, 2t + 1).
 */
export const printMultiplyAdd = (format: TensorFormat, capability: number): string => `
__device__ __forceinline__ void multiply_add_${format}(${sumTypeOf(format)} (&sums)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
${piecesOf(format, capability)
  .map((piece) => printPiece(format, piece))
  .join('\n')}
}`;

/** As {@link printMultiplyAdd}: `multiply(sums, a, b, start)`, where all sums begin at `start`. */
export function printMultiply(format: TensorFormat, capability: number): string {
  const begun = new Set<number>();
  const pieces = piecesOf(format, capability).map((piece) => {
    const isFirst = !begun.has(piece.sums[0]!);
    for (const sum of piece.sums) begun.add(sum);
    return printPiece(format, piece, isFirst ? 'start' : undefined);
  });
  const sum = sumTypeOf(format);
  return `
__device__ __forceinline__ void multiply_${format}(${sum} (&sums)[4], const unsigned (&a)[4], const unsigned (&b)[2], ${sum} start) {
${pieces.join('\n')}
}`;
}

function printPiece(format: TensorFormat, { shape, sums, a, b }: Piece, start?: string): string {
  const [kind, letter] = sumTypeOf(format) === 'int' ? ['s32', 'r'] : ['f32', 'f'];
  const name = names[format];
  let next = sums.length;
  const inputs = (registers: readonly number[]) => registers.map(() => `%${next++}`).join(',');
  const [d, aText, bText] = [sums.map((_, i) => `%${i}`).join(','), inputs(a), inputs(b)];
  const c = start === undefined ? d : sums.map(() => `%${next}`).join(',');
  const [access, from] = start === undefined ? ['+', []] : ['=', [`"${letter}"(${start})`]];
  return `  asm volatile("mma.sync.aligned.${shape}.row.col.${kind}.${name}.${name}.${kind} {${d}}, {${aText}}, {${bText}}, {${c}};"
      : ${sums.map((i) => `"${access}${letter}"(sums[${i}])`).join(', ')}
      : ${[...a.map((i) => `"r"(a[${i}])`), ...b.map((i) => `"r"(b[${i}])`), ...from].join(', ')});`;
}
