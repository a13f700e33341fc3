#include "matmul_layouts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "../packing/layouts.h"
#include "float_element.h"
#include "matmul.h"
#include "quantized_matmul_pack.h"
#include "split.h"

namespace halyard::cpu {
namespace {

constexpr int field_count = 9;

std::string write(std::string_view name, const MatrixSource& source, int width) {
  std::string text = std::string(name) + ":" + std::to_string(width) + ":" + std::string(name_of(source.type));
  for (std::int64_t field : {source.tensor, source.offset, source.n, source.k, source.stride_n, source.stride_k,
                             source.count, source.apart}) {
    text += "," + std::to_string(field);
  }
  return text;
}

struct Parsed {
  MatrixSource source;
  int width;
};

std::optional<Parsed> read(std::string_view text) {
  text.remove_prefix(std::min(text.find(':'), text.size() - 1) + 1);
  const std::size_t colon = text.find(':');
  const std::size_t comma = text.find(',');
  if (colon == std::string_view::npos || comma == std::string_view::npos || comma < colon) return std::nullopt;
  Parsed result{};
  if (std::from_chars(text.data(), text.data() + colon, result.width).ec != std::errc{}) return std::nullopt;
  const std::string_view type = text.substr(colon + 1, comma - colon - 1);
  const auto known = std::find_if(std::begin(type_layouts), std::end(type_layouts),
                                  [&](const TypeLayout& layout) { return layout.name == type; });
  if (known == std::end(type_layouts)) return std::nullopt;
  std::array<std::int64_t, field_count - 1> fields{};
  text.remove_prefix(comma);
  for (std::int64_t& field : fields) {
    if (text.empty() || text.front() != ',') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), field);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  result.source = {static_cast<Type>(known - std::begin(type_layouts)),
                   fields[0],
                   fields[1],
                   fields[2],
                   fields[3],
                   fields[4],
                   fields[5],
                   fields[6],
                   fields[7]};
  const MatrixSource& source = result.source;
  if (!text.empty() || source.n < 0 || source.k < 0 || source.count < 0 || source.tensor < 0) return std::nullopt;
  return result;
}

Failure refuse(std::string_view layout, std::string found, std::string expected) {
  return Error{"bad-program", std::move(found) + " for layout " + std::string(layout), std::move(expected),
               "pack the constants that the executable names"};
}

/// Whether all elements that a source reads lie in its constant.
bool fits(const MatrixSource& source, std::size_t bytes) {
  if (source.n == 0 || source.k == 0 || source.count == 0) return true;
  std::int64_t least = source.offset;
  std::int64_t greatest = source.offset;
  const std::int64_t reaches[] = {(source.n - 1) * source.stride_n, (source.k - 1) * source.stride_k,
                                  (source.count - 1) * source.apart};
  for (std::int64_t reach : reaches) (reach < 0 ? least : greatest) += reach;
  const TypeLayout& layout = layout_of(source.type);
  const std::int64_t end = source.tensor + (greatest / layout.elements + 1) * layout.bytes;
  return least >= 0 && end <= static_cast<std::int64_t>(bytes);
}

Failure pack_floats(std::span<const std::span<const std::byte>> sources, std::string_view layout,
                    std::span<std::byte> to) {
  const auto parsed = read(layout);
  if (!parsed || !is_float_element(parsed->source.type)) return refuse(layout, "no such type or field", "known ones");
  const MatrixSource& source = parsed->source;
  const bool sound = sources.size() == 1 && fits(source, sources[0].size()) && parsed->width > 0 &&
                     static_cast<std::int64_t>(to.size()) >= float_layout_bytes(source, parsed->width);
  if (!sound) return refuse(layout, "sizes that do not fit", "one constant and room for its panels");
  const std::byte* from = sources[0].data() + source.tensor;
  auto* panel = reinterpret_cast<float*>(to.data());
  for (std::int64_t matrix = 0; matrix < source.count; matrix++) {
    const std::int64_t start = source.offset + matrix * source.apart;
    for (std::int64_t column = 0; column < source.n; column += parsed->width) {
      for (std::int64_t row = 0; row < source.k; row++, panel += parsed->width) {
        for (int j = 0; j < parsed->width; j++) {
          const std::int64_t element = start + row * source.stride_k + (column + j) * source.stride_n;
          panel[j] = column + j < source.n ? float_element(source.type, from, element) : 0.0f;
        }
      }
    }
  }
  return std::nullopt;
}

Failure pack_block_panels(std::span<const std::span<const std::byte>> sources, std::string_view layout,
                          std::span<std::byte> to) {
  const auto parsed = read(layout);
  const auto format = parsed ? block_format(parsed->source.type) : std::nullopt;
  if (!format) return refuse(layout, "no such type or field", "known ones");
  const MatrixSource& source = parsed->source;
  const auto [elements, bytes] = block_shape(*format);
  const bool sound = sources.size() == 1 && fits(source, sources[0].size()) && source.count == 1 &&
                     source.stride_k == 1 && source.stride_n > 0 && source.offset % elements == 0 &&
                     source.k % elements == 0 && source.stride_n % elements == 0 &&
                     (parsed->width == 8 || parsed->width == 16) &&
                     static_cast<std::int64_t>(to.size()) >= block_layout_bytes(source, parsed->width);
  if (!sound) return refuse(layout, "sizes that do not fit", "one constant and room for its panels");
  const std::byte* from = sources[0].data() + source.tensor + source.offset / elements * bytes;
  pack_blocks({*format, parsed->width}, from, source.stride_n / elements * bytes, source.n, source.k, to.data());
  return std::nullopt;
}

constexpr Layout kLayouts[] = {{"floats", pack_floats}, {"blocks", pack_block_panels}};

}  // namespace

std::span<const Layout> matmul_layouts() {
  return kLayouts;
}

std::string float_layout(const MatrixSource& source, int columns) {
  return write("floats", source, columns);
}

std::int64_t float_layout_bytes(const MatrixSource& source, int columns) {
  return source.count * round_up(source.n, columns) * source.k * 4;
}

std::string block_layout(const MatrixSource& source, int rows) {
  return write("blocks", source, rows);
}

std::int64_t block_layout_bytes(const MatrixSource& source, int rows) {
  const auto format = block_format(source.type);
  return format ? packed_bytes({*format, rows}, source.n, source.k) : 0;
}

std::optional<BlockFormat> block_format(Type type) {
  if (!is_block(type)) return std::nullopt;
  return static_cast<BlockFormat>(static_cast<int>(type) - static_cast<int>(Type::q4_0));
}

}  // namespace halyard::cpu
