// Initialization, versions, names of results, addresses of functions.
#include <cstring>
#include <string>

#include "../call.h"

using namespace halyard::simulator;

namespace {

struct Symbol {
  const char* name;
  int since;
  void* address;
};

const Symbol symbols[] = {
#define HALYARD_DRIVER_FUNCTION(name, since, parameters) {#name, since, reinterpret_cast<void*>(&name)},
#include "../api/functions.def"
#undef HALYARD_DRIVER_FUNCTION
};

/// The name that programs write: without the version at the end.
std::string plain(const std::string& symbol) {
  const std::size_t end = symbol.rfind("_v");
  return end != std::string::npos && symbol.find_first_not_of("0123456789", end + 2) == std::string::npos
             ? symbol.substr(0, end)
             : symbol;
}

/// Of the functions of that name the newest that a program made for this release knows.
CUdriverProcAddressQueryResult find_symbol(Driver& driver, const std::string& name, int version, void*& address) {
  const Symbol* best = nullptr;
  bool is_known = false;
  for (const Symbol& symbol : symbols) {
    if (symbol.name != name && plain(symbol.name) != name) continue;
    if (driver.faults.is_missing(symbol.name, plain(symbol.name)) || symbol.since > driver.configuration.driver_version)
      continue;
    is_known = true;
    if (symbol.since <= version && (!best || symbol.since >= best->since)) best = &symbol;
  }
  address = best ? best->address : nullptr;
  return best       ? CU_GET_PROC_ADDRESS_SUCCESS
         : is_known ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                    : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
}

}  // namespace

CUresult cuInit(unsigned flags) {
  return enter("cuInit", Needs::nothing, [&](Call& call) {
    require(flags == 0);
    require(call.driver.configuration_error.empty(), CUDA_ERROR_INVALID_VALUE);
    require(!call.driver.devices.empty(), CUDA_ERROR_NO_DEVICE);
    call.driver.is_initialized = true;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return enter("cuDriverGetVersion", Needs::nothing, [&](Call& call) {
    require(version != nullptr);
    *version = call.driver.configuration.driver_version;
  });
}

// Tables of NVIDIA's own libraries: there are none here. NVRTC asks for one and cannot do without the function itself.
extern "C" HALYARD_DRIVER_EXPORT CUresult cuGetExportTable(const void** table, const CUuuid*) {
  if (table) *table = nullptr;
  return CUDA_ERROR_NOT_FOUND;
}

CUresult cuGetErrorName(CUresult error, const char** text) {
  if (!text) return CUDA_ERROR_INVALID_VALUE;
  switch (static_cast<int>(error)) {
#define HALYARD_DRIVER_RESULT(name, value, words) \
  case value: *text = #name; return CUDA_SUCCESS;
#include "../api/results.def"
#undef HALYARD_DRIVER_RESULT
  }
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  if (!text) return CUDA_ERROR_INVALID_VALUE;
  switch (static_cast<int>(error)) {
#define HALYARD_DRIVER_RESULT(name, value, words) \
  case value: *text = words; return CUDA_SUCCESS;
#include "../api/results.def"
#undef HALYARD_DRIVER_RESULT
  }
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetProcAddress_v2(const char* symbol, void** function, int version, cuuint64_t flags,
                             CUdriverProcAddressQueryResult* status) {
  return enter("cuGetProcAddress_v2", Needs::nothing, [&](Call& call) {
    require(symbol && function && flags <= 2);
    const CUdriverProcAddressQueryResult found = find_symbol(call.driver, symbol, version, *function);
    if (status) *status = found;
    // With a place for the status, a function that is not there is none of the errors.
    require(status || found == CU_GET_PROC_ADDRESS_SUCCESS, CUDA_ERROR_NOT_FOUND);
  });
}

CUresult cuGetProcAddress(const char* symbol, void** function, int version, cuuint64_t flags) {
  return enter("cuGetProcAddress", Needs::nothing, [&](Call& call) {
    require(symbol && function && flags <= 2);
    require(find_symbol(call.driver, symbol, version, *function) == CU_GET_PROC_ADDRESS_SUCCESS, CUDA_ERROR_NOT_FOUND);
  });
}
