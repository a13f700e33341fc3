#include "driver.h"

#include "symbol_finder.h"
#include "system_words.h"

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace halyard::cuda {
namespace {

/// Whether the device's files are there and may not be opened: by this user (EACCES), or in this container (EPERM). The
/// driver often says no more of it than that there is no device.
bool is_forbidden() {
#ifdef __linux__
  const int file = open("/dev/nvidiactl", O_RDWR | O_CLOEXEC);
  if (file < 0) return errno == EACCES || errno == EPERM;
  close(file);
#endif
  return false;
}

Error no_permission(std::string found) {
  return {"cuda:no-permission", std::move(found), system_words::permitted_user, system_words::permit_user};
}

Error initialization_failed(const Driver& driver, Status status) {
  std::string found = describe(driver, "cuInit", status);
  if (status == status::not_permitted || (status != status::success && is_forbidden())) return no_permission(found);
  if (status == status::no_device)
    return {"cuda:no-device", std::move(found), "an NVIDIA GPU that this process may see",
            "Check that `nvidia-smi` lists a GPU, and that CUDA_VISIBLE_DEVICES does not hide it."};
  if (status == status::stub_library)
    return {"cuda:library-missing", std::move(found), "the driver itself, and not the toolkit's stub of it",
            "Take the toolkit's stubs folder off LD_LIBRARY_PATH, and install the NVIDIA driver."};
  if (status == status::system_driver_mismatch)
    return {"cuda:driver-failed", std::move(found), "a library of the same version as the kernel module",
            "Restart the machine, which loads the module of the driver that was installed."};
  return {"cuda:driver-failed", std::move(found), "a driver that starts", system_words::mend_driver};
}

}  // namespace

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

const Result<const Driver*>& Driver::get() {
  // Never destroyed: calls may come as late as from the last finalizers.
  static const auto* result = new Result<const Driver*>(load());
  return *result;
}

Result<const Driver*> Driver::load() {
  auto library = SharedLibrary::open(system_words::driver_library);
  if (!library)
    return Error{"cuda:library-missing", library.error().found,
                 std::string("the NVIDIA driver's ") + system_words::driver_library, system_words::install_driver};
  auto* driver = new Driver;
  if (Failure failure = driver->resolve(library.value())) return *failure;
  if (Failure failure = driver->initialize()) return *failure;
  return static_cast<const Driver*>(driver);
}

Failure Driver::resolve(const SharedLibrary& library) {
  std::string missing;
  const SymbolFinder finder(library);
  auto find = [&finder](const char* symbol, const char* older) { return finder.find(symbol, older); };
#define HALYARD_CUDA_REQUIRED(member, symbol, older, parameters)                                    \
  functions_.member = reinterpret_cast<decltype(functions_.member)>(find(#symbol, #older));         \
  if (functions_.member == nullptr) missing += (missing.empty() ? "" : ", ") + std::string(#symbol);
#define HALYARD_CUDA_OPTIONAL(member, symbol, older, parameters) \
  functions_.member = reinterpret_cast<decltype(functions_.member)>(find(#symbol, #older));
  HALYARD_CUDA_FUNCTIONS(HALYARD_CUDA_REQUIRED, HALYARD_CUDA_OPTIONAL)
#undef HALYARD_CUDA_REQUIRED
#undef HALYARD_CUDA_OPTIONAL
  // A driver that is too old says so better than by what it lacks.
  if (functions_.driver_version != nullptr && functions_.driver_version(&version_) == status::success &&
      version_ < least_driver_version)
    return Error{"cuda:driver-too-old", "a driver for CUDA " + version_text(version_),
                 "one for CUDA " + version_text(least_driver_version) + " or newer",
                 "Update the NVIDIA driver to version 520 or newer."};
  if (missing.empty()) return std::nullopt;
  return Error{"cuda:symbol-missing", std::string(system_words::driver_library) + " without " + missing,
               "a driver for CUDA " + version_text(least_driver_version) + " or newer, whole",
               "Update or reinstall the NVIDIA driver."};
}

Failure Driver::initialize() {
  if (Status status = functions_.init(0)) return initialization_failed(*this, status);
  if (Status status = functions_.device_count(&device_count_)) return initialization_failed(*this, status);
  if (device_count_ == 0) return initialization_failed(*this, status::no_device);
  return std::nullopt;
}

bool Driver::has_virtual_memory() const {
  return functions_.address_reserve && functions_.address_free && functions_.physical_create &&
         functions_.physical_release && functions_.map && functions_.unmap && functions_.set_access &&
         functions_.granularity;
}

bool Driver::has_ordered_allocation() const { return functions_.allocate_in_order && functions_.free_in_order; }

}  // namespace halyard::cuda
