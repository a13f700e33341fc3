#include "halyard/file_mapping.h"

#include <windows.h>

#include "halyard/path_text.h"
#include "halyard/windows/error_text.h"

namespace halyard {
namespace {

class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  ~Handle() {
    if (*this) CloseHandle(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  explicit operator bool() const { return handle_ != nullptr && handle_ != INVALID_HANDLE_VALUE; }
  HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

}  // namespace

Failure FileMapping::map(std::int64_t offset) {
  const Handle file(CreateFileW(to_path(path_).c_str(), GENERIC_READ,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!file) {
    const DWORD error = GetLastError();
    const bool is_missing = error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
    return Error{is_missing ? "not-found" : "bad-file", path_ + " cannot be opened: " + windows_error_text(error),
                 "a readable file", "Check the path and its permissions."};
  }
  LARGE_INTEGER size{};
  if (GetFileType(file.get()) != FILE_TYPE_DISK || !GetFileSizeEx(file.get(), &size))
    return bad_file(path_, "is not a regular file", "a file that can be mapped");
  if (bytes_ > size.QuadPart || offset > size.QuadPart - bytes_)
    return bad_file(path_, "has " + std::to_string(size.QuadPart) + " bytes",
                    std::to_string(offset) + " + " + std::to_string(bytes_) + " bytes");
  if (bytes_ == 0) return std::nullopt;
  SYSTEM_INFO system;
  GetSystemInfo(&system);
  const std::int64_t before = offset % system.dwAllocationGranularity;
  const std::int64_t start = offset - before;
  length_ = static_cast<std::size_t>(bytes_ + before);
  // Copied on writing: a view in JavaScript that is written to touches neither the file nor read-only pages.
  const Handle section(CreateFileMappingW(file.get(), nullptr, PAGE_WRITECOPY, 0, 0, nullptr));
  if (section)
    start_ = MapViewOfFile(section.get(), FILE_MAP_COPY, static_cast<DWORD>(start >> 32), static_cast<DWORD>(start),
                           length_);
  if (start_ == nullptr) return bad_file(path_, "cannot be mapped: " + windows_error_text(GetLastError()), "room");
  data_ = static_cast<std::byte*>(start_) + before;
  return std::nullopt;
}

FileMapping::~FileMapping() {
  if (start_ != nullptr) UnmapViewOfFile(start_);
}

}  // namespace halyard
