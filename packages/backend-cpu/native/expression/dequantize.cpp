#include <cstring>

#include "access.h"

namespace halyard::cpu {
namespace {

float half_at(const std::byte* memory) {
  std::uint16_t half;
  std::memcpy(&half, memory, 2);
  const std::uint32_t magnitude = half & 0x7fffu;
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  std::uint32_t raw = magnitude << 13;
  float value;
  std::memcpy(&value, &raw, 4);
  value *= 5.192296858534828e33f;  // 2^112
  std::memcpy(&raw, &value, 4);
  if (magnitude >= 0x7c00u) raw = (magnitude << 13) | 0x7f800000u;
  raw |= sign;
  std::memcpy(&value, &raw, 4);
  return value;
}

int byte_at(const std::byte* memory, std::int64_t index) { return static_cast<int>(memory[index]); }

/// Element i < 16 is the low half of byte i, the others the high halves.
int nibble(const std::byte* quants, int i) {
  const int pair = byte_at(quants, i & 15);
  return i < 16 ? pair & 15 : pair >> 4;
}

/// Scale (first) and minimum (second) of group j of a q4_k block: 6 bits each.
void group_scales(const std::byte* scales, int j, int& scale, int& minimum) {
  if (j < 4) {
    scale = byte_at(scales, j) & 63;
    minimum = byte_at(scales, j + 4) & 63;
  } else {
    scale = (byte_at(scales, j + 4) & 15) | ((byte_at(scales, j - 4) >> 6) << 4);
    minimum = (byte_at(scales, j + 4) >> 4) | ((byte_at(scales, j) >> 6) << 4);
  }
}

/// Elements [from, to) of one block.
void dequantize_block(Type type, const std::byte* block, int from, int to, float* out) {
  switch (type) {
    case Type::q4_0: {
      const float d = half_at(block);
      for (int i = from; i < to; i++) *out++ = d * static_cast<float>(nibble(block + 2, i) - 8);
      return;
    }
    case Type::q4_1: {
      const float d = half_at(block);
      const float m = half_at(block + 2);
      for (int i = from; i < to; i++) *out++ = d * static_cast<float>(nibble(block + 4, i)) + m;
      return;
    }
    case Type::q8_0: {
      const float d = half_at(block);
      for (int i = from; i < to; i++) *out++ = d * static_cast<float>(static_cast<std::int8_t>(byte_at(block, 2 + i)));
      return;
    }
    case Type::q4_k: {
      const float d = half_at(block);
      const float dmin = half_at(block + 2);
      for (int i = from; i < to; i++) {
        int scale;
        int minimum;
        group_scales(block + 4, i / 32, scale, minimum);
        const int pair = byte_at(block, 16 + i / 64 * 32 + i % 32);
        const int quant = i % 64 < 32 ? pair & 15 : pair >> 4;
        *out++ = d * static_cast<float>(scale) * static_cast<float>(quant) - dmin * static_cast<float>(minimum);
      }
      return;
    }
    default: {
      // q6_k: each half of 128 elements has 64 bytes of low nibbles and 32 of high bits.
      const float d = half_at(block + 208);
      for (int i = from; i < to; i++) {
        const int half = i / 128;
        const int within = i % 128;
        const int low = byte_at(block, half * 64 + within % 64);
        const int high = byte_at(block, 128 + half * 32 + within % 32);
        const int quant = (within < 64 ? low & 15 : low >> 4) | (((high >> (within / 32 * 2)) & 3) << 4);
        const int scale = static_cast<std::int8_t>(byte_at(block, 192 + i / 16));
        *out++ = d * static_cast<float>(scale) * static_cast<float>(quant - 32);
      }
    }
  }
}

}  // namespace

void dequantize(Type type, const std::byte* tensor, std::int64_t element, std::int64_t count, float* to) {
  const TypeLayout& layout = layout_of(type);
  while (count > 0) {
    const std::int64_t block = element / layout.elements;
    const int from = static_cast<int>(element % layout.elements);
    const std::int64_t until = from + count < layout.elements ? from + count : layout.elements;
    dequantize_block(type, tensor + block * layout.bytes, from, static_cast<int>(until), to);
    const std::int64_t done = until - from;
    to += done;
    element += done;
    count -= done;
  }
}

}  // namespace halyard::cpu
