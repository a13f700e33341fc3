#include <algorithm>
#include <cstdint>

#include "../access/shared_place.h"
#include "../access/stretch.h"
#include "../asynchronous/bulk_copy.h"
#include "../asynchronous/destinations.h"
#include "../asynchronous/swizzle.h"
#include "../asynchronous/tensor_map.h"
#include "address_operand.h"
#include "decoders.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

constexpr u32 tile_alignment = 128, chunk = 16;

// list: shared memory, tensor map, barrier (each an address), then the coordinates, the innermost first, and of a
// multicast the mask of ranks. op.flags: dimensions; op.e: whether it is a multicast.

/// Tensor maps are the kernel's parameters, or lie in global memory.
bool read_map(Warp& w, const MicroOp& op, u64 address, int lane, TensorMap& map) {
  const std::byte* from = nullptr;
  if (address % TensorMap::alignment != 0) {
    w.worker->report(w, op, FindingKind::misaligned_access, lane, address, TensorMap::bytes,
                     "a tensor map whose address is no multiple of 64", LaunchError::misaligned_address);
    return false;
  }
  if ((address & window_mask) == parameter_window) {
    const auto& parameters = w.worker->context().configuration.parameters;
    const u64 offset = address & ~window_mask;
    if (offset + TensorMap::bytes <= parameters.size()) from = parameters.data() + offset;
  } else if ((address & window_mask) == 0) {
    from = global_stretch(w, op, Direction::load, address, TensorMap::bytes, lane);
    if (from == nullptr) return false;
  }
  if (from != nullptr && map.decode(from) && map.rank == op.flags) return true;
  w.worker->report(w, op, FindingKind::invalid_instruction, lane, address, TensorMap::bytes,
                   "no tensor map of " + std::to_string(op.flags) + " dimensions lies there",
                   LaunchError::illegal_instruction);
  return false;
}

/// Calls `visit(address, skipped, count, row)` for each row of the box that lies at least partly within the tensor:
/// `count` elements behind `skipped` that do not. `row` counts all.
template <class Visit>
bool each_row(const TensorMap& map, const i64* at, Visit visit) {
  const i64 begin = std::max<i64>(at[0], 0),
            end = std::min<i64>(at[0] + map.box[0], static_cast<i64>(map.dimensions[0]));
  u32 index[TensorMap::most_dimensions] = {};
  u32 rows = 1;
  for (u32 d = 1; d < map.rank; ++d) rows *= map.extent(d);
  for (u32 row = 0; row < rows; ++row) {
    u64 address = map.address + static_cast<u64>(begin) * map.element_bytes();
    bool is_inside = begin < end;
    for (u32 d = 1; d < map.rank; ++d) {
      const i64 place = at[d] + i64{index[d]} * map.element_strides[d];
      is_inside = is_inside && place >= 0 && place < static_cast<i64>(map.dimensions[d]);
      address += static_cast<u64>(place) * map.strides[d - 1];
    }
    if (is_inside && !visit(address, static_cast<u32>(begin - at[0]), static_cast<u32>(end - begin), row)) return false;
    for (u32 d = 1; d < map.rank && ++index[d] == map.extent(d); ++d) index[d] = 0;
  }
  return true;
}

/// Copies bytes of one row of the box between its swizzled place in shared memory and a row in order.
template <bool reads_shared>
void move_row(std::byte* shared, u32 offset, u32 bits, u32 first, std::byte* row, u32 bytes) {
  while (bytes > 0) {
    const u32 inside = first % chunk, count = std::min(bytes, chunk - inside);
    std::byte* place = shared + swizzle(offset + first - inside, bits) + inside;
    if constexpr (reads_shared)
      std::memcpy(row, place, count);
    else
      std::memcpy(place, row, count);
    first += count, row += count, bytes -= count;
  }
}

struct Tile {
  TensorMap map;
  i64 at[TensorMap::most_dimensions] = {};
  /// A swizzle may move the last bytes of a box to the end of its last row of banks.
  u32 shared_bytes() const {
    const u32 bytes = map.box_bytes();
    return map.swizzle == 0 ? bytes : (bytes + tile_alignment - 1) / tile_alignment * tile_alignment;
  }
};

bool find_tile(Warp& w, const MicroOp& op, int lane, Tile& tile) {
  const u32* list = w.list(op);
  if (!read_map(w, op, address_at(w, list + address_words, lane), lane, tile.map)) return false;
  for (u32 d = 0; d < tile.map.rank; ++d)
    tile.at[d] = static_cast<std::int32_t>(w.at<u32>(list[3 * address_words + d])[lane]);
  return true;
}

void load_tile(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    Tile tile;
    if (w.state == WarpState::failed || !find_tile(w, op, l, tile)) return;
    const TensorMap& map = tile.map;
    FillAddresses addresses;
    addresses.memory = address_at(w, list, l);
    addresses.barrier = address_at(w, list + 2 * address_words, l);
    addresses.bytes = map.box_bytes();
    addresses.room = tile.shared_bytes();
    addresses.alignment = tile_alignment;
    addresses.is_multicast = op.e != 0;
    if (addresses.is_multicast) addresses.ranks = w.at<u32>(list[3 * address_words + map.rank])[l] & 0xffff;
    const Destinations to = find_destinations(w, op, addresses, l);
    if (to.blocks.empty()) return;
    begin_fill(w, op, to, l);
    const u32 offset = to.stretch.offset;
    for (const Destination& destination : to.blocks)
      std::memset(destination.block->shared + offset, 0, map.box_bytes());
    const u32 element = map.element_bytes(), row_bytes = map.box[0] * element;
    SectorCount sectors;
    const bool ok = each_row(map, tile.at, [&](u64 address, u32 skipped, u32 count, u32 row) {
      std::byte* source = global_stretch(w, op, Direction::copy_from, address, u64{count} * element, l);
      if (source == nullptr) return false;
      sectors.add(address, u64{count} * element);
      for (const Destination& destination : to.blocks)
        move_row<false>(destination.block->shared, offset + row * row_bytes, map.swizzle, skipped * element, source,
                        count * element);
      return true;
    });
    if (!ok) return;
    sectors.count(w, false, to.blocks.size());
    finish_fill(w, op, to, l);
  });
}

void store_tile(Warp& w, const MicroOp& op) {
  each_lane(w.mask, [&](int l) {
    Tile tile;
    if (w.state == WarpState::failed || !find_tile(w, op, l, tile)) return;
    const TensorMap& map = tile.map;
    const SharedPlace from = find_shared(w, op, Reach::block, address_at(w, w.list(op), l), l);
    if (from.block == nullptr ||
        !shared_stretch(w, op, *from.block, Direction::copy_from, from.offset, tile.shared_bytes(), tile_alignment, l))
      return;
    const auto offset = static_cast<u32>(from.offset);
    begin_bulk_read(w, op, {offset, map.box_bytes()}, l);
    const u32 element = map.element_bytes(), row_bytes = map.box[0] * element;
    SectorCount sectors;
    const bool ok = each_row(map, tile.at, [&](u64 address, u32 skipped, u32 count, u32 row) {
      std::byte* target = global_stretch(w, op, Direction::store, address, u64{count} * element, l);
      if (target == nullptr) return false;
      sectors.add(address, u64{count} * element);
      move_row<true>(w.block->shared, offset + row * row_bytes, map.swizzle, skipped * element, target,
                     count * element);
      return true;
    });
    if (ok) sectors.count(w, true);
  });
}

u32 rank_of(const Emitter& emitter) {
  static const std::string_view ranks[] = {"1d", "2d", "3d", "4d", "5d"};
  for (u32 i = 0; i < 5; ++i)
    if (emitter.has(ranks[i])) return i + 1;
  emitter.unsupported("a rank of none from 1 to 5");
}

}  // namespace

namespace decoders {

void tile_copy(Emitter& emitter) {
  for (const std::string_view part : emitter.statement().parts)
    if (part.starts_with("im2col") || part.starts_with("tile::") || part.starts_with("cta_group"))
      emitter.unsupported(std::string(part));
  if (emitter.has("prefetch")) {
    emitter.emit([](Warp&, const MicroOp&) {}, InstructionClass::copy);
    return;
  }
  const bool stores = emitter.has("bulk_group");
  const u32 rank = rank_of(emitter);
  const Operand &map = emitter.operand(stores ? 0 : 1), &shared = emitter.operand(stores ? 1 : 0);
  if (map.elements.size() != 2 || map.elements[1].elements.size() != rank)
    emitter.fail("a tensor map with " + std::to_string(rank) + " coordinates was expected");
  std::vector<u32> list;
  add_address(emitter, shared, list);
  add_address(emitter, map, list);
  if (stores)
    list.insert(list.end(), address_words, 0);
  else
    add_address(emitter, emitter.operand(2), list);
  for (const Operand& coordinate : map.elements[1].elements) list.push_back(emitter.narrow(coordinate));
  const bool is_multicast = emitter.has("multicast::cluster");
  if (is_multicast) list.push_back(emitter.narrow(emitter.operand(3)));
  MicroOp& op = emitter.emit(stores ? store_tile : load_tile, InstructionClass::copy);
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
  op.flags = static_cast<std::uint16_t>(rank);
  op.e = is_multicast;
  if (!stores) op.detail = TraceDetail::fill;
}

}  // namespace decoders
}  // namespace halyard::simulator
