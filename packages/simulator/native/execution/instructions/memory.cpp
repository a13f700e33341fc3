#include <cstdint>

#include "../access/access.h"
#include "decoders.h"
#include "lanewise.h"

namespace halyard::simulator {
namespace {

using u32 = std::uint32_t;
using u64 = std::uint64_t;

// op.flags: space (4 bits), 16 the address has 64 bits, 32 sign-extended, 64 the registers have 64 bits,
// 128 the registers have 16 bits; op.e: bytes of one element; list: registers
constexpr u32 wide_address = 16, sign_extends = 32, wide_registers = 64, short_registers = 128;

Space space_of(const MicroOp& op) {
  return static_cast<Space>(op.flags & 15);
}

template <class T>
u64 read_as(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return static_cast<u64>(static_cast<std::int64_t>(value));
}

u64 read_element(const std::byte* from, u32 bytes, bool is_signed) {
  switch (bytes) {
    case 1:
      return is_signed ? read_as<std::int8_t>(from) : read_as<std::uint8_t>(from);
    case 2:
      return is_signed ? read_as<std::int16_t>(from) : read_as<std::uint16_t>(from);
    case 4:
      return is_signed ? read_as<std::int32_t>(from) : read_as<u32>(from);
    default:
      return read_as<u64>(from);
  }
}

/// Elements of 4 or 8 bytes into registers of that size.
template <class T>
void load_same(Warp& w, const MicroOp& op, const Access& access) {
  const u32* list = w.list(op);
  const u32 count = op.list_size;
  if (access.pattern == Access::Pattern::contiguous && count == 1) {
    std::memcpy(w.at<T>(list[0]), access.pointers[0], sizeof(T) * lanes);
    return;
  }
  if (access.pattern == Access::Pattern::uniform && access.mask == all_lanes) {
    for (u32 i = 0; i < count; ++i) {
      T value;
      std::memcpy(&value, access.pointers[0] + sizeof(T) * i, sizeof(T));
      T* d = w.at<T>(list[i]);
      for (int l = 0; l < lanes; ++l) d[l] = value;
    }
    return;
  }
  for (u32 i = 0; i < count; ++i) {
    T* d = w.at<T>(list[i]);
    if (access.mask == all_lanes)
      for (int l = 0; l < lanes; ++l) std::memcpy(d + l, access.pointers[l] + sizeof(T) * i, sizeof(T));
    else
      each_lane(access.mask, [&](int l) { std::memcpy(d + l, access.pointers[l] + sizeof(T) * i, sizeof(T)); });
  }
}

void load_converted(Warp& w, const MicroOp& op, const Access& access) {
  const u32* list = w.list(op);
  for (u32 i = 0; i < op.list_size; ++i)
    each_lane(access.mask, [&](int l) {
      const u64 value = read_element(access.pointers[l] + op.e * i, op.e, op.flags & sign_extends);
      if (op.flags & wide_registers)
        w.at<u64>(list[i])[l] = value;
      else
        w.at<u32>(list[i])[l] = static_cast<u32>(op.flags & short_registers ? value & 0xffff : value);
    });
}

void load(Warp& w, const MicroOp& op) {
  u64 addresses[lanes];
  load_addresses(w, op, op.flags & wide_address, addresses);
  each_space(space_of(op), addresses, w.mask, [&](Space space, const u64* places, u32 mask) {
    Access access;
    if (!prepare(w, op, space, Direction::load, places, mask, op.bytes, access)) return false;
    const bool is_wide = op.flags & wide_registers;
    if (op.e == 4 && !is_wide)
      load_same<u32>(w, op, access);
    else if (op.e == 8 && is_wide)
      load_same<u64>(w, op, access);
    else
      load_converted(w, op, access);
    return true;
  });
}

template <class T>
void store_same(Warp& w, const MicroOp& op, const Access& access) {
  const u32* list = w.list(op);
  if (access.pattern == Access::Pattern::contiguous && op.list_size == 1) {
    std::memcpy(access.pointers[0], w.at<T>(list[0]), sizeof(T) * lanes);
    return;
  }
  for (u32 i = 0; i < op.list_size; ++i) {
    const T* a = w.at<T>(list[i]);
    each_lane(access.mask, [&](int l) { std::memcpy(access.pointers[l] + sizeof(T) * i, a + l, sizeof(T)); });
  }
}

void store(Warp& w, const MicroOp& op) {
  u64 addresses[lanes];
  load_addresses(w, op, op.flags & wide_address, addresses);
  each_space(space_of(op), addresses, w.mask, [&](Space space, const u64* places, u32 mask) {
    Access access;
    if (!prepare(w, op, space, Direction::store, places, mask, op.bytes, access)) return false;
    const bool is_wide = op.flags & wide_registers;
    if (op.e == 4 && !is_wide)
      store_same<u32>(w, op, access);
    else if (op.e == 8 && is_wide)
      store_same<u64>(w, op, access);
    else
      for (u32 i = 0; i < op.list_size; ++i)
        each_lane(access.mask, [&](int l) {
          const u64 value = is_wide ? w.at<u64>(w.list(op)[i])[l] : w.at<u32>(w.list(op)[i])[l];
          std::memcpy(access.pointers[l] + op.e * i, &value, op.e);
        });
    return true;
  });
}

/// The kernel's own parameters at a fixed place: the same for all lanes.
void load_kernel_parameter(Warp& w, const MicroOp& op) {
  const std::byte* from = w.worker->context().configuration.parameters.data() + op.immediate;
  const u32* list = w.list(op);
  for (u32 i = 0; i < op.list_size; ++i) {
    const u64 value = read_element(from + op.e * i, op.e, op.flags & sign_extends);
    if (op.flags & wide_registers) {
      u64 all[lanes];
      for (u64& x : all) x = value;
      store_lanes(w.at<u64>(list[i]), all, w.mask);
    } else {
      u32 all[lanes];
      for (u32& x : all) x = static_cast<u32>(op.flags & short_registers ? value & 0xffff : value);
      store_lanes(w.at<u32>(list[i]), all, w.mask);
    }
  }
}

/// Parameters and results of device functions: an area per lane.
std::byte* lane_area(Warp& w, const MicroOp& op, int lane) {
  return w.parameters + std::size_t{(w.program->parameter_bytes + 15) / 16 * 16} * static_cast<std::size_t>(lane) +
         op.immediate;
}

void load_parameter(Warp& w, const MicroOp& op) {
  Access access;
  access.mask = w.mask;
  for (int l = 0; l < lanes; ++l) access.pointers[l] = lane_area(w, op, l);
  load_converted(w, op, access);
}

void store_parameter(Warp& w, const MicroOp& op) {
  for (u32 i = 0; i < op.list_size; ++i)
    each_lane(w.mask, [&](int l) {
      const u64 value = op.flags & wide_registers ? w.at<u64>(w.list(op)[i])[l] : w.at<u32>(w.list(op)[i])[l];
      std::memcpy(lane_area(w, op, l) + op.e * i, &value, op.e);
    });
}

Space find_space(const Emitter& emitter) {
  if (emitter.has("global")) return Space::global;
  if (emitter.has("shared") || emitter.has("shared::cta")) return Space::shared;
  if (emitter.has("shared::cluster")) return Space::cluster;
  if (emitter.has("local")) return Space::local;
  if (emitter.has("const")) return Space::constant;
  if (emitter.has("param") || emitter.has("param::entry") || emitter.has("param::func")) return Space::parameter;
  return Space::generic;
}

InstructionClass class_of(Space space, bool is_store) {
  switch (space) {
    case Space::shared:
    case Space::cluster:
      return is_store ? InstructionClass::store_shared : InstructionClass::load_shared;
    case Space::local:
      return is_store ? InstructionClass::store_local : InstructionClass::load_local;
    case Space::parameter:
    case Space::constant:
      return is_store ? InstructionClass::store_local : InstructionClass::load_constant;
    default:
      return is_store ? InstructionClass::store_global : InstructionClass::load_global;
  }
}

/// Where a named parameter lies: in the kernel's buffer, or in a lane's area.
bool find_parameter(Emitter& emitter, const Operand& base, bool& is_kernel_parameter, u64& offset) {
  if (base.kind != Operand::Kind::symbol) return false;
  const FunctionSyntax& function = emitter.function();
  const auto search = [&](const std::vector<Variable>& list, const std::vector<FunctionInterface::Part>& parts) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (list[i].name == base.name) return offset = parts[i].offset + static_cast<u64>(base.offset), true;
    return false;
  };
  is_kernel_parameter = false;
  if (search(function.parameters, emitter.program().interface.parameters))
    return is_kernel_parameter = function.is_kernel, true;
  if (search(function.results, emitter.program().interface.results)) return true;
  const auto found = function.variables.find(base.name);
  if (found == function.variables.end()) return false;
  offset = found->second.offset + emitter.program().own_parameter_bytes + static_cast<u64>(base.offset);
  return true;
}

void emit_access(Emitter& emitter, bool is_store) {
  const std::string_view type = emitter.type();
  const std::uint32_t element = type.ends_with("64")    ? 8
                                : type.ends_with("16")  ? 2
                                : type.ends_with("8")   ? 1
                                : type.ends_with("128") ? 16
                                                        : 4;
  if (element == 16 || emitter.has("v8")) emitter.unsupported();
  const Operand& address = emitter.operand(is_store ? 0 : 1);
  const Operand& value = emitter.operand(is_store ? 1 : 0);
  std::vector<Operand> elements = value.kind == Operand::Kind::vector ? value.elements : std::vector<Operand>{value};
  const Space space = find_space(emitter);
  std::uint32_t flags = static_cast<u32>(space);
  bool is_wide = element == 8;
  for (const Operand& x : elements)
    if (x.kind == Operand::Kind::reg) {
      is_wide = emitter.width(x) == Width::bits64;
      if (emitter.width(x) == Width::bits16) flags |= short_registers;
    }
  if (is_wide) flags |= wide_registers;
  if (is_signed(type)) flags |= sign_extends;
  std::vector<u32> list;
  for (const Operand& x : elements) {
    const bool is_float = type[0] == 'f';
    list.push_back(!is_store ? emitter.destination(x)
                   : is_wide ? emitter.wide(x, is_float)
                             : emitter.narrow(x, is_float));
  }
  Handler handler = is_store ? store : load;
  u64 offset = 0;
  u32 base = 0;
  bool is_kernel_parameter = false;
  if (address.kind != Operand::Kind::address) emitter.fail("an address was expected");
  if (space == Space::parameter && find_parameter(emitter, address.elements[0], is_kernel_parameter, offset)) {
    if (is_kernel_parameter && is_store) emitter.fail("a store into the kernel's parameters");
    handler = is_kernel_parameter ? load_kernel_parameter : is_store ? store_parameter : load_parameter;
  } else {
    if (space == Space::parameter && !emitter.is_kernel())
      emitter.unsupported("a computed address in parameters of a function");
    bool wide_base = false;
    std::int64_t displacement = 0;
    base = emitter.address_base(address, wide_base, displacement);
    offset = static_cast<u64>(displacement);
    if (wide_base) flags |= wide_address;
  }
  MicroOp& op = emitter.emit(handler, class_of(space, is_store));
  op.a = base, op.immediate = offset, op.flags = static_cast<std::uint16_t>(flags), op.e = element;
  op.bytes = static_cast<std::uint8_t>(element * elements.size());
  op.list = emitter.add_list(list);
  op.list_size = static_cast<std::uint16_t>(list.size());
}

}  // namespace

namespace decoders {

void ld(Emitter& emitter) {
  emit_access(emitter, false);
}
void st(Emitter& emitter) {
  if (emitter.has("async")) return asynchronous_store(emitter);
  emit_access(emitter, true);
}

}  // namespace decoders
}  // namespace halyard::simulator
