// How the driver and NVRTC are found and loaded on Windows. The driver is loaded once in a process: run-windows.sh runs
// each of its cases in one of its own, by what stands before the colon, which is the folder of the stand-in, too.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <windows.h>

#include <filesystem>
#include <fstream>

#include "../../compiler/nvrtc.h"
#include "../../driver/driver.h"
#include "halyard/path_text.h"

using namespace halyard;
using namespace halyard::cuda;
namespace files = std::filesystem;

namespace {

/// The folder that CMake has put a stand-in into.
files::path standin(const char* name) {
  wchar_t program[32768];
  GetModuleFileNameW(nullptr, program, static_cast<DWORD>(std::size(program)));
  return files::path(program).parent_path() / name;
}

/// A folder whose name is neither ASCII nor without a space, with copies of stand-ins; gone at the end.
class Folder {
 public:
  explicit Folder(std::initializer_list<files::path> libraries)
      : path_(files::temp_directory_path() / (u8"Zürich 東京 " + std::u8string(1, u8'0' + count_++))) {
    files::create_directories(path_);
    for (const files::path& library : libraries)
      files::copy_file(library, path_ / library.filename(), files::copy_options::overwrite_existing);
  }
  // What is loaded stays: Windows keeps its file.
  ~Folder() {
    std::error_code ignored;
    files::remove_all(path_, ignored);
  }
  const files::path& path() const { return path_; }
  std::string file(const char* name) const { return to_text(path_ / name); }

 private:
  static inline char count_ = 0;
  files::path path_;
};

const files::path nvrtc = standin("nvrtc") / "nvrtc64_130_0.dll";
const files::path built_ins = standin("built-ins") / "nvrtc-builtins64_130.dll";

}  // namespace

TEST_CASE("driver: found on PATH, loaded, and asked") {
  const auto& driver = Driver::get();
  REQUIRE(driver.ok());
  CHECK(driver.value()->version() == 13000);
  CHECK(driver.value()->device_count() == 1);
  CHECK(driver.value()->has_virtual_memory());
  CHECK(bool(driver.value()->functions().graph_launch));
  // Nobody else gets its functions by loading it: Windows looks a symbol up in one library.
  CHECK_FALSE(bool(GetProcAddress(GetModuleHandleW(nullptr), "cuInit")));
}

TEST_CASE("missing: refused by its name, and the driver is to be installed") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:library-missing");
  CHECK(driver.error().found.starts_with("nvcuda.dll: "));
  CHECK(driver.error().found.ends_with("(126)"));
  CHECK(driver.error().remedy.starts_with("Install the NVIDIA driver"));
}

TEST_CASE("no-library: refused as one that does not load") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:library-missing");
  CHECK(driver.error().found.ends_with("(193)"));
}

TEST_CASE("driver-without-function: refused, and the function is named") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:symbol-missing");
  CHECK(driver.error().found == "nvcuda.dll without cuGraphLaunch");
}

TEST_CASE("driver-too-old: refused with its version and the one needed, whatever it lacks besides") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:driver-too-old");
  CHECK(driver.error().found == "a driver for CUDA 11.4");
  CHECK(driver.error().expected == "one for CUDA 11.8 or newer");
}

TEST_CASE("driver-without-device: refused") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:no-device");
  CHECK(driver.error().found.starts_with("cuInit failed"));
}

TEST_CASE("driver-without-permission: refused, with nothing of Linux's in the remedy") {
  const auto& driver = Driver::get();
  REQUIRE_FALSE(driver.ok());
  CHECK(driver.error().code == "cuda:no-permission");
  CHECK(driver.error().expected == "a user that may use the GPU");
  CHECK(driver.error().remedy.find("/dev") == std::string::npos);
}

TEST_CASE("compiler: it is loaded by a path in UTF-8, and its built-in functions with it from the same folder") {
  const Folder folder{nvrtc, built_ins};
  const auto loaded = Nvrtc::load(folder.file("nvrtc64_130_0.dll"));
  REQUIRE(loaded.ok());
  CHECK(loaded.value()->version() == 13000);
  CHECK(loaded.value()->architectures() == std::vector{80});
  const auto compiled = loaded.value()->compile("", "nothing.cu", {});
  REQUIRE(compiled.ok());
  CHECK(compiled.value() == "PTX");
}

TEST_CASE("compiler: forward slashes do as well") {
  std::string path = to_text(nvrtc);
  for (char& character : path)
    if (character == '\\') character = '/';
  CHECK(Nvrtc::load(path).ok());
}

TEST_CASE("compiler: without one there, the refusal names the file") {
  const auto loaded = Nvrtc::load("C:\\nowhere\\nvrtc64_130_0.dll");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code == "cuda:nvrtc-missing");
  CHECK(loaded.error().found.starts_with("C:\\nowhere\\nvrtc64_130_0.dll: "));
}

TEST_CASE("compiler: one that lacks a function is refused, and the function named") {
  const std::string path = to_text(standin("nvrtc-without-function") / "nvrtc64_130_0.dll");
  const auto loaded = Nvrtc::load(path);
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code == "cuda:nvrtc-missing");
  CHECK(loaded.error().found == path + " without nvrtcGetPTX");
}

TEST_CASE("compiler: one that is too old is refused with its version") {
  const std::string path = to_text(standin("nvrtc-too-old") / "nvrtc64_112_0.dll");
  const auto loaded = Nvrtc::load(path);
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().found == path + ", which is NVRTC 11.2");
}

// Windows finds by its bare name what is loaded already: hence a process of their own.
TEST_CASE("nothing-loaded: a bare name is never looked up in the current folder, where a path is from there on") {
  const Folder folder{nvrtc};
  const files::path before = files::current_path();
  files::current_path(folder.path());
  CHECK_FALSE(SharedLibrary::open("nvrtc64_130_0.dll").ok());
  CHECK(SharedLibrary::open(".\\nvrtc64_130_0.dll").ok());
  files::current_path(before);
}

TEST_CASE("nothing-loaded: without its built-in functions a compiler fails, which is said") {
  const auto loaded = Nvrtc::load(to_text(nvrtc));
  REQUIRE(loaded.ok());
  const auto compiled = loaded.value()->compile("", "nothing.cu", {});
  REQUIRE_FALSE(compiled.ok());
  CHECK(compiled.error().code == "cuda:compilation-failed");
}
