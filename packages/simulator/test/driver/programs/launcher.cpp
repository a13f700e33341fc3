// Launches kernels through the driver API, compiled against NVIDIA's cuda.h. What to do is read line by line:
//   module FILE…                    texts of PTX; several are linked
//   buffer NAME BYTES [FILE]        device memory, with the bytes of the file in it
//   launch KERNEL GRID×3 BLOCK×3 SHARED ARGUMENT…    an argument is the name of a buffer, i:NUMBER or f:NUMBER
//   read NAME FILE                  what is in the memory now
// Prints the name of the first result that is no success, or CUDA_SUCCESS.
#include <cuda.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

void check(CUresult result) {
  if (result == CUDA_SUCCESS) return;
  const char* name = nullptr;
  cuGetErrorName(result, &name);
  std::printf("%s\n", name ? name : "?");
  std::exit(0);
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Buffer {
  CUdeviceptr address = 0;
  std::size_t bytes = 0;
};

class Launcher {
 public:
  Launcher() {
    check(cuInit(0));
    CUdevice device = 0;
    check(cuDeviceGet(&device, 0));
    CUcontext context = nullptr;
    check(cuDevicePrimaryCtxRetain(&context, device));
    check(cuCtxSetCurrent(context));
  }

  void perform(std::istringstream line) {
    std::string what;
    line >> what;
    if (what == "module") load(line);
    if (what == "buffer") allocate(line);
    if (what == "launch") launch(line);
    if (what == "read") read(line);
  }

 private:
  void load(std::istringstream& line) {
    const std::vector<std::string> paths{std::istream_iterator<std::string>(line), {}};
    if (paths.size() == 1) return check(cuModuleLoadData(&module_, content(paths[0]).c_str()));
    char log[4096] = "";
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
    CUlinkState state = nullptr;
    check(cuLinkCreate(2, options, values, &state));
    for (const std::string& path : paths) {
      std::string text = content(path);
      check(cuLinkAddData(state, CU_JIT_INPUT_PTX, text.data(), text.size(), path.c_str(), 0, nullptr, nullptr));
    }
    void* image = nullptr;
    std::size_t bytes = 0;
    const CUresult linked = cuLinkComplete(state, &image, &bytes);
    std::fputs(log, stderr);
    check(linked);
    check(cuModuleLoadData(&module_, image));
    check(cuLinkDestroy(state));
  }

  void allocate(std::istringstream& line) {
    std::string name, path;
    Buffer buffer;
    line >> name >> buffer.bytes >> path;
    check(cuMemAlloc(&buffer.address, buffer.bytes));
    if (!path.empty()) check(cuMemcpyHtoD(buffer.address, content(path).data(), buffer.bytes));
    buffers_[name] = buffer;
  }

  void launch(std::istringstream& line) {
    std::string name, text;
    unsigned size[7];
    line >> name;
    for (unsigned& number : size) line >> number;
    std::vector<std::uint64_t> values;
    while (line >> text) values.push_back(value_of(text));
    std::vector<void*> arguments;
    for (std::uint64_t& value : values) arguments.push_back(&value);
    CUfunction function = nullptr;
    check(cuModuleGetFunction(&function, module_, name.c_str()));
    if (size[6] > 48 * 1024)
      check(cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(size[6])));
    check(cuLaunchKernel(function, size[0], size[1], size[2], size[3], size[4], size[5], size[6], nullptr,
                         arguments.data(), nullptr));
    check(cuCtxSynchronize());
  }

  std::uint64_t value_of(const std::string& text) const {
    if (text.starts_with("i:")) return static_cast<std::uint64_t>(std::stoll(text.substr(2)));
    if (!text.starts_with("f:")) return buffers_.at(text).address;
    const float number = std::stof(text.substr(2));
    std::uint64_t value = 0;
    __builtin_memcpy(&value, &number, sizeof number);
    return value;
  }

  void read(std::istringstream& line) {
    std::string name, path;
    line >> name >> path;
    const Buffer& buffer = buffers_.at(name);
    std::string bytes(buffer.bytes, '\0');
    check(cuMemcpyDtoH(bytes.data(), buffer.address, buffer.bytes));
    std::ofstream(path, std::ios::binary) << bytes;
  }

  CUmodule module_ = nullptr;
  std::map<std::string, Buffer> buffers_;
};

}  // namespace

int main() {
  Launcher launcher;
  for (std::string line; std::getline(std::cin, line);) launcher.perform(std::istringstream(line));
  std::printf("CUDA_SUCCESS\n");
  return 0;
}
