#include "level.h"

#include <cstdlib>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace halyard::cpu {
namespace {

constexpr std::string_view names[level_count] = {"portable", "avx2", "avx512",  "avx512vnni", "avx512bf16",
                                                 "amx",      "neon", "neondot", "neoni8mm"};

#if defined(__x86_64__)
struct Registers {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  if (__get_cpuid_max(0, nullptr) >= leaf) __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
  return r;
}

bool has(unsigned word, int bit) { return ((word >> bit) & 1u) != 0; }

std::uint64_t enabled_states() {
  if (!has(cpuid(1, 0).c, 27)) return 0;
  unsigned low;
  unsigned high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}

/// Tiles have to be asked for, once per process.
bool permit_tiles() {
#if defined(__linux__)
  constexpr long request_permission = 0x1023;
  constexpr long tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

Level detect() {
  const Registers one = cpuid(1, 0);
  const Registers seven = cpuid(7, 0);
  const Registers seven_one = cpuid(7, 1);
  const std::uint64_t states = enabled_states();
  const bool avx2 = (states & 0x6) == 0x6 && has(one.c, 12) && has(one.c, 28) && has(one.c, 29) && has(seven.b, 5);
  if (!avx2) return Level::portable;
  const bool avx512 = (states & 0xe6) == 0xe6 && has(seven.b, 16) && has(seven.b, 17) && has(seven.b, 28) &&
                      has(seven.b, 30) && has(seven.b, 31);
  if (!avx512) return Level::avx2;
  if (!has(seven.c, 11) || !has(seven.c, 1)) return Level::avx512;
  if (!has(seven_one.a, 5)) return Level::avx512vnni;
  const bool tiles = (states & 0x60000) == 0x60000 && has(seven.d, 22) && has(seven.d, 24) && has(seven.d, 25);
  return tiles && permit_tiles() ? Level::amx : Level::avx512bf16;
}
#elif defined(__aarch64__)
Level detect() {
#if defined(__linux__)
  constexpr unsigned long dot_products = 1ul << 20;    // HWCAP_ASIMDDP
  constexpr unsigned long matrix_products = 1ul << 13;  // HWCAP2_I8MM
  if ((getauxval(AT_HWCAP) & dot_products) == 0) return Level::neon;
  return (getauxval(AT_HWCAP2) & matrix_products) == 0 ? Level::neon_dot : Level::neon_i8mm;
#else
  // Every processor that Apple has built into a computer has dot products.
  return Level::neon_dot;
#endif
}
#else
Level detect() { return Level::portable; }
#endif

}  // namespace

std::string_view name_of(Level level) { return names[static_cast<int>(level)]; }

std::optional<Level> parse_level(std::string_view name) {
  for (int index = 0; index < level_count; index++)
    if (names[index] == name) return static_cast<Level>(index);
  return std::nullopt;
}

Level detect_level() {
  static const Level level = detect();
  return level;
}

Level effective_level() {
  const Level detected = detect_level();
  const char* text = std::getenv("HALYARD_CPU_LEVEL");
  const std::optional<Level> cap = text != nullptr ? parse_level(text) : std::nullopt;
  return cap && includes(detected, *cap) ? *cap : detected;
}

}  // namespace halyard::cpu
