#pragma once

#include <cstdint>
#include <string>

#include "api/declarations.h"

namespace halyard::simulator {

/// What a program asked of the compiler that is in the driver: where its words go.
struct CompilerLog {
  char* info = nullptr;
  char* error = nullptr;
  std::uintptr_t info_bytes = 0;
  std::uintptr_t error_bytes = 0;
  void** info_size_place = nullptr;
  void** error_size_place = nullptr;

  CompilerLog(unsigned count, const CUjit_option* options, void** values);
  void write(const std::string& text, bool is_error);
};

}  // namespace halyard::simulator
