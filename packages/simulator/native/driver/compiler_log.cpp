#include "compiler_log.h"

#include <algorithm>
#include <cstring>

#include "state.h"

namespace halyard::simulator {

CompilerLog::CompilerLog(unsigned count, const CUjit_option* options, void** values) {
  require(count == 0 || (options && values));
  for (unsigned i = 0; i < count; ++i) {
    const auto number = reinterpret_cast<std::uintptr_t>(values[i]) & 0xffffffffu;
    switch (options[i]) {
      case CU_JIT_INFO_LOG_BUFFER: info = static_cast<char*>(values[i]); break;
      case CU_JIT_ERROR_LOG_BUFFER: error = static_cast<char*>(values[i]); break;
      case CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES:
        info_bytes = number;
        info_size_place = &values[i];
        break;
      case CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES:
        error_bytes = number;
        error_size_place = &values[i];
        break;
      case CU_JIT_WALL_TIME: {
        const float none = 0;
        std::memcpy(&values[i], &none, sizeof none);
        break;
      }
      default: require(static_cast<int>(options[i]) >= 0 && options[i] < CU_JIT_NUM_OPTIONS);
    }
  }
  write("", false);
  write("", true);
}

/// The place of a size says afterwards how much was written.
void CompilerLog::write(const std::string& text, bool is_error) {
  char* to = is_error ? error : info;
  const std::uintptr_t room = is_error ? error_bytes : info_bytes;
  void** size_place = is_error ? error_size_place : info_size_place;
  std::uintptr_t written = 0;
  if (to && room > 0) {
    written = std::min<std::uintptr_t>(text.size(), room - 1);
    std::memcpy(to, text.data(), written);
    to[written] = '\0';
  }
  if (size_place) *size_place = reinterpret_cast<void*>(written);
}

}  // namespace halyard::simulator
