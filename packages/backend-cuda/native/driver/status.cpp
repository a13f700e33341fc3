#include "status.h"

#include "driver.h"
#include "system_words.h"

namespace halyard::cuda {

bool is_loss(Status status) {
  switch (status) {
    case status::not_initialized:
    case status::deinitialized:
    case status::device_unavailable:
    case status::ecc_uncorrectable:
    case status::nvlink_uncorrectable:
    case status::contained:
    case status::illegal_address:
    case status::launch_timeout:
    case status::context_is_destroyed:
    case status::assertion:
    case status::hardware_stack_error:
    case status::illegal_instruction:
    case status::misaligned_address:
    case status::invalid_address_space:
    case status::invalid_program_counter:
    case status::launch_failed:
    case status::mps_client_terminated:
    case status::unknown:
      return true;
    default:
      return false;
  }
}

std::string describe(const Driver& driver, std::string_view call, Status status) {
  const char* name = nullptr;
  const char* text = nullptr;
  if (driver.functions().get_error_name != nullptr) driver.functions().get_error_name(status, &name);
  if (driver.functions().get_error_string != nullptr) driver.functions().get_error_string(status, &text);
  return std::string(call) + " failed: " + (text != nullptr ? text : "no description") + " (" +
         (name != nullptr ? name : "unknown status") + ", " + std::to_string(status) + ")";
}

Error to_error(const Driver& driver, std::string_view call, Status status) {
  std::string found = describe(driver, call, status);
  if (status == status::out_of_memory)
    return {"out-of-memory", std::move(found), "room on the device",
            "Destroy tensors and graphs that are no longer needed, or choose a device with more memory."};
  if (is_loss(status))
    return {"device-lost", std::move(found), "a device that goes on working",
            system_words::after_loss};
  if (status == status::unsupported_ptx_version)
    return {"cuda:driver-too-old", std::move(found), "a driver that knows the PTX of the NVRTC at hand",
            "Update the NVIDIA driver, or install an NVRTC of the driver's own CUDA version or older and name it in HALYARD_NVRTC."};
  if (status == status::jit_compiler_not_found || status == status::jit_compilation_disabled)
    return {"cuda:no-jit", std::move(found), "a driver that compiles PTX",
            system_words::install_ptx_compiler};
  return {"backend-failed", std::move(found), "a call that succeeds", "Report this with the output of halyard doctor --json."};
}

}  // namespace halyard::cuda
