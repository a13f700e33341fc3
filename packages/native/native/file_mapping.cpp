#include "halyard/file_mapping.h"

namespace halyard {

Result<std::shared_ptr<FileMapping>> FileMapping::open(const std::string& path, std::int64_t offset,
                                                       std::int64_t bytes) {
  if (offset < 0 || bytes < 0)
    return Error{"bad-argument", "a negative offset or size", "0 or more", "Check the file part."};
  std::shared_ptr<FileMapping> mapping(new FileMapping());
  mapping->path_ = path;
  mapping->bytes_ = bytes;
  if (Failure failure = mapping->map(offset)) return *failure;
  return mapping;
}

Failure FileMapping::health() const {
  if (!damaged()) return std::nullopt;
  return bad_file(path_, "was cut short while it was in use", "a file that stays as it is");
}

Error FileMapping::bad_file(const std::string& path, std::string found, std::string expected) {
  return {"bad-file", path + " " + std::move(found), std::move(expected),
          "Fetch the file anew and check that nothing else writes to it."};
}

}  // namespace halyard
