#include "../host_memory.h"

#include <windows.h>

namespace halyard::cpu {

std::shared_ptr<AnonymousRegion> AnonymousRegion::reserve(std::int64_t bytes) {
  if (bytes < 0) return nullptr;
  // Huge pages want a privilege that users do not have.
  void* start = VirtualAlloc(nullptr, static_cast<SIZE_T>(bytes > 0 ? bytes : 1), MEM_RESERVE | MEM_COMMIT,
                             PAGE_READWRITE);
  if (start == nullptr) return nullptr;
  return std::shared_ptr<AnonymousRegion>(new AnonymousRegion(bytes, static_cast<std::byte*>(start)));
}

AnonymousRegion::~AnonymousRegion() { VirtualFree(data_, 0, MEM_RELEASE); }

}  // namespace halyard::cpu
