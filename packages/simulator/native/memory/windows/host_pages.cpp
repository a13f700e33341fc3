#include "../host_pages.h"

#include <windows.h>

namespace halyard::simulator {

void* take_host_pages(std::uint64_t bytes) {
  return VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void give_host_pages(void* pages, std::uint64_t) { VirtualFree(pages, 0, MEM_RELEASE); }

}  // namespace halyard::simulator
