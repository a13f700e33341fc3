#include <cstdint>

#include "../access/access.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using u16 = std::uint16_t;

// op.flags: 1 transposed, 2 address of 64 bits; list: registers, one per matrix of 8 × 8 halves

bool row_pointers(Warp& w, const MicroOp& op, Direction direction, Access& access) {
  if (w.mask != all_lanes) {
    w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(w.mask), 0, 0,
                     "an instruction for the whole warp that only some lanes reach", LaunchError::illegal_instruction);
    return false;
  }
  u64 addresses[lanes];
  load_addresses(w, op, op.flags & 2, addresses);
  for (u64& x : addresses) x &= ~window_mask;
  const u32 rows = 8u * op.list_size;
  return prepare(w, op, Space::shared, direction, addresses, rows == 32 ? all_lanes : (1u << rows) - 1, 16, access);
}

void load_matrices(Warp& w, const MicroOp& op) {
  Access access;
  if (!row_pointers(w, op, Direction::load, access)) return;
  const u32* list = w.list(op);
  for (u32 m = 0; m < op.list_size; ++m) {
    u16 rows[8][8];
    for (u32 r = 0; r < 8; ++r) std::memcpy(rows[r], access.pointers[8 * m + r], 16);
    u32* d = w.at<u32>(list[m]);
    if (op.flags & 1) {
      for (int l = 0; l < lanes; ++l) d[l] = rows[2 * (l & 3)][l >> 2] | u32{rows[2 * (l & 3) + 1][l >> 2]} << 16;
    } else {
      std::memcpy(d, rows, sizeof(rows));
    }
  }
}

void store_matrices(Warp& w, const MicroOp& op) {
  Access access;
  if (!row_pointers(w, op, Direction::store, access)) return;
  const u32* list = w.list(op);
  for (u32 m = 0; m < op.list_size; ++m) {
    u16 rows[8][8];
    const u32* a = w.at<u32>(list[m]);
    if (op.flags & 1) {
      for (int l = 0; l < lanes; ++l) {
        rows[2 * (l & 3)][l >> 2] = static_cast<u16>(a[l]);
        rows[2 * (l & 3) + 1][l >> 2] = static_cast<u16>(a[l] >> 16);
      }
    } else {
      std::memcpy(rows, a, sizeof(rows));
    }
    for (u32 r = 0; r < 8; ++r) std::memcpy(access.pointers[8 * m + r], rows[r], 16);
  }
}

void emit_matrices(Emitter& emitter, bool is_store) {
  if (!emitter.has("m8n8") || emitter.type() != "b16") emitter.unsupported();
  const Operand& value = emitter.operand(is_store ? 1 : 0);
  const std::vector<Operand> elements =
      value.kind == Operand::Kind::vector ? value.elements : std::vector<Operand>{value};
  std::vector<u32> list;
  for (const Operand& x : elements) list.push_back(is_store ? emitter.narrow(x) : emitter.destination(x));
  bool is_wide = false;
  std::int64_t offset = 0;
  const u32 a = emitter.address_base(emitter.operand(is_store ? 0 : 1), is_wide, offset);
  MicroOp& op = emitter.emit(is_store ? store_matrices : load_matrices, InstructionClass::matrix_load);
  op.a = a, op.immediate = static_cast<u64>(offset), op.bytes = 16;
  op.flags = static_cast<u16>((emitter.has("trans") ? 1 : 0) | (is_wide ? 2 : 0));
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
}

}  // namespace

namespace decoders {

void ldmatrix(Emitter& emitter) {
  emit_matrices(emitter, false);
}
void stmatrix(Emitter& emitter) {
  emit_matrices(emitter, true);
}

}  // namespace decoders
}  // namespace halyard::simulator
