#include "../shared_library.h"

#include <windows.h>

#include <filesystem>

#include "halyard/path_text.h"
#include "halyard/windows/error_text.h"

namespace halyard::cuda {
namespace {

/// What the library needs itself may lie beside it.
constexpr DWORD beside_it = LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS;

std::wstring variable(const wchar_t* name) {
  std::wstring value(GetEnvironmentVariableW(name, nullptr, 0), L'\0');
  value.resize(GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size())));
  return value;
}

/// In the folders of PATH; empty if it is in none.
std::filesystem::path find_on_path(const std::filesystem::path& name) {
  const std::wstring folders = variable(L"PATH");
  std::wstring found(SearchPathW(folders.c_str(), name.c_str(), nullptr, 0, nullptr, nullptr), L'\0');
  if (!found.empty())
    found.resize(SearchPathW(folders.c_str(), name.c_str(), nullptr, static_cast<DWORD>(found.size()), found.data(),
                             nullptr));
  return found;
}

HMODULE load_file(const std::filesystem::path& file) {
  // The loader wants a path from the root on, with its own separators.
  std::error_code error;
  return LoadLibraryExW(std::filesystem::absolute(file, error).make_preferred().c_str(), nullptr, beside_it);
}

/// As the loader looks for a bare name (the program's folder, the system's, those of PATH), but never in the current
/// folder: whoever can write there would be run.
HMODULE load_name(const std::filesystem::path& name) {
  HMODULE library = LoadLibraryExW(name.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  if (library != nullptr || GetLastError() != ERROR_MOD_NOT_FOUND) return library;
  const std::filesystem::path found = find_on_path(name);
  if (!found.empty()) return load_file(found);
  SetLastError(ERROR_MOD_NOT_FOUND);
  return nullptr;
}

}  // namespace

Result<SharedLibrary> SharedLibrary::open(const std::string& name) {
  const std::filesystem::path path = to_path(name);
  HMODULE library = path.has_parent_path() ? load_file(path) : load_name(path);
  if (library == nullptr) return not_loaded(name + ": " + windows_error_text(GetLastError()));
  return SharedLibrary(library);
}

void* SharedLibrary::symbol(const char* name) const {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}

}  // namespace halyard::cuda
