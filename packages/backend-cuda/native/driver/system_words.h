#pragma once

namespace halyard::cuda::system_words {

/// What each system calls otherwise, for the refusals.
#ifdef _WIN32
inline constexpr const char* driver_library = "nvcuda.dll";
inline constexpr const char* install_driver = "Install the NVIDIA driver (https://www.nvidia.com/drivers).";
inline constexpr const char* permitted_user = "a user that may use the GPU";
inline constexpr const char* permit_user = "Run this as a user whom the machine's administrator lets use the GPU.";
inline constexpr const char* mend_driver =
    "Check the driver with `nvidia-smi` and the event log for entries of nvlddmkm; reinstall it if it is broken.";
inline constexpr const char* after_loss =
    "Create a new context; if it happens again, look into the event log for entries of nvlddmkm.";
inline constexpr const char* install_ptx_compiler =
    "Install the driver's PTX compiler (nvptxJITCompiler64.dll) and unset CUDA_DISABLE_PTX_JIT.";
#else
inline constexpr const char* driver_library = "libcuda.so.1";
inline constexpr const char* install_driver =
    "Install the NVIDIA driver (https://www.nvidia.com/drivers); in a container pass the GPU through, for example "
    "with \"docker run --gpus all\".";
inline constexpr const char* permitted_user = "a user that may open /dev/nvidia*";
inline constexpr const char* permit_user =
    "Give the user access to the files /dev/nvidia* (for example `sudo usermod -aG video $USER`), or run the container "
    "with the GPU passed through.";
inline constexpr const char* mend_driver =
    "Check the driver with `nvidia-smi` and the system's log for NVRM messages; reinstall it if it is broken.";
inline constexpr const char* after_loss =
    "Create a new context; if it happens again, look into the system's log for NVRM messages (dmesg).";
inline constexpr const char* install_ptx_compiler =
    "Install the driver's PTX compiler (libnvidia-ptxjitcompiler.so.1) and unset CUDA_DISABLE_PTX_JIT.";
#endif

}  // namespace halyard::cuda::system_words
