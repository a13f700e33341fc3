#pragma once

#include <stddef.h>
#include <stdint.h>

#include "halyard/scalar_operator.h"
#include "halyard/type.h"

namespace halyard::cpu {

/// Elements of a tile, the unit over which expressions are evaluated in the first-level cache. Tiles are aligned to 64
/// bytes and have room for all of their elements.
inline constexpr int32_t tile_elements = 512;

/// How elements are held in a tile: float32 for all floats, int32 (sign- or zero-extended) for integers of up to 32 bits,
/// int64 for those of 64.
enum class Lane : int32_t { f32, i32, i64 };

/// One operation over the first `count` elements of tiles; may go on to a multiple of 16 elements. The result may be one
/// of the arguments. Unused arguments are null.
using TileFunction = void (*)(void* result, const void* a, const void* b, const void* c, int32_t count);

/// Between memory and a tile, exactly `count` elements that lie side by side in memory.
using LoadFunction = void (*)(void* tile, const void* memory, int32_t count);
using StoreFunction = void (*)(void* memory, const void* tile, int32_t count);

/// Which arguments are a splat (16 equal elements) instead of a tile.
enum SplatMask : int32_t { no_splat = 0, splat_a = 1, splat_b = 2 };

/// What the expression engine needs of one instruction set.
struct ExpressionKernels {
  const char* name;
  /// Null where there is no such operation over these types. `result` is the instruction's data type, `argument` that of
  /// its last argument (of a cast: what is cast; of a comparison: what is compared). With `splat` other than none an
  /// answer of null means: spread the splat over a tile first.
  TileFunction (*find)(ScalarOperator op, Type result, Type argument, int32_t splat);
  /// Spreads the first element of `a` over the result.
  TileFunction spread[3];
  /// x · x, for a power of 2.
  TileFunction square;
  /// Null for types that cannot be read or written.
  LoadFunction load[18];
  StoreFunction store[18];
  /// float32 past the caches; memory aligned to 64 bytes, count a multiple of 16.
  StoreFunction store_past_caches;
  /// Gathers `count` elements of 1, 2, 4, 8 bytes (by logarithm) that lie `stride` elements apart, and back.
  void (*collect[4])(void* packed, const void* memory, ptrdiff_t stride, int32_t count);
  void (*spill[4])(void* memory, ptrdiff_t stride, const void* packed, int32_t count);
};

extern const ExpressionKernels expression_portable;
extern const ExpressionKernels expression_avx2;
extern const ExpressionKernels expression_avx512;
extern const ExpressionKernels expression_neon;

}  // namespace halyard::cpu
