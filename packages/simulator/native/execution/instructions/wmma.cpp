#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "../access/access.h"
#include "decoders.h"
#include "lanewise.h"
#include "matrix_elements.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using u16 = std::uint16_t;

// Which lane holds what of a wmma fragment is the implementation's own affair. Here the elements of a matrix of E,
// a and accumulators by rows, b by columns, lie E/32 after another in each lane; registers beyond that hold them again.

enum class Role : std::uint8_t { a, b, accumulator };

struct Fragment {
  Element element;
  Role role;
  int rows, columns;  ///< of the matrix
  int count() const { return rows * columns; }
  int per_lane() const { return count() / lanes; }
  int line() const { return role == Role::b ? rows : columns; }  ///< elements that lie together
};

struct Shape {
  int m, n, k;
};

Fragment fragment(Shape s, Role role, Element element) {
  return role == Role::a   ? Fragment{element, role, s.m, s.k}
         : role == Role::b ? Fragment{element, role, s.k, s.n}
                           : Fragment{element, role, s.m, s.n};
}

/// The bytes of a lane's elements, from or to registers.
void to_bytes(const Warp& w, const u32* list, u32 registers, bool is_double, u32 bytes, int lane, std::byte* to) {
  const u32 step = is_double ? 8 : 4;
  for (u32 r = 0; r < registers && r * step < bytes; ++r)
    std::memcpy(to + r * step,
                is_double ? static_cast<const void*>(w.at<u64>(list[r]) + lane) : w.at<u32>(list[r]) + lane,
                std::min(step, bytes - r * step));
}

void from_bytes(Warp& w, const u32* list, u32 registers, bool is_double, u32 bytes, int lane, const std::byte* from) {
  const u32 step = is_double ? 8 : 4;
  for (u32 r = 0; r < registers; ++r)
    std::memcpy(is_double ? static_cast<void*>(w.at<u64>(list[r]) + lane) : w.at<u32>(list[r]) + lane,
                from + r * step % std::max(bytes, step), step);
}

// Loads and stores. op.immediate: offset; op.a: address; op.b: stride; op.c: packed fragment; flags: space (4 bits),
// 16 address of 64 bits, 32 by columns, 64 store
u32 pack(const Fragment& f) {
  return static_cast<u32>(f.element) | static_cast<u32>(f.role) << 8 | static_cast<u32>(f.rows) << 16 |
         static_cast<u32>(f.columns) << 24;
}
Fragment unpack_fragment(u32 c) {
  return {static_cast<Element>(c & 255), static_cast<Role>(c >> 8 & 255), static_cast<int>(c >> 16 & 255),
          static_cast<int>(c >> 24)};
}

void move_fragment(Warp& w, const MicroOp& op) {
  const Fragment f = unpack_fragment(op.c);
  const bool is_store = op.flags & 64, by_columns = op.flags & 32, is_double = f.element == Element::f64;
  u64 bases[lanes];
  load_addresses(w, op, op.flags & 16, bases);
  const u64 stride = w.at<u32>(op.b)[0], size = element_bytes(f.element);
  const int per_lane = f.per_lane(), lines_run = (f.role == Role::b) == by_columns;
  // Elements of a line go together in pieces of up to 16 bytes if memory has them in that order.
  const int together = lines_run ? std::min<int>(per_lane, static_cast<int>(16 / size)) : 1;
  alignas(16) std::byte bytes[lanes][64] = {};
  const u32 lane_bytes = static_cast<u32>(per_lane) * static_cast<u32>(size);
  if (is_store)
    for (int l = 0; l < lanes; ++l) to_bytes(w, w.list(op), op.list_size, is_double, lane_bytes, l, bytes[l]);
  for (int first = 0; first < per_lane; first += together) {
    u64 addresses[lanes];
    for (int l = 0; l < lanes; ++l) {
      const int e = l * per_lane + first, outer = e / f.line(), inner = e % f.line();
      addresses[l] = bases[l] + (lines_run ? static_cast<u64>(outer) * stride + static_cast<u64>(inner)
                                           : static_cast<u64>(inner) * stride + static_cast<u64>(outer)) *
                                    size;
    }
    const auto piece = static_cast<u32>(together * static_cast<int>(size));
    const bool ok =
        each_space(static_cast<Space>(op.flags & 15), addresses, w.mask, [&](Space space, const u64* places, u32 mask) {
          Access access;
          if (!prepare(w, op, space, is_store ? Direction::store : Direction::load, places, mask, piece, access))
            return false;
          each_lane(mask, [&](int l) {
            std::byte* mine = bytes[l] + first * static_cast<int>(size);
            if (is_store)
              std::memcpy(access.pointers[l], mine, piece);
            else
              std::memcpy(mine, access.pointers[l], piece);
          });
          return true;
        });
    if (!ok) return;
  }
  if (!is_store)
    for (int l = 0; l < lanes; ++l) from_bytes(w, w.list(op), op.list_size, is_double, lane_bytes, l, bytes[l]);
}

template <class T>
T read_value(Element element, const std::byte* from) {
  const auto as = [&]<class U>(U value) {
    std::memcpy(&value, from, sizeof(U));
    return value;
  };
  switch (element) {
    case Element::f16:
      return static_cast<T>(half_to_float(as(u16{})));
    case Element::bf16:
      return static_cast<T>(bfloat_to_float(as(u16{})));
    case Element::tf32:
      return static_cast<T>(to_tf32(as(0.0f)));
    case Element::f32:
      return static_cast<T>(as(0.0f));
    case Element::f64:
      return static_cast<T>(as(0.0));
    case Element::s8:
      return static_cast<T>(as(std::int8_t{}));
    case Element::u8:
      return static_cast<T>(as(std::uint8_t{}));
    default:
      return static_cast<T>(as(std::int32_t{}));
  }
}

template <class T>
void read_matrix(const Warp& w, const u32* list, const Fragment& f, u32 registers, T* to) {
  const int per_lane = f.per_lane();
  const u32 size = element_bytes(f.element);
  std::byte bytes[64];
  for (int l = 0; l < lanes; ++l) {
    to_bytes(w, list, registers, f.element == Element::f64, static_cast<u32>(per_lane) * size, l, bytes);
    for (int i = 0; i < per_lane; ++i) {
      const int e = l * per_lane + i;
      const int place = f.role == Role::b ? (e % f.rows) * f.columns + e / f.rows : e;
      to[place] = read_value<T>(f.element, bytes + static_cast<u32>(i) * size);
    }
  }
}

// op.immediate: elements of d, a, b, c; m, n, k (8 bits each); op.d, op.a, op.b, op.c: numbers of registers
template <class T>
void multiply(Warp& w, const MicroOp& op) {
  const auto byte = [&](int i) { return static_cast<int>(op.immediate >> (8 * i) & 255); };
  const Shape s{byte(4), byte(5), byte(6)};
  const auto element = [&](int i) { return static_cast<Element>(byte(i)); };
  alignas(32) T a[32 * 16], b[16 * 32], c[256];
  const u32* list = w.list(op);
  read_matrix(w, list + op.d, fragment(s, Role::a, element(1)), op.a, a);
  read_matrix(w, list + op.d + op.a, fragment(s, Role::b, element(2)), op.b, b);
  read_matrix(w, list + op.d + op.a + op.b, fragment(s, Role::accumulator, element(3)), op.c, c);
  multiply_add(a, b, c, s.m, s.n, s.k);
  const Element to = element(0);
  const int per_lane = s.m * s.n / lanes;
  std::byte bytes[64];
  for (int l = 0; l < lanes; ++l) {
    for (int i = 0; i < per_lane; ++i) {
      const T value = c[l * per_lane + i];
      const u16 half = to == Element::f16 ? float_to_half(static_cast<float>(value)) : 0;
      if (to == Element::f16)
        std::memcpy(bytes + 2 * i, &half, 2);
      else
        std::memcpy(bytes + sizeof(T) * static_cast<std::size_t>(i), &value, sizeof(T));
    }
    from_bytes(w, list, op.d, to == Element::f64, static_cast<u32>(per_lane) * element_bytes(to), l, bytes);
  }
  w.worker->counters().matrix_multiply_adds[counter_of(element(1))] += static_cast<u64>(s.m * s.n * s.k);
}

Shape parse_shape(Emitter& emitter) {
  for (const std::string_view part : emitter.statement().parts) {
    int m = 0, n = 0, k = 0;
    if (std::sscanf(std::string(part).c_str(), "m%dn%dk%d", &m, &n, &k) == 3 && m <= 32 && n <= 32 && k <= 16)
      return {m, n, k};
  }
  emitter.unsupported();
}

std::vector<Operand> elements_of(const Operand& operand) {
  return operand.kind == Operand::Kind::vector ? operand.elements : std::vector<Operand>{operand};
}

void emit_move(Emitter& emitter, bool is_store) {
  const Role role = emitter.has("a") ? Role::a : emitter.has("b") ? Role::b : Role::accumulator;
  const Fragment f = fragment(parse_shape(emitter), role, find_element(emitter.type()));
  if (f.element == Element::none) emitter.unsupported();
  const bool is_double = f.element == Element::f64;
  std::vector<u32> list;
  for (const Operand& x : elements_of(emitter.operand(is_store ? 1 : 0)))
    list.push_back(!is_store ? emitter.destination(x) : is_double ? emitter.wide(x, true) : emitter.narrow(x, true));
  bool is_wide = false;
  std::int64_t offset = 0;
  const u32 a = emitter.address_base(emitter.operand(is_store ? 0 : 1), is_wide, offset);
  const u32 b = emitter.operands() > 2
                    ? emitter.narrow(emitter.operand(2))
                    : emitter.constant(static_cast<u64>(emitter.has("col") ? f.rows : f.columns), false);
  const Space space = emitter.has("global")                                 ? Space::global
                      : emitter.has("shared") || emitter.has("shared::cta") ? Space::shared
                                                                            : Space::generic;
  MicroOp& op =
      emitter.emit(move_fragment, space == Space::shared
                                      ? (is_store ? InstructionClass::store_shared : InstructionClass::load_shared)
                                      : (is_store ? InstructionClass::store_global : InstructionClass::load_global));
  op.a = a, op.b = b, op.c = pack(f), op.immediate = static_cast<u64>(offset);
  op.flags = static_cast<u16>(static_cast<u32>(space) | (is_wide ? 16 : 0) | (emitter.has("col") ? 32 : 0) |
                              (is_store ? 64 : 0));
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
}

void emit_multiply(Emitter& emitter) {
  const Shape s = parse_shape(emitter);
  if (emitter.has("satfinite") || emitter.has("popc")) emitter.unsupported();
  Element elements[4] = {find_element(emitter.type(1)), Element::f16, Element::f16, find_element(emitter.type())};
  if (!emitter.type(2).empty())
    elements[0] = find_element(emitter.type(3)), elements[1] = find_element(emitter.type(2)),
    elements[2] = find_element(emitter.type(1));
  std::vector<u32> list;
  u32 counts[4];
  const bool is_double = elements[1] == Element::f64;
  u64 code = static_cast<u64>(s.m) << 32 | static_cast<u64>(s.n) << 40 | static_cast<u64>(s.k) << 48;
  for (std::size_t i = 0; i < 4; ++i) {
    if (elements[i] == Element::none) emitter.unsupported();
    code |= static_cast<u64>(elements[i]) << (8 * i);
    const std::vector<Operand> operands = elements_of(emitter.operand(i));
    counts[i] = static_cast<u32>(operands.size());
    for (const Operand& x : operands)
      list.push_back(i == 0 ? emitter.destination(x) : is_double ? emitter.wide(x, true) : emitter.narrow(x, true));
  }
  const Handler handler = is_double                     ? multiply<double>
                          : elements[0] == Element::s32 ? multiply<std::int32_t>
                                                        : multiply<float>;
  MicroOp& op = emitter.emit(handler, InstructionClass::matrix);
  op.d = counts[0], op.a = counts[1], op.b = counts[2], op.c = counts[3], op.immediate = code;
  op.list = emitter.add_list(list);
  op.list_size = static_cast<u16>(list.size());
}

}  // namespace

namespace decoders {

void wmma(Emitter& emitter) {
  if (emitter.has("load")) return emit_move(emitter, false);
  if (emitter.has("store")) return emit_move(emitter, true);
  emit_multiply(emitter);
}

}  // namespace decoders
}  // namespace halyard::simulator
