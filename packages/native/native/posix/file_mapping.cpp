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

}  // namespace

Failure FileMapping::map(std::int64_t offset) {
  Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0)
    return Error{errno == ENOENT ? "not-found" : "bad-file", path_ + " cannot be opened: " + std::strerror(errno),
                 "a readable file", "Check the path and its permissions."};
  struct stat status {};
  if (fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode))
    return bad_file(path_, "is not a regular file", "a file that can be mapped");
  if (bytes_ > status.st_size || offset > status.st_size - bytes_)
    return bad_file(path_, "has " + std::to_string(status.st_size) + " bytes",
                    std::to_string(offset) + " + " + std::to_string(bytes_) + " bytes");
  if (bytes_ == 0) return std::nullopt;
  const std::int64_t page = sysconf(_SC_PAGESIZE);
  const std::int64_t before = offset % page;
  length_ = static_cast<std::size_t>(bytes_ + before);
  // Private and writable: a view in JavaScript that is written to touches neither the file nor read-only pages.
  void* start = mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number,
                     static_cast<off_t>(offset - before));
  if (start == MAP_FAILED) return bad_file(path_, std::string("cannot be mapped: ") + std::strerror(errno), "room");
  start_ = start;
  data_ = static_cast<std::byte*>(start) + before;
  guard_ = guard_mapping(start, length_, &damaged_);
  return std::nullopt;
}

FileMapping::~FileMapping() {
  unguard_mapping(guard_);
  if (start_ != nullptr) munmap(start_, length_);
}

}  // namespace halyard
