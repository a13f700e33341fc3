#include <cstdint>
#include <cstring>

#include "../asynchronous/destinations.h"
#include "address_operand.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// list: memory and mbarrier (each an address), then the registers; op.e: bytes of one; op.bytes: of all.

/// Like a bulk copy of a few bytes that each lane brings from its registers.
void store(Warp& w, const MicroOp& op) {
  const u32* list = w.list(op);
  each_lane(w.mask, [&](int l) {
    if (w.state == WarpState::failed) return;
    FillAddresses addresses;
    addresses.memory = address_at(w, list, l);
    addresses.barrier = address_at(w, list + address_words, l);
    addresses.bytes = addresses.room = addresses.alignment = op.bytes;
    const Destinations to = find_destinations(w, op, addresses, l);
    if (to.blocks.empty()) return;
    begin_fill(w, op, to, l);
    std::byte* target = to.blocks[0].block->shared + to.stretch.offset;
    for (u32 i = 0; i < op.bytes / op.e; ++i) {
      const u32 value = list[2 * address_words + i];
      const u64 bits = op.e == 8 ? w.at<u64>(value)[l] : w.at<u32>(value)[l];
      std::memcpy(target + op.e * i, &bits, op.e);
    }
    finish_fill(w, op, to, l);
  });
}

}  // namespace

namespace decoders {

void asynchronous_store(Emitter& emitter) {
  if (!emitter.has("mbarrier::complete_tx::bytes")) emitter.unsupported();
  const bool is_wide = is_wide_type(emitter.type()), is_float = emitter.type()[0] == 'f';
  const Operand& given = emitter.operand(1);
  const std::vector<Operand> values =
      given.kind == Operand::Kind::vector ? given.elements : std::vector<Operand>{given};
  std::vector<u32> list;
  add_address(emitter, emitter.operand(0), list);
  add_address(emitter, emitter.operand(2), list);
  for (const Operand& value : values)
    list.push_back(is_wide ? emitter.wide(value, is_float) : emitter.narrow(value, is_float));
  MicroOp& op = emitter.emit(store, InstructionClass::store_shared);
  op.e = is_wide ? 8 : 4;
  op.bytes = static_cast<std::uint8_t>(op.e * values.size());
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
}

}  // namespace decoders
}  // namespace halyard::simulator
