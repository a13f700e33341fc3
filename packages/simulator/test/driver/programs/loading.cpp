// The library is looked into, started, and given modules.
#include <dlfcn.h>

#include "program.h"

namespace {

void symbols() {
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  say("by_name", dlsym(library, "cuMemCreate") ? "there" : "missing");
  say("other_by_name", dlsym(library, "cuMemMap") ? "there" : "missing");
  check(cuInit(0));
  const auto look_up = [](const char* name, int version) {
    void* function = nullptr;
    CUdriverProcAddressQueryResult status;
    check(cuGetProcAddress(name, &function, version, 0, &status));
    return status;
  };
  say("looked_up", look_up("cuMemCreate", 13000));
  say("other_looked_up", look_up("cuMemMap", 13000));
  say("for_old_program", look_up("cuMemMap", 10000));
  say("nonsense", look_up("cuNonsense", 13000));
  void* function = nullptr;
  check(cuGetProcAddress("cuMemAlloc", &function, 13000, 0, nullptr));
  say("newest", function == dlsym(library, "cuMemAlloc_v2") ? "v2" : "another");
  int version = 0;
  check(cuDriverGetVersion(&version));
  say("version", version);
}

void start() {
  say("init", cuInit(0));
  int devices = -1;
  say("count", cuDeviceGetCount(&devices));
}

void load() {
  check(cuInit(0));
  CUcontext context = nullptr;
  check(cuDevicePrimaryCtxRetain(&context, 0));
  check(cuCtxSetCurrent(context));
  char log[512];
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
  CUmodule module = nullptr;
  say("load", cuModuleLoadDataEx(&module, ptx.c_str(), 2, options, values));
  say("log", log);
}

}  // namespace

int main(int argument_count, char** arguments) {
  return run_scenario(argument_count, arguments,
                      {{"symbols", symbols},
                       {"start", start},
                       {"load", load}});
}
