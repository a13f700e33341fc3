// Compiles CUDA C++ to PTX with the NVRTC named on the command line:
//
//   halyard-nvrtc LIBRARY OPTION… < source > ptx
//
// NVRTC's log goes to standard error. Ends with 0, with 1 if the source does not compile, or with 2 if NVRTC cannot be
// used. A process of its own: NVRTC is large, takes seconds and has been seen to end the process that calls it.
#include <dlfcn.h>

#include <cstddef>
#include <cstdio>
#include <iterator>
#include <iostream>
#include <string>

namespace {

constexpr int kUnusable = 2;

struct ProgramRecord;
using ProgramHandle = ProgramRecord*;

/** NVRTC's C interface, as its documentation states it. */
struct Nvrtc {
  int (*create_program)(ProgramHandle*, const char* source, const char* name, int headers, const char* const* contents,
                        const char* const* names);
  int (*compile_program)(ProgramHandle, int options, const char* const*);
  int (*get_log_size)(ProgramHandle, std::size_t*);
  int (*get_log)(ProgramHandle, char*);
  int (*get_ptx_size)(ProgramHandle, std::size_t*);
  int (*get_ptx)(ProgramHandle, char*);
  const char* (*get_error_string)(int);
};

template <typename Function>
bool resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function) std::fprintf(stderr, "NVRTC has no function %s\n", name);
  return function != nullptr;
}

bool load(const char* path, Nvrtc& nvrtc) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::fprintf(stderr, "%s\n", dlerror());
    return false;
  }
  return resolve(library, "nvrtcCreateProgram", nvrtc.create_program) &&
         resolve(library, "nvrtcCompileProgram", nvrtc.compile_program) &&
         resolve(library, "nvrtcGetProgramLogSize", nvrtc.get_log_size) &&
         resolve(library, "nvrtcGetProgramLog", nvrtc.get_log) &&
         resolve(library, "nvrtcGetPTXSize", nvrtc.get_ptx_size) && resolve(library, "nvrtcGetPTX", nvrtc.get_ptx) &&
         resolve(library, "nvrtcGetErrorString", nvrtc.get_error_string);
}

int fail(const Nvrtc& nvrtc, const char* what, int result, int status) {
  std::fprintf(stderr, "%s: %s\n", what, nvrtc.get_error_string(result));
  return status;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: halyard-nvrtc LIBRARY OPTION… < source > ptx\n");
    return kUnusable;
  }
  Nvrtc nvrtc{};
  if (!load(arguments[1], nvrtc)) return kUnusable;

  const std::string source{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  ProgramHandle program = nullptr;
  int result = nvrtc.create_program(&program, source.c_str(), "source.cu", 0, nullptr, nullptr);
  if (result != 0) return fail(nvrtc, "nvrtcCreateProgram", result, kUnusable);
  const int compiled = nvrtc.compile_program(program, count - 2, arguments + 2);

  std::size_t size = 0;
  if (nvrtc.get_log_size(program, &size) == 0 && size > 1) {
    std::string log(size, '\0');
    if (nvrtc.get_log(program, log.data()) == 0) std::fwrite(log.data(), 1, size - 1, stderr);
  }
  if (compiled != 0) return fail(nvrtc, "nvrtcCompileProgram", compiled, 1);

  result = nvrtc.get_ptx_size(program, &size);
  if (result != 0) return fail(nvrtc, "nvrtcGetPTXSize", result, kUnusable);
  std::string ptx(size, '\0');
  result = nvrtc.get_ptx(program, ptx.data());
  if (result != 0) return fail(nvrtc, "nvrtcGetPTX", result, kUnusable);
  // The size counts the terminating zero.
  const std::size_t bytes = size > 0 ? size - 1 : 0;
  const bool written = std::fwrite(ptx.data(), 1, bytes, stdout) == bytes && std::fflush(stdout) == 0;
  return written ? 0 : kUnusable;
}
