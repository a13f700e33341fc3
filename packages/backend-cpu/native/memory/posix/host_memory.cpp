#include "../host_memory.h"

#include <sys/mman.h>

namespace halyard::cpu {
namespace {

/// From here on huge pages save more than they waste.
constexpr std::int64_t huge_from_bytes = 4 << 20;

std::size_t page_rounded(std::int64_t bytes) {
  constexpr std::int64_t page = 4096;
  return static_cast<std::size_t>(bytes < page ? page : (bytes + page - 1) / page * page);
}

}  // namespace

std::shared_ptr<AnonymousRegion> AnonymousRegion::reserve(std::int64_t bytes) {
  if (bytes < 0) return nullptr;
  void* start = mmap(nullptr, page_rounded(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
#ifdef MADV_HUGEPAGE
  if (bytes >= huge_from_bytes) madvise(start, page_rounded(bytes), MADV_HUGEPAGE);
#endif
  return std::shared_ptr<AnonymousRegion>(new AnonymousRegion(bytes, static_cast<std::byte*>(start)));
}

AnonymousRegion::~AnonymousRegion() { munmap(data_, page_rounded(bytes())); }

}  // namespace halyard::cpu
