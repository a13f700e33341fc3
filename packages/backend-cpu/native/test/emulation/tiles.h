#pragma once

// Included by immintrin.h beside it: the tile instructions that kernels use, so that they run on any machine.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Eight tiles of up to 16 rows of 64 bytes, in memory.
namespace emulated {

struct Tile {
  int rows;
  int row_bytes;
  uint8_t bytes[16][64];
};
inline thread_local Tile tiles[8];

static inline void tile_loadconfig(const void* from) {
  const auto* bytes = static_cast<const uint8_t*>(from);
  if (bytes[0] != 1 || bytes[1] != 0) abort();
  for (int tile = 0; tile < 8; tile++) {
    uint16_t row_bytes;
    memcpy(&row_bytes, bytes + 16 + 2 * tile, 2);
    tiles[tile] = {bytes[48 + tile], row_bytes, {}};
    if (tiles[tile].rows > 16 || row_bytes > 64) abort();
  }
}

static inline void tile_release() {
  for (Tile& tile : tiles) tile = {};
}

/// Real tiles raise an exception where one is used that is not configured.
static inline Tile& configured_tile(int index) {
  if (tiles[index].rows == 0 || tiles[index].row_bytes == 0) abort();
  return tiles[index];
}

static inline void tile_zero(int index) {
  memset(configured_tile(index).bytes, 0, sizeof(tiles[index].bytes));
}

static inline void tile_loadd(int index, const void* from, long stride) {
  Tile& tile = configured_tile(index);
  memset(tile.bytes, 0, sizeof(tile.bytes));
  for (int row = 0; row < tile.rows; row++) {
    memcpy(tile.bytes[row], static_cast<const uint8_t*>(from) + row * stride, static_cast<size_t>(tile.row_bytes));
  }
}

static inline void tile_stored(int index, void* to, long stride) {
  const Tile& tile = configured_tile(index);
  for (int row = 0; row < tile.rows; row++) {
    memcpy(static_cast<uint8_t*>(to) + row * stride, tile.bytes[row], static_cast<size_t>(tile.row_bytes));
  }
}

/// Sums of four products of bytes, those of `a` signed, those of `b` as told.
template <typename B>
static inline void tile_dot_bytes(int to, int left, int right) {
  Tile& c = configured_tile(to);
  const Tile& a = configured_tile(left);
  const Tile& b = configured_tile(right);
  if (a.rows != c.rows || b.row_bytes != c.row_bytes || a.row_bytes != 4 * b.rows) abort();
  for (int row = 0; row < c.rows; row++) {
    for (int column = 0; column < c.row_bytes / 4; column++) {
      int32_t sum;
      memcpy(&sum, c.bytes[row] + 4 * column, 4);
      for (int i = 0; i < a.row_bytes; i++) {
        sum += static_cast<int8_t>(a.bytes[row][i]) * static_cast<B>(b.bytes[i / 4][4 * column + i % 4]);
      }
      memcpy(c.bytes[row] + 4 * column, &sum, 4);
    }
  }
}

}  // namespace emulated

#undef _tile_loadconfig
#undef _tile_release
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbsud
#undef _tile_dpbssd
#define _tile_loadconfig(from) emulated::tile_loadconfig(from)
#define _tile_release() emulated::tile_release()
#define _tile_zero(tile) emulated::tile_zero(tile)
#define _tile_loadd(tile, from, stride) emulated::tile_loadd(tile, from, stride)
#define _tile_stored(tile, to, stride) emulated::tile_stored(tile, to, stride)
#define _tile_dpbsud(to, a, b) emulated::tile_dot_bytes<uint8_t>(to, a, b)
#define _tile_dpbssd(to, a, b) emulated::tile_dot_bytes<int8_t>(to, a, b)
