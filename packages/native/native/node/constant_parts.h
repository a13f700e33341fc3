#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "halyard/error.h"
#include "halyard/file_mapping.h"

namespace halyard::node {

struct FilePart {
  std::string path;
  std::int64_t offset;
  std::int64_t bytes;
};

/// The parts of one constant, one after another.
using ConstantParts = std::vector<std::variant<FilePart, std::span<const std::byte>>>;

/// An array for each constant, of Uint8Arrays and { path, offset, bytes }.
std::vector<ConstantParts> to_sources(const Napi::Array& sources);

/// Constants in memory: mapped where one file part is the whole of it, else put together.
class LoadedConstants {
 public:
  Failure load(const std::vector<ConstantParts>& sources);
  std::span<const std::span<const std::byte>> spans() const { return spans_; }
  /// Whether a file was cut short while it was read.
  Failure health() const;

 private:
  std::vector<std::shared_ptr<FileMapping>> mappings_;
  std::vector<std::vector<std::byte>> joined_;
  std::vector<std::span<const std::byte>> spans_;
};

}  // namespace halyard::node
