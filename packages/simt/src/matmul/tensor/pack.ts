import type { Helper } from '../../kernel/helper.js';
import type { TensorFormat } from './format.js';

const pairOf = (instruction: string): string =>
  `unsigned int word; asm("${instruction} %0, %2, %1;" : "=r"(word) : "f"(first), "f"(second)); return word;`;

const pair = (name: string, body: string): Helper => ({
  name,
  text: `
__device__ __forceinline__ unsigned int ${name}(float first, float second) {
  ${body}
}`,
});

const helpers = {
  float16: pair('pack_float16', pairOf('cvt.rn.f16x2.f32')),
  /** Before sm_80 one at a time. */
  float16Apart: pair(
    'pack_float16',
    'unsigned short low, high; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(low) : "f"(first)); asm("cvt.rn.f16.f32 %0, %1;" : "=h"(high) : "f"(second)); return low | ((unsigned int)high << 16);',
  ),
  bfloat16: pair('pack_bfloat16', pairOf('cvt.rn.bf16x2.f32')),
  float8: pair(
    'pack_float8',
    'unsigned short bits; asm("cvt.rn.satfinite.e4m3x2.f32 %0, %2, %1;" : "=h"(bits) : "f"(first), "f"(second)); return bits;',
  ),
  tfloat32: {
    name: 'round_tfloat32',
    text: `
__device__ __forceinline__ unsigned int round_tfloat32(float value) {
  unsigned int bits; asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value)); return bits;
}`,
  },
} satisfies Record<string, Helper>;

/** What {@link packExpressions} and the loads of quantized groups call. */
export function packHelper(format: TensorFormat, capability: number): Helper | undefined {
  if (format === 'float16') return capability >= 80 ? helpers.float16 : helpers.float16Apart;
  return format === 'int8' ? undefined : helpers[format];
}

/** C++ of the four words of a chunk of 16 bytes, of its elements in the sums' type. */
export function packExpressions(format: TensorFormat, values: readonly string[]): string[] {
  return [0, 1, 2, 3].map((word): string => {
    const own = values.slice((word * values.length) / 4, ((word + 1) * values.length) / 4);
    switch (format) {
      case 'float16':
      case 'bfloat16':
        return `pack_${format}(${own.join(', ')})`;
      case 'tfloat32':
        return `round_tfloat32(${own[0]})`;
      case 'float8':
        return `pack_float8(${own.slice(0, 2).join(', ')}) | (pack_float8(${own.slice(2).join(', ')}) << 16)`;
      default:
        return own.map((value, i) => `((unsigned int)(${value} & 255) << ${8 * i})`).join(' | ');
    }
  });
}
