#include "system_calls.h"

#include <cstdio>
#include <string>

#include "../access/shared_place.h"

namespace halyard::simulator {
namespace {

std::byte* lane_parameters(Warp& warp, int lane) {
  return warp.parameters + std::size_t{(warp.program->parameter_bytes + 15) / 16 * 16} * static_cast<std::size_t>(lane);
}

template <class T>
T parameter(Warp& warp, const MicroOp& op, std::size_t i, int lane) {
  T value;
  std::memcpy(&value, lane_parameters(warp, lane) + warp.list(op)[1 + i], sizeof(T));
  return value;
}

/// One byte at a generic address; false if nothing is there.
bool read_byte(Warp& warp, std::uint64_t address, int lane, char& value) {
  const std::uint64_t window = address & window_mask, offset = address & ~window_mask;
  const std::byte* from = nullptr;
  if (window == local_window && offset < warp.local_stride)
    from = warp.local + std::size_t{warp.local_stride} * static_cast<std::size_t>(lane) + offset;
  if (window == shared_window) {
    const SharedPlace place = locate_shared(warp, address);
    if (place.offset < place.block->shared_bytes) from = place.block->shared + place.offset;
  }
  if (window == 0)
    if (const MemoryRange* range = warp.worker->context().memory->find(address))
      from = range->host + (address - range->begin);
  if (from == nullptr) return false;
  value = static_cast<char>(*from);
  return true;
}

std::string read_text(Warp& warp, std::uint64_t address, int lane) {
  std::string text;
  for (char c; text.size() < 4096 && read_byte(warp, address, lane, c) && c != 0; ++address) text += c;
  return text;
}

template <class T>
T take(Warp& warp, std::uint64_t& address, int lane) {
  address = (address + sizeof(T) - 1) / sizeof(T) * sizeof(T);
  T value{};
  char bytes[sizeof(T)] = {};
  for (std::size_t i = 0; i < sizeof(T); ++i) read_byte(warp, address + i, lane, bytes[i]);
  std::memcpy(&value, bytes, sizeof(T));
  address += sizeof(T);
  return value;
}

template <class T>
std::string format_one(const std::string& conversion, T value) {
  char text[512];
  std::snprintf(text, sizeof(text), conversion.c_str(), value);
  return text;
}

std::string format(Warp& warp, const std::string& text, std::uint64_t arguments, int lane) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const std::size_t end = text.find_first_of("diouxXeEfFgGaAcsp%", i + 1);
    if (end == std::string::npos) return result + text.substr(i);
    std::string conversion = text.substr(i, end - i + 1);
    i = end;
    const char kind = text[end];
    const bool is_long = conversion.find('l') != std::string::npos;
    if (kind == '%')
      result += '%';
    else if (kind == 's')
      result += format_one(conversion, read_text(warp, take<std::uint64_t>(warp, arguments, lane), lane).c_str());
    else if (kind == 'p')
      result += format_one(conversion, reinterpret_cast<void*>(take<std::uint64_t>(warp, arguments, lane)));
    else if (std::string_view("eEfFgGaA").find(kind) != std::string_view::npos)
      result += format_one(conversion, take<double>(warp, arguments, lane));
    else if (is_long)
      result += format_one(conversion, take<std::int64_t>(warp, arguments, lane));
    else
      result += format_one(conversion, take<std::int32_t>(warp, arguments, lane));
  }
  return result;
}

void print(Warp& warp, const MicroOp& op) {
  each_lane(warp.mask, [&](int l) {
    const std::string text = read_text(warp, parameter<std::uint64_t>(warp, op, 0, l), l);
    warp.worker->print(format(warp, text, parameter<std::uint64_t>(warp, op, 1, l), l));
    if (op.list_size > 3) {
      const std::int32_t printed = 1;
      std::memcpy(lane_parameters(warp, l) + warp.list(op)[3], &printed, 4);
    }
  });
}

void assertion(Warp& warp, const MicroOp& op) {
  const int l = std::countr_zero(warp.mask);
  const std::string text = read_text(warp, parameter<std::uint64_t>(warp, op, 0, l), l);
  const std::string file = read_text(warp, parameter<std::uint64_t>(warp, op, 1, l), l);
  warp.worker->report(
      warp, op, FindingKind::assertion_failed, l, 0, 0,
      "assertion '" + text + "' failed (" + file + ":" + std::to_string(parameter<std::uint32_t>(warp, op, 2, l)) + ")",
      LaunchError::assertion);
}

}  // namespace

Handler find_system_call(std::string_view name) {
  if (name == "vprintf") return print;
  if (name == "__assertfail") return assertion;
  return nullptr;
}

}  // namespace halyard::simulator
