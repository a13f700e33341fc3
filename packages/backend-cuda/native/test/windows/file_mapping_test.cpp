// Parts of files in memory, as Windows has them.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "halyard/file_mapping.h"
#include "halyard/path_text.h"

using halyard::FileMapping;
namespace files = std::filesystem;

namespace {

char byte_at(std::int64_t offset) { return static_cast<char>(offset * 31 + offset / 251); }

/// A file of the numbers above under a name that is not ASCII.
struct NumberedFile {
  explicit NumberedFile(std::int64_t bytes) : path(files::temp_directory_path() / u8"Gewichte 重み.bin") {
    std::ofstream file(path, std::ios::binary);
    for (std::int64_t at = 0; at < bytes; at++) file.put(byte_at(at));
  }
  ~NumberedFile() { files::remove(path); }
  std::string name() const { return halyard::to_text(path); }
  files::path path;
};

}  // namespace

TEST_CASE("files: a stretch is mapped from any offset on, and what is written to it stays out of the file") {
  const NumberedFile file(300'000);
  for (int round = 0; round < 2; round++) {
    auto mapping = FileMapping::open(file.name(), 70'001, 150'000);
    REQUIRE(mapping.ok());
    CHECK(mapping.value()->bytes() == 150'000);
    auto* bytes = reinterpret_cast<char*>(mapping.value()->data());
    bool is_right = true;
    for (std::int64_t at = 0; at < 150'000; at++) is_right = is_right && bytes[at] == byte_at(70'001 + at);
    CHECK(is_right);
    bytes[0]++;
    bytes[149'999]++;
  }
}

TEST_CASE("files: the file can be cut short once nothing of it is mapped") {
  const NumberedFile file(10);
  FileMapping::open(file.name(), 0, 10);
  std::error_code error;
  files::resize_file(file.path, 5, error);
  CHECK_FALSE(error);
}

TEST_CASE("files: a stretch of nothing is one") {
  const NumberedFile file(10);
  CHECK(FileMapping::open(file.name(), 10, 0).ok());
}

TEST_CASE("files: what is not there, not a file or too short is refused") {
  const NumberedFile file(100);
  CHECK(FileMapping::open(file.name() + "-not", 0, 1).error().code == "not-found");
  CHECK(FileMapping::open(file.name(), 90, 11).error().code == "bad-file");
  CHECK(FileMapping::open(file.name(), -1, 1).error().code == "bad-argument");
  CHECK(FileMapping::open(halyard::to_text(files::temp_directory_path()), 0, 1).error().code == "bad-file");
}
