// Libraries: modules that belong to no context, and their kernels.
#include "../module_loader.h"

using namespace halyard::simulator;

namespace {

void load(Call& call, CUlibrary* handle, std::string image, CompilerLog& log) {
  require(handle != nullptr);
  auto library = std::make_shared<Library>();
  library->module = parse_image(call, image.c_str(), log);
  library->image = std::move(image);
  for (const Kernel& kernel : library->module->kernels()) {
    auto object = std::make_shared<LibraryKernel>();
    object->library = library;
    object->name = kernel.name;
    library->kernels[kernel.name] = object;
    call.driver.kernels.add(std::move(object));
  }
  *handle = call.driver.libraries.add(std::move(library));
}

/// Loads the library into the current context when it is first used there.
std::shared_ptr<ModuleObject> module_of(Call& call, Library& library) {
  auto& module = library.modules[call.context.get()];
  CompilerLog log(0, nullptr, nullptr);
  if (!module) module = load_module(call, library.module, call.context, log);
  return module;
}

std::shared_ptr<Function> function_of(Call& call, CUkernel handle) {
  const auto kernel = call.driver.kernels.get(handle);
  const auto library = kernel->library.lock();
  require(library != nullptr, CUDA_ERROR_INVALID_HANDLE);
  return find_function(call, module_of(call, *library), kernel->name);
}

}  // namespace

CUresult cuLibraryLoadData(CUlibrary* handle, const void* image, CUjit_option* options, void** values, unsigned count,
                           CUlibraryOption*, void**, unsigned) {
  return enter("cuLibraryLoadData", Needs::initialization, [&](Call& call) {
    require(image != nullptr);
    CompilerLog log(count, options, values);
    load(call, handle, static_cast<const char*>(image), log);
  });
}

CUresult cuLibraryLoadFromFile(CUlibrary* handle, const char* path, CUjit_option* options, void** values,
                               unsigned count, CUlibraryOption*, void**, unsigned) {
  return enter("cuLibraryLoadFromFile", Needs::initialization, [&](Call& call) {
    CompilerLog log(count, options, values);
    load(call, handle, read_file(path), log);
  });
}

CUresult cuLibraryUnload(CUlibrary handle) {
  return enter("cuLibraryUnload", Needs::initialization, [&](Call& call) {
    const auto library = call.driver.libraries.get(handle);
    for (const auto& [context, module] : library->modules) {
      wait_for_all(call.driver, call.lock, *module->context);
      for (const auto& [name, function] : module->functions)
        call.driver.functions.remove(reinterpret_cast<CUfunction>(function.get()));
      call.driver.modules.remove(reinterpret_cast<CUmodule>(module.get()));
    }
    for (const auto& [name, kernel] : library->kernels)
      call.driver.kernels.remove(reinterpret_cast<CUkernel>(kernel.get()));
    call.driver.libraries.remove(handle);
  });
}

CUresult cuLibraryGetKernel(CUkernel* kernel, CUlibrary handle, const char* name) {
  return enter("cuLibraryGetKernel", Needs::initialization, [&](Call& call) {
    require(kernel && name);
    const auto library = call.driver.libraries.get(handle);
    const auto found = library->kernels.find(name);
    require(found != library->kernels.end(), CUDA_ERROR_NOT_FOUND);
    *kernel = reinterpret_cast<CUkernel>(found->second.get());
  });
}

CUresult cuLibraryGetKernelCount(unsigned* count, CUlibrary handle) {
  return enter("cuLibraryGetKernelCount", Needs::initialization, [&](Call& call) {
    require(count != nullptr);
    *count = static_cast<unsigned>(call.driver.libraries.get(handle)->kernels.size());
  });
}

CUresult cuLibraryEnumerateKernels(CUkernel* kernels, unsigned count, CUlibrary handle) {
  return enter("cuLibraryEnumerateKernels", Needs::initialization, [&](Call& call) {
    require(kernels != nullptr);
    for (const auto& [name, kernel] : call.driver.libraries.get(handle)->kernels) {
      if (count-- == 0) return;
      *kernels++ = reinterpret_cast<CUkernel>(kernel.get());
    }
  });
}

CUresult cuLibraryGetModule(CUmodule* module, CUlibrary handle) {
  return enter("cuLibraryGetModule", [&](Call& call) {
    require(module != nullptr);
    *module = reinterpret_cast<CUmodule>(module_of(call, *call.driver.libraries.get(handle)).get());
  });
}

CUresult cuLibraryGetGlobal(CUdeviceptr* address, std::size_t* bytes, CUlibrary handle, const char* name) {
  return enter("cuLibraryGetGlobal", [&](Call& call) {
    require(name && (address || bytes));
    std::uint64_t found = 0;
    std::uint64_t size = 0;
    const auto module = module_of(call, *call.driver.libraries.get(handle));
    require(module->module->find_global(name, found, size), CUDA_ERROR_NOT_FOUND);
    if (address) *address = found;
    if (bytes) *bytes = size;
  });
}

CUresult cuKernelGetFunction(CUfunction* function, CUkernel kernel) {
  return enter("cuKernelGetFunction", [&](Call& call) {
    require(function != nullptr);
    *function = reinterpret_cast<CUfunction>(function_of(call, kernel).get());
  });
}

CUresult cuKernelGetLibrary(CUlibrary* library, CUkernel kernel) {
  return enter("cuKernelGetLibrary", Needs::initialization, [&](Call& call) {
    require(library != nullptr);
    *library = reinterpret_cast<CUlibrary>(call.driver.kernels.get(kernel)->library.lock().get());
  });
}

CUresult cuKernelGetAttribute(int* value, CUfunction_attribute attribute, CUkernel kernel, CUdevice device) {
  return enter("cuKernelGetAttribute", [&](Call& call) {
    require(value && device == call.device().ordinal);
    *value = attribute_of(*function_of(call, kernel), attribute);
  });
}

CUresult cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel kernel, CUdevice device) {
  return enter("cuKernelSetAttribute", [&](Call& call) {
    require(device == call.device().ordinal);
    set_attribute(*function_of(call, kernel), attribute, value);
  });
}

CUresult cuKernelSetCacheConfig(CUkernel kernel, CUfunc_cache, CUdevice device) {
  return enter("cuKernelSetCacheConfig", Needs::initialization, [&](Call& call) {
    call.driver.device(device);
    call.driver.kernels.get(kernel);
  });
}

CUresult cuKernelGetName(const char** name, CUkernel kernel) {
  return enter("cuKernelGetName", Needs::initialization, [&](Call& call) {
    require(name != nullptr);
    *name = call.driver.kernels.get(kernel)->name.c_str();
  });
}

CUresult cuKernelGetParamInfo(CUkernel kernel, std::size_t index, std::size_t* offset, std::size_t* bytes) {
  return enter("cuKernelGetParamInfo", [&](Call& call) {
    require(offset != nullptr);
    const auto function = function_of(call, kernel);
    require(index < function->kernel->parameters.size());
    *offset = function->kernel->parameters[index].offset;
    if (bytes) *bytes = function->kernel->parameters[index].bytes;
  });
}
