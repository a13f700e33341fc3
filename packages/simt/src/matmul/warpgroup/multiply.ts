import type { Helper } from '../../kernel/helper.js';
import { formatBytes, sumTypeOf, type TensorFormat } from '../tensor/format.js';
import { coreHelper } from '../tensor/helpers.js';

const names: Readonly<Record<TensorFormat, string>> = {
  float16: 'f16',
  bfloat16: 'bf16',
  tfloat32: 'tf32',
  int8: 's8',
  float8: 'e4m3',
};

/**
 * `warpgroup_multiply…(sums, a, b)`: sums of 64 rows by `columns` over 32 bytes of k, of a and b in shared memory (PTX
 * ISA, "wgmma.mma_async"; sm_90a). Lane 4g + t of warp w holds, of each 8 columns, sums (16w + g, 2t), (16w + g, 2t + 1),
 * (16w + g + 8, 2t) and (16w + g + 8, 2t + 1). `outer` operands have m or n along their rows, not k.
 */
export function warpgroupMultiply(
  format: TensorFormat,
  columns: number,
  [isOuterA, isOuterB]: readonly [boolean, boolean],
): Helper {
  const sum = sumTypeOf(format);
  const [kind, letter] = sum === 'int' ? ['s32', 'r'] : ['f32', 'f'];
  const count = columns / 2;
  const name = `warpgroup_multiply_${format}_${columns}_${isOuterA ? 'outer' : 'depth'}_${isOuterB ? 'outer' : 'depth'}`;
  const shape = `m64n${columns}k${32 / formatBytes[format]}`;
  const scales = sum === 'int' ? '' : ', 1, 1';
  const turned = formatBytes[format] === 2 ? `, ${Number(isOuterA)}, ${Number(isOuterB)}` : '';
  const places = Array.from({ length: count }, (_, i) => `%${i}`).join(',');
  const registers = Array.from({ length: count }, (_, i) => `"+${letter}"(sums[${i}])`).join(', ');
  return coreHelper(
    name,
    `
__device__ __forceinline__ void ${name}(${sum} (&sums)[${count}], unsigned long long a, unsigned long long b) {
  asm volatile("{ .reg .pred p; setp.eq.u32 p, 0, 0; wgmma.mma_async.sync.aligned.${shape}.${kind}.${names[format]}.${names[format]} {${places}}, %${count}, %${count + 1}, p${scales}${turned}; }"
    : ${registers} : "l"(a), "l"(b));
}`,
  );
}
