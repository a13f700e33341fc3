#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "halyard/file_mapping.h"

using halyard::FileMapping;

namespace {

struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() / "halyard-mapping-XXXXXX").string();
  explicit TemporaryFile(std::size_t bytes) {
    const int descriptor = mkstemp(path.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    std::ofstream(path) << std::string(bytes, 'a');
  }
  ~TemporaryFile() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("a part of a file is mapped where it begins, aligned or not") {
  TemporaryFile file(20'000);
  auto mapping = FileMapping::open(file.path, 4'099, 5'000);
  REQUIRE(mapping.ok());
  for (int i = 0; i < 5'000; i++) REQUIRE(mapping.value()->data()[i] == std::byte{'a'});
  CHECK_FALSE(mapping.value()->damaged());
}

TEST_CASE("a file that is not there, or shorter than asked for, is refused") {
  TemporaryFile file(100);
  CHECK(FileMapping::open(file.path + "-not", 0, 1).error().code == "not-found");
  CHECK(FileMapping::open(file.path, 90, 11).error().code == "bad-file");
  CHECK(FileMapping::open(file.path, -1, 1).error().code == "bad-argument");
}

TEST_CASE("a file that is cut short while it is mapped reads as zeros and is known to be damaged") {
  TemporaryFile file(1 << 20);
  auto mapping = FileMapping::open(file.path, 0, 1 << 20);
  REQUIRE(mapping.ok());
  REQUIRE(truncate(file.path.c_str(), 4096) == 0);
  volatile const std::byte* data = mapping.value()->data();
  CHECK(data[0] == std::byte{'a'});
  CHECK(data[(1 << 20) - 1] == std::byte{0});
  CHECK(mapping.value()->damaged());
  REQUIRE(mapping.value()->health().has_value());
  CHECK(mapping.value()->health()->code == "bad-file");
}
