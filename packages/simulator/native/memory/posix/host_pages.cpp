#include "../host_pages.h"

#include <sys/mman.h>

namespace halyard::simulator {

void* take_host_pages(std::uint64_t bytes) {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
}

void give_host_pages(void* pages, std::uint64_t bytes) { munmap(pages, bytes); }

}  // namespace halyard::simulator
