#include "nvrtc.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "halyard/path_text.h"

namespace halyard::cuda {
namespace {

/// 11.8, the oldest that knows sm_89 and sm_90.
constexpr int least_version = 11080;

Error missing(std::string found) {
  return {"cuda:nvrtc-missing", std::move(found), "NVRTC 11.8 or newer, whole",
          "Install it, for example with `pip install nvidia-cuda-nvrtc`, or name its file in HALYARD_NVRTC."};
}

/// NVRTC loads its built-in functions by their bare name when it first compiles; those beside it are loaded before, so
/// that its folder need not be on the loader's path.
void load_built_ins(const std::string& path) {
  const std::filesystem::path folder = to_path(path).parent_path();
  if (folder.empty()) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = to_text(entry.path().filename());
    if (name.rfind("libnvrtc-builtins", 0) == 0 || name.rfind("nvrtc-builtins", 0) == 0)
      SharedLibrary::open(to_text(entry.path()));
  }
}

}  // namespace

Result<std::shared_ptr<const Nvrtc>> Nvrtc::load(const std::string& path) {
  auto library = SharedLibrary::open(path);
  if (!library) return missing(library.error().found);
  load_built_ins(path);
  auto nvrtc = std::make_shared<Nvrtc>();
  NvrtcFunctions& functions = nvrtc->functions_;
  std::string absent;
#define HALYARD_NVRTC_FIND(member, symbol_name, result, parameters)                                                \
  functions.member = reinterpret_cast<decltype(functions.member)>(library.value().symbol(#symbol_name));            \
  if (functions.member == nullptr) absent += (absent.empty() ? "" : ", ") + std::string(#symbol_name);
  HALYARD_NVRTC_FUNCTIONS(HALYARD_NVRTC_FIND)
#undef HALYARD_NVRTC_FIND
  if (!absent.empty()) return missing(path + " without " + absent);
  int major = 0;
  int minor = 0;
  int count = 0;
  if (functions.version(&major, &minor) != 0 || functions.architecture_count(&count) != 0 || count <= 0)
    return missing(path + ", which does not tell its version");
  nvrtc->version_ = major * 1000 + minor * 10;
  if (nvrtc->version_ < least_version)
    return missing(path + ", which is NVRTC " + std::to_string(major) + "." + std::to_string(minor));
  nvrtc->architectures_.resize(static_cast<std::size_t>(count));
  if (functions.architectures(nvrtc->architectures_.data()) != 0)
    return missing(path + ", which does not tell its architectures");
  std::sort(nvrtc->architectures_.begin(), nvrtc->architectures_.end());
  return std::shared_ptr<const Nvrtc>(std::move(nvrtc));
}

Result<std::string> Nvrtc::compile(const std::string& source, const std::string& name,
                                   const std::vector<std::string>& options) const {
  auto failed = [](std::string found) {
    return Error{"cuda:compilation-failed", std::move(found), "a source that NVRTC compiles",
                 "Report this with the step and the output of halyard doctor --json."};
  };
  NvrtcProgram program = nullptr;
  if (NvrtcStatus status = functions_.create(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr))
    return failed(std::string("nvrtcCreateProgram failed: ") + functions_.error_text(status));
  std::vector<const char*> texts;
  for (const std::string& option : options) texts.push_back(option.c_str());
  const NvrtcStatus status = functions_.compile(program, static_cast<int>(texts.size()), texts.data());
  Result<std::string> result = std::string();
  std::size_t bytes = 0;
  if (status != 0) {
    result = failed(name + ": " + functions_.error_text(status) + "\n" + log_of(program));
  } else if (functions_.ptx_bytes(program, &bytes) != 0 || bytes == 0) {
    result = failed(name + ": NVRTC gave no PTX");
  } else {
    std::string ptx(bytes, '\0');
    if (functions_.ptx(program, ptx.data()) != 0) {
      result = failed(name + ": NVRTC gave no PTX");
    } else {
      ptx.resize(bytes - 1);  // its terminating zero
      result = std::move(ptx);
    }
  }
  functions_.destroy(&program);
  return result;
}

std::string Nvrtc::log_of(NvrtcProgram program) const {
  std::size_t bytes = 0;
  if (functions_.log_bytes(program, &bytes) != 0 || bytes < 2) return {};
  std::string log(bytes, '\0');
  if (functions_.log(program, log.data()) != 0) return {};
  log.resize(bytes - 1);
  return log;
}

}  // namespace halyard::cuda
