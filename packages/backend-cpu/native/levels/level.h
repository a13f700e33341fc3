#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace halyard::cpu {

/// Instruction sets that kernels are written for, each with what comes before it on its architecture.
enum class Level : std::uint8_t {
  portable,
  /// AVX2, FMA, F16C.
  avx2,
  /// AVX-512 F, BW, DQ, VL, CD.
  avx512,
  /// VNNI, VBMI.
  avx512vnni,
  /// BF16.
  avx512bf16,
  /// AMX int8 and bf16.
  amx,
  /// Armv8 Advanced SIMD.
  neon,
  /// Dot products of int8 (sdot).
  neon_dot,
  /// Products of int8 matrices (smmla).
  neon_i8mm,
};

inline constexpr int level_count = 9;

/// Whether a machine of level `have` executes kernels written for `need`.
inline constexpr bool includes(Level have, Level need) {
  if (need == Level::portable || have == need) return true;
  return (have >= Level::neon) == (need >= Level::neon) && have > need;
}

std::string_view name_of(Level level);
std::optional<Level> parse_level(std::string_view name);

/// The highest level that processor and operating system offer (CPUID, XCR0; AMX by the kernel's permission, asked for
/// once per process; on arm64 the hardware capabilities that Linux reports).
Level detect_level();

/// `detect_level`, capped by `HALYARD_CPU_LEVEL`. A name that is unknown or of another architecture caps nothing here:
/// `probe` reports it.
Level effective_level();

}  // namespace halyard::cpu
