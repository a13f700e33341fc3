#include "quantized_matmul_pack.h"

#include <array>
#include <cstring>

#include "float_element.h"

namespace halyard::cpu {
namespace {

constexpr std::array<BlockShape, block_format_count> kShapes{{{32, 18}, {32, 20}, {32, 34}, {256, 144}, {256, 210}}};
/// Bytes of one packed block per row.
constexpr std::array<std::int64_t, block_format_count> kPackedBytes{18, 20, 34, 148, 210};

std::uint8_t byte_at(const std::byte* from, std::int64_t index) {
  return std::to_integer<std::uint8_t>(from[index]);
}

float half_at(const std::byte* from) {
  return float_element(Type::float16, from, 0);
}

/// Six-bit scale and minimum of sub-block `index` of a q4_k block; `scales` are its 12 bytes.
void scale_and_minimum(const std::byte* scales, int index, std::uint8_t& scale, std::uint8_t& minimum) {
  if (index < 4) {
    scale = byte_at(scales, index) & 63;
    minimum = byte_at(scales, index + 4) & 63;
  } else {
    scale = static_cast<std::uint8_t>((byte_at(scales, index + 4) & 15) | ((byte_at(scales, index - 4) >> 6) << 4));
    minimum = static_cast<std::uint8_t>((byte_at(scales, index + 4) >> 4) | ((byte_at(scales, index) >> 6) << 4));
  }
}

/// The 32 quants of sub-block `part` of a block, unsigned: 4 bits, 8 bits offset by 128, or 6 bits.
void unpack_quants(BlockFormat format, const std::byte* block, int part, std::uint8_t* quants) {
  switch (format) {
    case BlockFormat::q4_0:
    case BlockFormat::q4_1: {
      const std::byte* nibbles = block + (format == BlockFormat::q4_0 ? 2 : 4);
      for (int i = 0; i < 16; i++) {
        quants[i] = byte_at(nibbles, i) & 15;
        quants[i + 16] = byte_at(nibbles, i) >> 4;
      }
      return;
    }
    case BlockFormat::q8_0:
      for (int i = 0; i < 32; i++) quants[i] = byte_at(block, 2 + i) ^ 0x80;
      return;
    case BlockFormat::q4_k: {
      const std::byte* nibbles = block + 16 + 32 * (part / 2);
      for (int i = 0; i < 32; i++) {
        quants[i] = part % 2 == 0 ? byte_at(nibbles, i) & 15 : byte_at(nibbles, i) >> 4;
      }
      return;
    }
    case BlockFormat::q6_k: {
      // 128 elements share 64 bytes of low nibbles and 32 bytes of four times two high bits.
      const int half = part / 4;
      const int quarter = part % 4;
      const std::byte* low = block + 64 * half + 32 * (quarter % 2);
      const std::byte* high = block + 128 + 32 * half;
      for (int i = 0; i < 32; i++) {
        const int four = quarter < 2 ? byte_at(low, i) & 15 : byte_at(low, i) >> 4;
        quants[i] = static_cast<std::uint8_t>(four | (((byte_at(high, i) >> (2 * quarter)) & 3) << 4));
      }
      return;
    }
  }
}

/// One row's quants into lines of 4 · rows bytes.
void place_quants(BlockFormat format, int rows, int row, const std::uint8_t* quants, std::byte* to) {
  const int line = 4 * rows;
  for (int t = 0; t < 4; t++) {
    std::byte* lane = to + 4 * row + t;
    if (format == BlockFormat::q8_0) {
      for (int j = 0; j < 8; j++) lane[j * line] = std::byte{quants[4 * j + t]};
      continue;
    }
    for (int j = 0; j < 4; j++) {
      const int low = quants[8 * j + t] & 15;
      const int high = quants[8 * j + 4 + t] & 15;
      lane[j * line] = static_cast<std::byte>(low | (high << 4));
    }
    if (format != BlockFormat::q6_k) continue;
    for (int j = 0; j < 2; j++) {
      int bits = 0;
      for (int p = 0; p < 4; p++) bits |= (quants[16 * j + 4 * p + t] >> 4) << (2 * p);
      lane[(4 + j) * line] = static_cast<std::byte>(bits);
    }
  }
}

void pack_block(BlockFormat format, int rows, int row, const std::byte* block, std::byte* to) {
  std::uint8_t quants[32];
  const int parts = static_cast<int>(kShapes[static_cast<int>(format)].elements / 32);
  const int stride = parts == 1 ? 0 : (format == BlockFormat::q4_k ? 18 : 26) * rows;
  for (int part = 0; part < parts; part++) {
    unpack_quants(format, block, part, quants);
    place_quants(format, rows, row, quants, to + part * stride);
  }
  switch (format) {
    case BlockFormat::q4_0:
      std::memcpy(to + 16 * rows + 2 * row, block, 2);
      return;
    case BlockFormat::q4_1:
      std::memcpy(to + 16 * rows + 2 * row, block, 2);
      std::memcpy(to + 18 * rows + 2 * row, block + 2, 2);
      return;
    case BlockFormat::q8_0:
      std::memcpy(to + 32 * rows + 2 * row, block, 2);
      return;
    case BlockFormat::q4_k: {
      for (int part = 0; part < 8; part++) {
        std::uint8_t scale;
        std::uint8_t minimum;
        scale_and_minimum(block + 4, part, scale, minimum);
        to[part * stride + 16 * rows + row] = std::byte{scale};
        to[part * stride + 17 * rows + row] = std::byte{minimum};
      }
      std::memcpy(to + 8 * stride + 2 * row, block, 2);
      // The minimum is subtracted: its sign is turned here.
      to[8 * stride + 2 * rows + 2 * row] = block[2];
      to[8 * stride + 2 * rows + 2 * row + 1] = block[3] ^ std::byte{0x80};
      return;
    }
    case BlockFormat::q6_k:
      for (int part = 0; part < 8; part++) {
        to[part * stride + 24 * rows + row] = block[192 + 2 * part];
        to[part * stride + 25 * rows + row] = block[192 + 2 * part + 1];
      }
      std::memcpy(to + 8 * stride + 2 * row, block + 208, 2);
      return;
  }
}

}  // namespace

BlockShape block_shape(BlockFormat format) {
  return kShapes[static_cast<int>(format)];
}

std::int64_t packed_panel_bytes(const BlockLayout& layout, std::int64_t k) {
  const int format = static_cast<int>(layout.format);
  return k / kShapes[format].elements * kPackedBytes[format] * layout.rows;
}

std::int64_t packed_bytes(const BlockLayout& layout, std::int64_t n, std::int64_t k) {
  return (n + layout.rows - 1) / layout.rows * packed_panel_bytes(layout, k);
}

void pack_blocks(const BlockLayout& layout, const std::byte* from, std::int64_t row_bytes, std::int64_t n,
                 std::int64_t k, std::byte* to) {
  const auto [elements, bytes] = block_shape(layout.format);
  const std::int64_t blocks = k / elements;
  const std::int64_t panel_bytes = packed_panel_bytes(layout, k);
  const std::int64_t block_bytes = kPackedBytes[static_cast<int>(layout.format)] * layout.rows;
  for (std::int64_t first = 0; first < n; first += layout.rows, to += panel_bytes) {
    if (first + layout.rows > n) std::memset(to, 0, static_cast<std::size_t>(panel_bytes));
    for (int row = 0; row < layout.rows && first + row < n; row++) {
      const std::byte* source = from + (first + row) * row_bytes;
      for (std::int64_t block = 0; block < blocks; block++) {
        pack_block(layout.format, layout.rows, row, source + block * bytes, to + block * block_bytes);
      }
    }
  }
}

void dequantize_row(BlockFormat format, const std::byte* from, std::int64_t k, float* to) {
  const auto [elements, bytes] = block_shape(format);
  std::uint8_t quants[32];
  for (std::int64_t block = 0; block < k / elements; block++, from += bytes) {
    for (int part = 0; part < elements / 32; part++, to += 32) {
      unpack_quants(format, from, part, quants);
      for (int i = 0; i < 32; i++) {
        const auto quant = static_cast<float>(quants[i]);
        switch (format) {
          case BlockFormat::q4_0:
            to[i] = half_at(from) * (quant - 8);
            break;
          case BlockFormat::q4_1:
            to[i] = half_at(from) * quant + half_at(from + 2);
            break;
          case BlockFormat::q8_0:
            to[i] = half_at(from) * (quant - 128);
            break;
          case BlockFormat::q4_k: {
            std::uint8_t scale;
            std::uint8_t minimum;
            scale_and_minimum(from + 4, part, scale, minimum);
            to[i] = half_at(from) * static_cast<float>(scale) * quant - half_at(from + 2) * static_cast<float>(minimum);
            break;
          }
          case BlockFormat::q6_k: {
            const auto scale = static_cast<std::int8_t>(byte_at(from, 192 + 2 * part + i / 16));
            to[i] = half_at(from + 208) * static_cast<float>(scale) * (quant - 32);
            break;
          }
        }
      }
    }
  }
}

}  // namespace halyard::cpu
