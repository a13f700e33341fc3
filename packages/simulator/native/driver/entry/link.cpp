// The linker in the driver: several texts of PTX become one image.
#include <cstring>

#include "../module_loader.h"

using namespace halyard::simulator;

namespace {

/// Machine code is refused, as it is for modules.
void add(LinkState& state, CUjitInputType type, std::string text, const char* name) {
  const bool is_text = text.find(".version") != std::string::npos;
  if (type != CU_JIT_INPUT_PTX && !(type == CU_JIT_INPUT_CUBIN && is_text)) {
    state.log.write("the simulator links PTX, and what it linked from PTX; not machine code", true);
    fail(CUDA_ERROR_NO_BINARY_FOR_GPU);
  }
  require(is_text, CUDA_ERROR_INVALID_PTX);
  state.units.push_back({name ? name : "unnamed", text.c_str()});
}

}  // namespace

CUresult cuLinkCreate_v2(unsigned count, CUjit_option* options, void** values, CUlinkState* handle) {
  return enter("cuLinkCreate_v2", [&](Call& call) {
    require(handle != nullptr);
    *handle = call.driver.links.add(std::make_shared<LinkState>(LinkState{CompilerLog(count, options, values), {}, {}}));
  });
}

CUresult cuLinkAddData_v2(CUlinkState handle, CUjitInputType type, void* data, std::size_t bytes, const char* name,
                          unsigned, CUjit_option*, void**) {
  return enter("cuLinkAddData_v2", [&](Call& call) {
    require(data && bytes > 0);
    add(*call.driver.links.get(handle), type, std::string(static_cast<const char*>(data), bytes), name);
  });
}

CUresult cuLinkAddFile_v2(CUlinkState handle, CUjitInputType type, const char* path, unsigned, CUjit_option*, void**) {
  return enter("cuLinkAddFile_v2",
               [&](Call& call) { add(*call.driver.links.get(handle), type, read_file(path), path); });
}

CUresult cuLinkComplete(CUlinkState handle, void** image, std::size_t* bytes) {
  return enter("cuLinkComplete", [&](Call& call) {
    require(image && bytes);
    LinkState& state = *call.driver.links.get(handle);
    require(!state.units.empty());
    try {
      state.image = link(state.units);
    } catch (const PtxError& error) {
      state.log.write(error.what(), true);
      fail(CUDA_ERROR_INVALID_PTX);
    }
    parse_image(call, state.image.c_str(), state.log);
    *image = state.image.data();
    *bytes = state.image.size() + 1;
  });
}

CUresult cuLinkDestroy(CUlinkState handle) {
  return enter("cuLinkDestroy", [&](Call& call) {
    call.driver.links.get(handle);
    call.driver.links.remove(handle);
  });
}
