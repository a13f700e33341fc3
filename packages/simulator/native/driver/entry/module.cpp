// Modules and their functions.
#include "../module_loader.h"

using namespace halyard::simulator;

namespace {

void load(Call& call, CUmodule* handle, const char* image, CompilerLog& log) {
  require(handle != nullptr);
  const auto module = load_module(call, parse_image(call, image, log), call.context, log);
  *handle = reinterpret_cast<CUmodule>(module.get());
}

CUresult load_data(const char* function, CUmodule* handle, const void* image) {
  return enter(function, [&](Call& call) {
    CompilerLog log(0, nullptr, nullptr);
    load(call, handle, static_cast<const char*>(image), log);
  });
}

const KernelParameter& parameter_of(const Function& function, std::size_t index) {
  require(index < function.kernel->parameters.size());
  return function.kernel->parameters[index];
}

}  // namespace

CUresult cuModuleLoad(CUmodule* handle, const char* path) {
  return enter("cuModuleLoad", [&](Call& call) {
    CompilerLog log(0, nullptr, nullptr);
    load(call, handle, read_file(path).c_str(), log);
  });
}

CUresult cuModuleLoadData(CUmodule* handle, const void* image) { return load_data("cuModuleLoadData", handle, image); }
CUresult cuModuleLoadFatBinary(CUmodule* handle, const void* image) {
  return load_data("cuModuleLoadFatBinary", handle, image);
}

CUresult cuModuleLoadDataEx(CUmodule* handle, const void* image, unsigned count, CUjit_option* options, void** values) {
  return enter("cuModuleLoadDataEx", [&](Call& call) {
    CompilerLog log(count, options, values);
    load(call, handle, static_cast<const char*>(image), log);
  });
}

CUresult cuModuleUnload(CUmodule handle) {
  return enter("cuModuleUnload", [&](Call& call) {
    const auto module = call.driver.modules.get(handle);
    wait_for_all(call.driver, call.lock, *module->context);
    for (const auto& [name, function] : module->functions)
      call.driver.functions.remove(reinterpret_cast<CUfunction>(function.get()));
    call.driver.modules.remove(handle);
  });
}

CUresult cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return enter("cuModuleGetLoadingMode", Needs::initialization, [&](Call&) {
    require(mode != nullptr);
    *mode = CU_MODULE_EAGER_LOADING;
  });
}

CUresult cuModuleGetFunction(CUfunction* handle, CUmodule module, const char* name) {
  return enter("cuModuleGetFunction", [&](Call& call) {
    require(handle && name);
    *handle = reinterpret_cast<CUfunction>(find_function(call, call.driver.modules.get(module), name).get());
  });
}

CUresult cuModuleGetFunctionCount(unsigned* count, CUmodule module) {
  return enter("cuModuleGetFunctionCount", [&](Call& call) {
    require(count != nullptr);
    *count = static_cast<unsigned>(call.driver.modules.get(module)->module->module().kernels().size());
  });
}

CUresult cuModuleEnumerateFunctions(CUfunction* functions, unsigned count, CUmodule handle) {
  return enter("cuModuleEnumerateFunctions", [&](Call& call) {
    require(functions != nullptr);
    const auto module = call.driver.modules.get(handle);
    for (const Kernel& kernel : module->module->module().kernels()) {
      if (count-- == 0) return;
      *functions++ = reinterpret_cast<CUfunction>(find_function(call, module, kernel.name).get());
    }
  });
}

CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, std::size_t* bytes, CUmodule module, const char* name) {
  return enter("cuModuleGetGlobal_v2", [&](Call& call) {
    require(name && (address || bytes));
    std::uint64_t found = 0;
    std::uint64_t size = 0;
    require(call.driver.modules.get(module)->module->find_global(name, found, size), CUDA_ERROR_NOT_FOUND);
    if (address) *address = found;
    if (bytes) *bytes = size;
  });
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  return enter("cuFuncGetAttribute", [&](Call& call) {
    require(value != nullptr);
    *value = attribute_of(*call.driver.functions.get(function), attribute);
  });
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  return enter("cuFuncSetAttribute",
               [&](Call& call) { set_attribute(*call.driver.functions.get(function), attribute, value); });
}

CUresult cuFuncSetCacheConfig(CUfunction function, CUfunc_cache) {
  return enter("cuFuncSetCacheConfig", [&](Call& call) { call.driver.functions.get(function); });
}

CUresult cuFuncGetModule(CUmodule* module, CUfunction function) {
  return enter("cuFuncGetModule", [&](Call& call) {
    require(module != nullptr);
    *module = reinterpret_cast<CUmodule>(call.driver.functions.get(function)->owner.lock().get());
  });
}

CUresult cuFuncGetName(const char** name, CUfunction function) {
  return enter("cuFuncGetName", [&](Call& call) {
    require(name != nullptr);
    *name = call.driver.functions.get(function)->kernel->name.c_str();
  });
}

CUresult cuFuncGetParamInfo(CUfunction function, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  return enter("cuFuncGetParamInfo", [&](Call& call) {
    require(offset != nullptr);
    const KernelParameter& parameter = parameter_of(*call.driver.functions.get(function), index);
    *offset = parameter.offset;
    if (bytes) *bytes = parameter.bytes;
  });
}

CUresult cuFuncIsLoaded(CUfunctionLoadingState* state, CUfunction function) {
  return enter("cuFuncIsLoaded", [&](Call& call) {
    require(state != nullptr);
    call.driver.functions.get(function);
    *state = CU_FUNCTION_LOADING_STATE_LOADED;
  });
}

CUresult cuFuncLoad(CUfunction function) {
  return enter("cuFuncLoad", [&](Call& call) { call.driver.functions.get(function); });
}
