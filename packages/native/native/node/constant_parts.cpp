#include "constant_parts.h"

namespace halyard::node {

std::vector<ConstantParts> to_sources(const Napi::Array& sources) {
  std::vector<ConstantParts> result;
  for (std::uint32_t i = 0; i < sources.Length(); i++) {
    Napi::Array parts = sources.Get(i).As<Napi::Array>();
    ConstantParts& constant = result.emplace_back();
    for (std::uint32_t j = 0; j < parts.Length(); j++) {
      Napi::Value part = parts.Get(j);
      if (part.IsTypedArray()) {
        auto bytes = part.As<Napi::Uint8Array>();
        constant.emplace_back(
            std::span<const std::byte>(reinterpret_cast<const std::byte*>(bytes.Data()), bytes.ByteLength()));
        continue;
      }
      Napi::Object file = part.As<Napi::Object>();
      constant.emplace_back(FilePart{file.Get("path").As<Napi::String>().Utf8Value(),
                                     file.Get("offset").As<Napi::Number>().Int64Value(),
                                     file.Get("bytes").As<Napi::Number>().Int64Value()});
    }
  }
  return result;
}

Failure LoadedConstants::load(const std::vector<ConstantParts>& sources) {
  for (const ConstantParts& parts : sources) {
    std::vector<std::span<const std::byte>> pieces;
    for (const auto& part : parts) {
      if (const auto* bytes = std::get_if<std::span<const std::byte>>(&part)) {
        pieces.push_back(*bytes);
        continue;
      }
      const auto& file = std::get<FilePart>(part);
      auto mapping = FileMapping::open(file.path, file.offset, file.bytes);
      if (!mapping) return mapping.error();
      pieces.emplace_back(mapping.value()->data(), static_cast<std::size_t>(file.bytes));
      mappings_.push_back(std::move(mapping.value()));
    }
    if (pieces.size() == 1) {
      spans_.push_back(pieces[0]);
      continue;
    }
    std::vector<std::byte> whole;
    for (const auto& piece : pieces) whole.insert(whole.end(), piece.begin(), piece.end());
    // Moving the vector later leaves its memory where it is.
    spans_.emplace_back(whole.data(), whole.size());
    joined_.push_back(std::move(whole));
  }
  return std::nullopt;
}

Failure LoadedConstants::health() const {
  for (const auto& mapping : mappings_)
    if (Failure failure = mapping->health()) return failure;
  return std::nullopt;
}

}  // namespace halyard::node
