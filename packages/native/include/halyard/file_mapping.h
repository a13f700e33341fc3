#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "halyard/error.h"

namespace halyard {

/// A stretch of a file in memory, private to this process and never written back. If the file is cut short later, the
/// pages that are gone read as zeros and `damaged` turns true, instead of the process dying of SIGBUS. Windows lets nobody
/// cut short a file that is mapped.
class FileMapping {
 public:
  /// Fails with `not-found` or `bad-file` for a file that is not there, not readable or shorter than asked for.
  static Result<std::shared_ptr<FileMapping>> open(const std::string& path, std::int64_t offset, std::int64_t bytes);
  ~FileMapping();
  FileMapping(const FileMapping&) = delete;
  FileMapping& operator=(const FileMapping&) = delete;

  std::byte* data() const { return data_; }
  std::int64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  bool damaged() const { return damaged_.load(std::memory_order_acquire); }
  /// `bad-file` once damaged.
  Failure health() const;

 private:
  FileMapping() = default;

  static Error bad_file(const std::string& path, std::string found, std::string expected);
  /// Brings `bytes_` from `offset` on of the file `path_` into memory: posix/ and windows/.
  Failure map(std::int64_t offset);

  std::string path_;
  void* start_ = nullptr;
  std::size_t length_ = 0;
  std::byte* data_ = nullptr;
  std::int64_t bytes_ = 0;
  int guard_ = -1;
  std::atomic<bool> damaged_{false};
};

}  // namespace halyard
