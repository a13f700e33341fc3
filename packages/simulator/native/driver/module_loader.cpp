#include "module_loader.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace halyard::simulator {

namespace {

/// "8.7" → 807.
int instruction_set_of(const std::string& version) {
  const std::size_t point = version.find('.');
  return std::atoi(version.c_str()) * 100 + (point == std::string::npos ? 0 : std::atoi(version.c_str() + point + 1));
}

/// The newest version of PTX that a driver takes, from the release notes in NVIDIA's description of PTX.
int newest_instruction_set(int driver_version) {
  const int major = driver_version / 1000;
  const int minor = driver_version % 1000 / 10;
  if (major >= 13) return 900 + minor;
  if (major == 12) return 800 + (minor <= 5 ? minor : minor - 1);
  if (major == 11) return 700 + minor;
  return 605;
}

void require_target(const Module& module, int capability, CompilerLog& log) {
  const std::string& target = module.target();
  const int wanted = target.starts_with("sm_") ? std::atoi(target.c_str() + 3) : 0;
  const char suffix = target.empty() ? '0' : target.back();
  // Code with an "a" runs on the very architecture; with an "f" on its family; other code there and on all later ones.
  const bool fits = suffix == 'a'   ? capability == wanted
                    : suffix == 'f' ? capability / 10 == wanted / 10 && capability >= wanted
                                    : capability >= wanted;
  if (wanted > 0 && fits) return;
  log.write("the PTX is for " + target + ", the device is sm_" + std::to_string(capability), true);
  fail(CUDA_ERROR_NO_BINARY_FOR_GPU);
}

}  // namespace

std::shared_ptr<const Module> parse_image(Call& call, const char* image, CompilerLog& log) {
  require(image != nullptr);
  const bool is_elf = std::memcmp(image, "\x7f" "ELF", 4) == 0;
  const bool is_fat = std::memcmp(image, "\x50\xed\x55\xba", 4) == 0;
  if (is_elf || is_fat) {
    log.write("the simulator executes PTX, not machine code", true);
    fail(CUDA_ERROR_NO_BINARY_FOR_GPU);
  }
  if (std::strstr(image, ".version") == nullptr) fail(CUDA_ERROR_INVALID_IMAGE);
  try {
    auto module = Module::parse(image);
    if (instruction_set_of(module->version()) > newest_instruction_set(call.driver.configuration.driver_version)) {
      log.write("PTX version " + module->version() + " is newer than the driver", true);
      fail(CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
    }
    return module;
  } catch (const PtxError& error) {
    log.write(error.what(), true);
    call.driver.report.find({"invalid-ptx", 0, "cuModuleLoadData", 0, 0, error.what()});
    fail(CUDA_ERROR_INVALID_PTX);
  }
}

std::shared_ptr<ModuleObject> load_module(Call& call, std::shared_ptr<const Module> module,
                                          const std::shared_ptr<Context>& context, CompilerLog& log) {
  require_target(*module, context->device->properties.capability, log);
  auto object = std::make_shared<ModuleObject>();
  object->context = context;
  object->module = LoadedModule::load(std::move(module), context->device->memory);
  require(object->module != nullptr, CUDA_ERROR_OUT_OF_MEMORY);
  call.driver.note_memory(*context->device);
  call.driver.modules.add(object);
  return object;
}

std::shared_ptr<Function> find_function(Call& call, const std::shared_ptr<ModuleObject>& module,
                                        const std::string& name) {
  auto& known = module->functions[name];
  if (known) return known;
  const Kernel* kernel = module->module->module().find_kernel(name);
  if (!kernel) {
    module->functions.erase(name);
    fail(CUDA_ERROR_NOT_FOUND);
  }
  known = std::make_shared<Function>();
  known->owner = module;
  known->context = module->context;
  known->module = module->module;
  known->kernel = kernel;
  // Static and dynamic shared memory together, until a kernel opts in to more.
  known->maximum_dynamic_shared_bytes = 48 * 1024 - static_cast<int>(kernel->static_shared_bytes);
  call.driver.functions.add(known);
  return known;
}

std::string read_file(const char* path) {
  require(path != nullptr);
  std::ifstream file(path, std::ios::binary);
  require(file.good(), CUDA_ERROR_FILE_NOT_FOUND);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int attribute_of(const Function& function, CUfunction_attribute attribute) {
  const Kernel& kernel = *function.kernel;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return kernel.maximum_threads ? static_cast<int>(kernel.maximum_threads) : 1024;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(kernel.static_shared_bytes);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: return static_cast<int>(kernel.constant_bytes);
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return static_cast<int>(kernel.local_bytes);
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return static_cast<int>(kernel.registers);
    case CU_FUNC_ATTRIBUTE_PTX_VERSION: {
      const std::string& target = function.module->module().target();
      return target.size() > 3 ? std::atoi(target.c_str() + 3) : 0;
    }
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return function.context->device->properties.capability;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: return 0;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return function.maximum_dynamic_shared_bytes;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return function.carveout;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET: return kernel.required_cluster[0] != 0;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH: return static_cast<int>(kernel.required_cluster[0]);
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT: return static_cast<int>(kernel.required_cluster[1]);
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: return static_cast<int>(kernel.required_cluster[2]);
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: return function.allows_large_clusters;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: return 0;
  }
  fail(CUDA_ERROR_INVALID_VALUE);
}

void set_attribute(Function& function, CUfunction_attribute attribute, int value) {
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      require(value >= 0 && value + static_cast<int>(function.kernel->static_shared_bytes) <=
                                function.context->device->properties.shared_bytes_per_block);
      function.maximum_dynamic_shared_bytes = value;
      return;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      require(value >= -1 && value <= 100);
      function.carveout = value;
      return;
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: function.allows_large_clusters = value != 0; return;
    default: fail(CUDA_ERROR_INVALID_VALUE);
  }
}

}  // namespace halyard::simulator
