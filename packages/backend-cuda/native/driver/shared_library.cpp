#include "shared_library.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace halyard::cuda {
namespace {

Error not_loaded(std::string found) {
  return {"cuda:library-missing", std::move(found), "a library that loads", "Install it, or have the loader find it."};
}

}  // namespace

#ifdef _WIN32
Result<SharedLibrary> SharedLibrary::open(const std::string& name) {
  const bool is_path = name.find_first_of("/\\") != std::string::npos;
  void* handle = LoadLibraryExA(name.c_str(), nullptr,
                                is_path ? LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS : 0);
  if (handle == nullptr) return not_loaded(name + ": error " + std::to_string(GetLastError()));
  return SharedLibrary(handle);
}
void* SharedLibrary::symbol(const char* name) const {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name));
}
#else
Result<SharedLibrary> SharedLibrary::open(const std::string& name) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* text = dlerror();
    return not_loaded(text != nullptr ? text : name);
  }
  return SharedLibrary(handle);
}
void* SharedLibrary::symbol(const char* name) const { return dlsym(handle_, name); }
#endif

}  // namespace halyard::cuda
