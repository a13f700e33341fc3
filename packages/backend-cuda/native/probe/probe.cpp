#include "probe.h"

#include <algorithm>

#include "../products/cublaslt.h"
#include "proof.h"

namespace halyard::cuda {
namespace {

/// Volta: the oldest that kernels are generated for.
constexpr int least_architecture = 70;

std::string uuid_text(const Uuid& uuid) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text = "GPU-";
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

FoundDevice describe_device(const Driver& driver, int ordinal) {
  const DriverFunctions& functions = driver.functions();
  FoundDevice found;
  char text[256] = {};
  if (Status status = functions.device_get(&found.number, ordinal)) {
    found.name = "device " + std::to_string(ordinal);
    found.refusal = to_error(driver, "cuDeviceGet", status);
    return found;
  }
  if (functions.device_name(text, sizeof(text), found.number) == 0) found.name = text;
  if (functions.device_bus_id(text, sizeof(text), found.number) == 0) found.bus_id = text;
  Uuid uuid{};
  if (functions.device_uuid(&uuid, found.number) == 0) found.uuid = uuid_text(uuid);
  std::size_t bytes = 0;
  if (functions.device_memory(&bytes, found.number) == 0) found.memory_bytes = static_cast<std::int64_t>(bytes);
  auto attribute = [&](DeviceAttribute which) {
    int value = 0;
    return functions.device_attribute(&value, which, found.number) == 0 ? value : 0;
  };
  found.capability_major = attribute(DeviceAttribute::capability_major);
  found.capability_minor = attribute(DeviceAttribute::capability_minor);
  found.multiprocessors = attribute(DeviceAttribute::multiprocessors);
  found.threads_per_block = attribute(DeviceAttribute::maximum_threads_per_block);
  found.threads_per_multiprocessor = attribute(DeviceAttribute::maximum_threads_per_multiprocessor);
  found.warp_size = attribute(DeviceAttribute::warp_size);
  found.shared_bytes_per_block = attribute(DeviceAttribute::shared_bytes_per_block_opt_in);
  found.shared_bytes_per_multiprocessor = attribute(DeviceAttribute::shared_bytes_per_multiprocessor);
  found.registers_per_multiprocessor = attribute(DeviceAttribute::registers_per_multiprocessor);
  found.clock_kilohertz = attribute(DeviceAttribute::clock_kilohertz);
  found.memory_clock_kilohertz = attribute(DeviceAttribute::memory_clock_kilohertz);
  found.memory_bus_bits = attribute(DeviceAttribute::memory_bus_bits);
  found.l2_cache_bytes = attribute(DeviceAttribute::l2_cache_bytes);
  found.has_virtual_memory =
      driver.has_virtual_memory() && attribute(DeviceAttribute::virtual_memory_management) != 0;
  found.has_memory_pools = driver.has_ordered_allocation() && attribute(DeviceAttribute::memory_pools) != 0;
  const int architecture = found.capability_major * 10 + found.capability_minor;
  if (architecture < least_architecture)
    found.refusal = Error{"cuda:architecture-too-old", found.name + " (sm_" + std::to_string(architecture) + ")",
                          "sm_70 (Volta) or newer", "Use a newer GPU, or run on the CPU with device: 'cpu'."};
  // 2 is CU_COMPUTEMODE_PROHIBITED.
  else if (attribute(DeviceAttribute::compute_mode) == 2)
    found.refusal = Error{"cuda:no-permission", found.name + " in the compute mode \"prohibited\"",
                          "a device on which programs may compute",
                          "Allow it with `sudo nvidia-smi -c DEFAULT -i " + found.bus_id + "`."};
  return found;
}

/// Whether another NVRTC may do better: this one does not compile, or makes PTX that is too new for the driver.
bool is_due_to_compiler(const Failure& failure) {
  return failure && (failure->code == "cuda:compilation-failed" || failure->code == "cuda:driver-too-old");
}

/// Takes the best compiler whose code computes on the device; where none does, the failure of the best.
void find_compiler(const Driver& driver, const ProbeResult& result, FoundDevice& device) {
  const int architecture = device.capability_major * 10 + device.capability_minor;
  bool is_first = true;
  for (int candidate : rank_compilers(result.compilers, result.driver_version, architecture)) {
    const Nvrtc& nvrtc = *result.compilers[static_cast<std::size_t>(candidate)].nvrtc;
    const Proof proof = prove(driver, device.number, nvrtc, architecture_option(architecture, nvrtc.version()));
    const bool is_other_to_try = is_due_to_compiler(proof.failure);
    if (is_first || !is_other_to_try) {
      device.compiler = candidate;
      device.proof_ok = proof.ok;
      device.proof_detail = proof.detail;
      device.refusal = proof.failure;
    }
    if (!is_other_to_try) return;
    is_first = false;
  }
}

void find_peers(const Driver& driver, std::vector<FoundDevice>& devices) {
  for (FoundDevice& from : devices)
    for (const FoundDevice& to : devices) {
      int can = 0;
      if (from.number != to.number && driver.functions().can_access_peer(&can, from.number, to.number) == 0 && can != 0)
        from.peers.push_back(to.number);
    }
}

}  // namespace

std::vector<int> rank_compilers(const std::vector<FoundCompiler>& compilers, int driver_version, int architecture) {
  std::vector<int> ranked;
  for (std::size_t i = 0; i < compilers.size(); i++) {
    if (!compilers[i].nvrtc) continue;
    const std::vector<int>& known = compilers[i].nvrtc->architectures();
    if (std::find(known.begin(), known.end(), architecture) != known.end()) ranked.push_back(static_cast<int>(i));
  }
  auto version_of = [&](int i) { return compilers[static_cast<std::size_t>(i)].nvrtc->version(); };
  std::stable_sort(ranked.begin(), ranked.end(), [&](int a, int b) {
    const bool is_accepted = version_of(a) <= driver_version;
    if (is_accepted != (version_of(b) <= driver_version)) return is_accepted;
    // Of those that are too new the oldest has the best chance.
    return is_accepted ? version_of(a) > version_of(b) : version_of(a) < version_of(b);
  });
  return ranked;
}

std::string architecture_option(int architecture, int compiler_version) {
  // Since which NVRTC the form with an `a` is there: 12.0 for 9.0, 12.7 and 12.8 for Blackwell.
  const bool has_own = architecture >= 90 && compiler_version >= (architecture >= 100 ? 12080 : 12000);
  return "--gpu-architecture=compute_" + std::to_string(architecture) + (has_own ? "a" : "");
}

std::vector<FoundProductLibrary> find_product_library(const std::vector<std::string>& paths, int driver_version) {
  std::vector<FoundProductLibrary> found;
  for (const std::string& path : paths) {
    const auto library = CublasLt::load(path);
    if (!library) {
      found.push_back({path, "", library.error().found});
      continue;
    }
    const std::string version = library.value()->version_text();
    const bool is_newer = library.value()->major_version() > driver_version / 1000;
    const std::string failure = path + ", which is cuBLASLt " + version + ", for a driver newer than CUDA " +
                                version_text(driver_version);
    found.push_back({path, version, is_newer ? failure : ""});
    if (!is_newer) break;
  }
  return found;
}

ProbeResult probe(const std::vector<std::string>& compiler_paths,
                  const std::vector<std::string>& product_library_paths) {
  ProbeResult result;
  const auto& driver = Driver::get();
  if (!driver) {
    result.refusal = driver.error();
    return result;
  }
  result.driver_version = driver.value()->version();
  for (const std::string& path : compiler_paths) {
    auto nvrtc = Nvrtc::load(path);
    result.compilers.push_back({path, nvrtc ? nvrtc.value() : nullptr, nvrtc ? "" : nvrtc.error().found});
  }
  result.product_libraries = find_product_library(product_library_paths, result.driver_version);
  for (int ordinal = 0; ordinal < driver.value()->device_count(); ordinal++)
    result.devices.push_back(describe_device(*driver.value(), ordinal));
  find_peers(*driver.value(), result.devices);
  for (FoundDevice& device : result.devices)
    if (!device.refusal) find_compiler(*driver.value(), result, device);
  return result;
}

}  // namespace halyard::cuda
