#include "halyard/file_mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "mapping_guard.h"

namespace halyard {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Error bad_file(const std::string& path, std::string found, std::string expected) {
  return {"bad-file", path + " " + std::move(found), std::move(expected),
          "Fetch the file anew and check that nothing else writes to it."};
}

}  // namespace

Result<std::shared_ptr<FileMapping>> FileMapping::open(const std::string& path, std::int64_t offset,
                                                       std::int64_t bytes) {
  if (offset < 0 || bytes < 0)
    return Error{"bad-argument", "a negative offset or size", "0 or more", "Check the file part."};
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0)
    return Error{errno == ENOENT ? "not-found" : "bad-file", path + " cannot be opened: " + std::strerror(errno),
                 "a readable file", "Check the path and its permissions."};
  struct stat status {};
  if (fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
    return bad_file(path, "is not a regular file", "a file that can be mapped");
  if (bytes > status.st_size || offset > status.st_size - bytes)
    return bad_file(path, "has " + std::to_string(status.st_size) + " bytes",
                    std::to_string(offset) + " + " + std::to_string(bytes) + " bytes");
  std::shared_ptr<FileMapping> mapping(new FileMapping());
  mapping->path_ = path;
  mapping->bytes_ = bytes;
  if (bytes == 0) return mapping;
  const std::int64_t page = sysconf(_SC_PAGESIZE);
  const std::int64_t before = offset % page;
  mapping->length_ = static_cast<std::size_t>(bytes + before);
  // Private and writable: a view in JavaScript that is written to touches neither the file nor read-only pages.
  void* start = mmap(nullptr, mapping->length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number,
                     static_cast<off_t>(offset - before));
  if (start == MAP_FAILED) return bad_file(path, std::string("cannot be mapped: ") + std::strerror(errno), "room");
  mapping->start_ = start;
  mapping->data_ = static_cast<std::byte*>(start) + before;
  mapping->guard_ = guard_mapping(start, mapping->length_, &mapping->damaged_);
  return mapping;
}

Failure FileMapping::health() const {
  if (!damaged()) return std::nullopt;
  return bad_file(path_, "was cut short while it was in use", "a file that stays as it is");
}

FileMapping::~FileMapping() {
  unguard_mapping(guard_);
  if (start_ != nullptr) munmap(start_, length_);
}

}  // namespace halyard
