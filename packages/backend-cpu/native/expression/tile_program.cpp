#include "tile_program.h"

#include <cstring>

#include "tile_compiler.h"

namespace halyard::cpu {
namespace {

/// Rows of the caller's tile, brought together.
void gather_rows(const GivenTile& given, int bytes, const Tile& tile, std::byte* to) {
  const auto* from = static_cast<const std::byte*>(given.data);
  const std::size_t row_bytes = static_cast<std::size_t>(tile.columns) * static_cast<std::size_t>(bytes);
  for (std::int32_t row = 0; row < tile.rows; row++)
    std::memcpy(to + static_cast<std::size_t>(row) * row_bytes, from + row * given.row_stride * bytes, row_bytes);
}

void spread_rows(const std::byte* from, int bytes, const Tile& tile, const TakenTile& taken) {
  auto* to = static_cast<std::byte*>(taken.data);
  const std::size_t row_bytes = static_cast<std::size_t>(tile.columns) * static_cast<std::size_t>(bytes);
  for (std::int32_t row = 0; row < tile.rows; row++)
    std::memcpy(to + row * taken.row_stride * bytes, from + static_cast<std::size_t>(row) * row_bytes, row_bytes);
}

/// Brings what lies two tiles on into the second-level cache: the gap that operations leave is otherwise too long for
/// the processor's own guessing. Beyond the end of memory it does nothing.
void fetch_ahead(const float* memory, std::int32_t count) {
  constexpr std::uintptr_t ahead = 4096;
  constexpr std::uintptr_t line = 64;
  const auto start = reinterpret_cast<std::uintptr_t>(memory) + ahead;
  const auto bytes = static_cast<std::uintptr_t>(count) * sizeof(float);
  for (std::uintptr_t offset = 0; offset < bytes; offset += line)
    __builtin_prefetch(reinterpret_cast<const void*>(start + offset), 0, 2);
}

}  // namespace

void TileProgram::run(const Frame& frame, const Tile& tile, const GivenTile* given, const TakenTile* taken) const {
  // As large as the program needs, and no larger: an array of the greatest size would cost what it is not used for.
  auto* arena = static_cast<std::byte*>(__builtin_alloca_with_align(static_cast<std::size_t>(arena_bytes_), 512));
  auto** at = static_cast<void**>(__builtin_alloca(values_.size() * sizeof(void*)));
  const std::int32_t count = tile.rows * tile.columns;
  for (std::size_t i = 0; i < values_.size(); i++) at[i] = arena + values_[i].slot;
  for (int i = 0; i < given_count_; i++) {
    const Value& value = values_[static_cast<std::size_t>(i)];
    const bool together = tile.rows == 1 || given[i].row_stride == tile.columns;
    if (together && count % 16 == 0)
      at[i] = const_cast<void*>(given[i].data);
    else
      gather_rows(given[i], lane_bytes(lane_of(value.type)), tile, static_cast<std::byte*>(at[i]));
  }
  for (const Constant& constant : constants_) std::memcpy(at[constant.value], constant.bytes, sizeof(constant.bytes));
  for (const Load& load : loads_) {
    const Access& access = accesses_[static_cast<std::size_t>(load.access)];
    const Value& value = values_[static_cast<std::size_t>(load.value)];
    if (value.splat) {
      load_tile(*kernels_, *program_, frame, access, axes_, {tile.index, 1, 1}, at[load.value]);
      kernels_->spread[static_cast<int>(lane_of(value.type))](at[load.value], at[load.value], nullptr, nullptr, 16);
    } else if (float* memory = load.copy ? nullptr : in_place(*program_, frame, access, axes_, tile)) {
      at[load.value] = memory;
      fetch_ahead(memory, count);
    } else {
      load_tile(*kernels_, *program_, frame, access, axes_, tile, at[load.value]);
    }
  }
  bool stored = false;
  if (straight_) {
    const int result = results_[0];
    float* memory = stores_.empty() ? nullptr : in_place(*program_, frame, stores_[0], axes_, tile);
    if (memory == nullptr && stores_.empty() && count % 16 == 0 &&
        (tile.rows == 1 || taken[0].row_stride == tile.columns))
      memory = static_cast<float*>(taken[0].data);
    else if (past_caches_ && reinterpret_cast<std::uintptr_t>(memory) % 64 == 0)
      memory = nullptr;
    if (memory != nullptr) {
      at[result] = memory;
      stored = true;
    }
  }
  for (const Operation& operation : operations_) {
    operation.function(at[operation.result], operation.a < 0 ? nullptr : at[operation.a],
                       operation.b < 0 ? nullptr : at[operation.b], operation.c < 0 ? nullptr : at[operation.c],
                       operation.on_splat ? 16 : count);
  }
  if (stored) return;
  for (std::size_t i = 0; i < results_.size(); i++) {
    const Value& value = values_[static_cast<std::size_t>(results_[i])];
    if (stores_.empty())
      spread_rows(static_cast<const std::byte*>(at[results_[i]]), lane_bytes(lane_of(value.type)), tile, taken[i]);
    else
      store_tile(*kernels_, *program_, frame, stores_[i], axes_, tile, at[results_[i]], past_caches_);
  }
}

}  // namespace halyard::cpu
