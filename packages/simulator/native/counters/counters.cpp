#include "counters.h"

namespace halyard::simulator {

const char* name_of(InstructionClass instruction_class) {
  static const char* const names[] = {
      "integer",   "float32",    "float64",      "float16",    "special",     "conversion", "control",
      "barrier",   "move",       "exchange",     "loadGlobal", "storeGlobal", "loadShared", "storeShared",
      "loadLocal", "storeLocal", "loadConstant", "atomic",     "copy",        "matrix",     "matrixLoad"};
  static_assert(sizeof(names) / sizeof(names[0]) == instruction_classes);
  return names[static_cast<int>(instruction_class)];
}

const char* name_of_matrix_type(int type) {
  static const char* const names[matrix_types] = {"float16", "tfloat32", "int8", "float8", "float64"};
  return names[type];
}

std::uint64_t Counters::total_warp_instructions() const {
  std::uint64_t total = 0;
  for (const std::uint64_t count : warp_instructions) total += count;
  return total;
}

std::uint64_t Counters::shared_bank_conflicts() const {
  return shared_load_wavefronts - shared_load_ideal_wavefronts + shared_store_wavefronts -
         shared_store_ideal_wavefronts;
}

void Counters::add(const Counters& other) {
  // Nothing but counts of 64 bits.
  static_assert(sizeof(Counters) % sizeof(std::uint64_t) == 0);
  auto* mine = reinterpret_cast<std::uint64_t*>(this);
  const auto* theirs = reinterpret_cast<const std::uint64_t*>(&other);
  for (std::size_t i = 0; i < sizeof(Counters) / sizeof(std::uint64_t); ++i) mine[i] += theirs[i];
}

}  // namespace halyard::simulator
