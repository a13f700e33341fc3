#include <cstdint>
#include <vector>

#include "../asynchronous/matrix_operand.h"
#include "../asynchronous/warpgroup.h"
#include "../worker.h"
#include "decoders.h"
#include "lanewise.h"
#include "matrix_fragments.h"
#include "warpgroup_product.h"

namespace halyard::simulator {
namespace {

using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Products of 64 × N × K by four warps, of which each has 16 rows. They are done where they are issued; until they are
// waited for, nobody may write what they read.
// op.a, op.b: descriptors of 64 bits; op.c: predicate that says whether to add to D, op.e what negates it; list: D,
// then the registers of A if it has any; op.immediate: types of d, a, b (8 bits each), N (16 bits), K (8 bits).
constexpr u16 a_in_registers = 1, transposes_a = 2, transposes_b = 4, negates = 8, adds_never = 16;
constexpr int warps_of_group = Warpgroup::warps;
constexpr u32 registers_of_a = 4;

Product product_of(const MicroOp& op) {
  const auto element = [&](int at) { return static_cast<Element>(op.immediate >> at & 255); };
  return {element(0), element(8), element(16), static_cast<int>(op.immediate >> 24 & 0xffff),
          static_cast<int>(op.immediate >> 40 & 255)};
}

bool fail(Warp& w, const MicroOp& op, std::string why) {
  w.worker->report(w, op, FindingKind::invalid_instruction, std::countr_zero(w.mask), 0, 0, std::move(why),
                   LaunchError::illegal_instruction);
  return false;
}

bool whole_group(Warp& w, const MicroOp& op) {
  const bool is_whole = (w.index | (warps_of_group - 1)) < w.block->warps.size();
  if (is_whole && w.mask == all_lanes) return true;
  return fail(w, op, "a product by four whole warps that only some lanes reach");
}

bool find_descriptor(Warp& w, const MicroOp& op, u32 slot, MatrixDescriptor& descriptor) {
  const u64* bits = w.at<u64>(slot);
  for (int l = 1; l < lanes; ++l)
    if (bits[l] != bits[0]) return fail(w, op, "a matrix descriptor that differs between the lanes of a warp");
  descriptor = MatrixDescriptor::decode(bits[0]);
  if (!descriptor.is_aligned())
    w.worker->report(w, op, FindingKind::misaligned_access, 0, descriptor.start, 16,
                     "a matrix descriptor whose swizzle begins at no multiple of " +
                         std::to_string(128u << descriptor.swizzle_bits));
  if (descriptor.base_offset != 0)
    return fail(w, op,
                "a matrix descriptor with a base offset; the simulator knows patterns that begin at a multiple "
                "of their size");
  return true;
}

/// Whether what was done with the registers is in order, and that D is not to be touched from now on.
void note_registers(Warp& w, const MicroOp& op) {
  if (!w.products.is_fenced)
    w.worker->report(w, op, FindingKind::missing_product_fence, 0, 0, 0,
                     "a product whose registers were written with no wgmma.fence since");
  if (!w.calls.empty()) return;  // places in the frame are told apart in the kernel alone
  const u32* list = w.list(op);
  const u32 count = op.flags & a_in_registers ? op.list_size - registers_of_a : op.list_size;
  for (u32 i = count; i < op.list_size; ++i)
    if (w.products.is_in_flight(list[i])) {
      w.worker->report(w, op, FindingKind::product_not_waited_for, 0, 0, 4,
                       "a fragment of A in registers that an asynchronous product writes, which was not waited for");
      break;
    }
  for (u32 i = 0; i < count; ++i) w.products.begin(list[i], w.product_group);
}

template <class T, int per>
void multiply(Warp& w, const MicroOp& op) {
  if (!whole_group(w, op)) return;
  const Product p = product_of(op);
  const u32 inner = static_cast<u32>(p.k) * element_bytes(p.a) / 16;
  AsynchronousRead read;
  T a[rows_of_warp * 32], b[256 * 32];
  const u32* list = w.list(op);
  if (!begin_issue(w, op, op.flags & a_in_registers ? 0 : w.at<u64>(op.a)[0], w.at<u64>(op.b)[0])) return;
  if (op.flags & a_in_registers) {
    read_a<T, per>(w, list + op.list_size - registers_of_a, {p.d, p.a, p.b, p.d, rows_of_warp, p.k}, a);
  } else {
    MatrixPart part{.descriptor = {},
                    .is_transposed = (op.flags & transposes_a) != 0,
                    .first = w.index % warps_of_group * (rows_of_warp / 8),
                    .outer = rows_of_warp / 8,
                    .inner = inner};
    if (!find_descriptor(w, op, op.a, part.descriptor) || !begin_matrix_read(w, op, part, true, read)) return;
    read_a_in_memory(w, p, part, a);
  }
  MatrixPart part{.descriptor = {},
                  .is_transposed = (op.flags & transposes_b) != 0,
                  .first = 0,
                  .outer = static_cast<u32>(p.n) / 8,
                  .inner = inner};
  if (!find_descriptor(w, op, op.b, part.descriptor)) return;
  // The four warps read B together.
  if (!begin_matrix_read(w, op, part, w.index % warps_of_group == 0, read)) return;
  read_b(w, p, part, b);
  if (op.flags & negates)
    for (int i = 0; i < rows_of_warp * p.k; ++i) a[i] = -a[i];
  const u32 adds = op.flags & adds_never ? 0 : w.predicate(op.c) ^ op.e;
  if (adds != 0 && adds != all_lanes) {
    fail(w, op, "a predicate for adding to D that differs between the lanes of a warp");
    return;
  }
  multiply_all(w, w.list(op), p, a, b, adds != 0);
  note_registers(w, op);
  finish_issue(w, std::move(read));
  w.worker->counters().matrix_multiply_adds[counter_of(p.a)] += static_cast<u64>(rows_of_warp * p.n * p.k);
}

void commit_group(Warp& w, const MicroOp&) {
  ++w.product_group;
}

void wait_group(Warp& w, const MicroOp& op) {
  wait_for_products(w, op, static_cast<u32>(op.immediate));
}

int number_behind(std::string_view part, char letter) {
  const std::size_t at = part.find(letter);
  return at == std::string_view::npos ? 0 : std::atoi(std::string(part.substr(at + 1)).c_str());
}

std::int64_t immediate(const Emitter& emitter, std::size_t i) {
  const Operand& operand = emitter.operand(i);
  if (operand.kind != Operand::Kind::immediate) emitter.fail("a number was expected");
  return static_cast<std::int64_t>(operand.bits);
}

Product parse_product(const Emitter& emitter) {
  Product p{find_element(emitter.type(2)), find_element(emitter.type(1)), find_element(emitter.type(0)), 0, 0};
  for (const std::string_view part : emitter.statement().parts)
    if (part.starts_with("m64n")) p.n = number_behind(part, 'n'), p.k = number_behind(part, 'k');
  const u32 size = element_bytes(p.a);
  const bool is_integer = p.a == Element::s8 || p.a == Element::u8,
             is_fp8 = p.a == Element::e4m3 || p.a == Element::e5m2;
  const bool b_fits = is_integer ? p.b == Element::s8 || p.b == Element::u8
                      : is_fp8   ? p.b == Element::e4m3 || p.b == Element::e5m2
                                 : p.b == p.a;
  const bool d_fits = is_integer ? p.d == Element::s32
                                 : p.d == Element::f32 || (p.d == Element::f16 && (is_fp8 || p.a == Element::f16));
  const bool is_known = p.a <= Element::e5m2;
  if (!is_known || !b_fits || !d_fits || emitter.has("sp") || emitter.has("satfinite")) emitter.unsupported();
  if (p.n < 8 || p.n > 256 || p.n % 8 != 0 || p.k * static_cast<int>(size) != 32) emitter.unsupported("this shape");
  if (is_integer && p.n > 32 && p.n % 16 != 0) emitter.unsupported("this shape");
  return p;
}

void emit_product(Emitter& emitter) {
  const Product p = parse_product(emitter);
  const u32 size = element_bytes(p.a);
  std::vector<u32> list;
  for (const Operand& x : emitter.operand(0).elements) list.push_back(emitter.destination(x));
  if (static_cast<int>(list.size()) != (p.d == Element::f16 ? p.n / 4 : p.n / 2))
    emitter.fail("a wrong number of registers for D");
  u32 flags = 0, a = 0;
  const Operand& first = emitter.operand(1);
  if (first.kind == Operand::Kind::vector) {
    if (first.elements.size() != registers_of_a) emitter.fail("a wrong number of registers for A");
    for (const Operand& x : first.elements) list.push_back(emitter.narrow(x, true));
    flags |= a_in_registers;
  } else {
    a = emitter.wide(first);
  }
  const u32 b = emitter.wide(emitter.operand(2));
  u32 c = 0;
  const Operand& scale_d = emitter.operand(3);
  if (scale_d.kind != Operand::Kind::immediate)
    c = emitter.predicate(scale_d);
  else if (scale_d.bits == 0)
    flags |= adds_never;
  if (p.d != Element::s32 && (immediate(emitter, 4) < 0) != (immediate(emitter, 5) < 0)) flags |= negates;
  if (size == 2) {
    std::size_t next = 6;
    if (!(flags & a_in_registers) && immediate(emitter, next++) != 0) flags |= transposes_a;
    if (immediate(emitter, next) != 0) flags |= transposes_b;
  }
  const bool is_integer = p.d == Element::s32;
  const Handler handler = is_integer  ? multiply<std::int32_t, 4>
                          : size == 4 ? multiply<float, 1>
                          : size == 2 ? multiply<float, 2>
                                      : multiply<float, 4>;
  MicroOp& op = emitter.emit(handler, InstructionClass::matrix);
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
  op.a = a, op.b = b, op.c = c, op.e = scale_d.is_negated ? ~0u : 0u;
  op.flags = static_cast<u16>(flags);
  const auto code = [](Element element) { return static_cast<u64>(element); };
  op.immediate =
      code(p.d) | code(p.a) << 8 | code(p.b) << 16 | static_cast<u64>(p.n) << 24 | static_cast<u64>(p.k) << 40;
}

}  // namespace

namespace decoders {

void wgmma(Emitter& emitter) {
  if (emitter.has("mma_async")) {
    emit_product(emitter);
  } else if (emitter.has("fence")) {
    emitter.emit([](Warp& w, const MicroOp&) { w.products.is_fenced = true; }, InstructionClass::barrier);
  } else if (emitter.has("commit_group")) {
    emitter.emit(commit_group, InstructionClass::barrier);
  } else if (emitter.has("wait_group")) {
    const u64 kept = static_cast<u64>(immediate(emitter, 0));
    MicroOp& op = emitter.emit(wait_group, InstructionClass::barrier);
    op.immediate = kept, op.detail = TraceDetail::groups;
  } else {
    emitter.unsupported();
  }
}

}  // namespace decoders
}  // namespace halyard::simulator
