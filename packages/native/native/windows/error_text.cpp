#include "halyard/windows/error_text.h"

#include <windows.h>

#include <filesystem>

#include "halyard/path_text.h"

namespace halyard {

std::string windows_error_text(unsigned long error) {
  wchar_t words[512];
  DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, error, 0, words,
                                static_cast<DWORD>(std::size(words)), nullptr);
  while (length > 0 && words[length - 1] <= L' ') length--;
  const std::string text = to_text(std::wstring(words, length));
  return (text.empty() ? "error" : text) + " (" + std::to_string(error) + ")";
}

}  // namespace halyard
