#pragma once

#include <memory>

#include "halyard/file_mapping.h"
#include "halyard/region.h"

namespace halyard::cpu {

/// Anonymous pages, zeroed by the system; in huge pages where there are any and it is worth it.
class AnonymousRegion : public Region {
 public:
  /// Null if the system has no more.
  static std::shared_ptr<AnonymousRegion> reserve(std::int64_t bytes);
  ~AnonymousRegion() override;
  std::byte* data() const override { return data_; }

 private:
  AnonymousRegion(std::int64_t bytes, std::byte* data) : Region(bytes), data_(data) {}
  std::byte* data_;
};

/// A stretch of a file.
class FileRegion : public Region {
 public:
  explicit FileRegion(std::shared_ptr<FileMapping> mapping) : Region(mapping->bytes()), mapping_(std::move(mapping)) {}
  std::byte* data() const override { return mapping_->data(); }
  bool writable() const override { return false; }
  Failure health() const override { return mapping_->health(); }

 private:
  std::shared_ptr<FileMapping> mapping_;
};

}  // namespace halyard::cpu
