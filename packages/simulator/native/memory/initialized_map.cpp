#include "initialized_map.h"

#include <algorithm>
#include <bit>
#include <new>

#include "host_pages.h"

namespace halyard::simulator {

InitializedMap::InitializedMap(std::uint64_t bytes) : mapped_bytes_((bytes / 64 + 2) * 8) {
  void* memory = take_host_pages(mapped_bytes_);
  if (memory == nullptr) throw std::bad_alloc();
  words_ = static_cast<std::uint64_t*>(memory);
}

InitializedMap::~InitializedMap() { give_host_pages(words_, mapped_bytes_); }

namespace {

/// Calls `visit(word, mask)` for the words of a range of bits.
template <class Visit>
void each_word(std::uint64_t offset, std::uint64_t bytes, Visit visit) {
  while (bytes > 0) {
    const std::uint64_t in_word = std::min<std::uint64_t>(bytes, 64 - (offset & 63));
    const std::uint64_t mask = (in_word == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << in_word) - 1) << (offset & 63);
    if (!visit(offset >> 6, mask)) return;
    offset += in_word;
    bytes -= in_word;
  }
}

}  // namespace

void InitializedMap::mark(std::uint64_t offset, std::uint64_t bytes) {
  each_word(offset, bytes, [&](std::uint64_t word, std::uint64_t mask) {
    if ((load(word) & mask) != mask) set(word, mask);
    return true;
  });
}

void InitializedMap::clear(std::uint64_t offset, std::uint64_t bytes) {
  each_word(offset, bytes, [&](std::uint64_t word, std::uint64_t mask) {
    if (load(word) & mask) std::atomic_ref<std::uint64_t>(words_[word]).fetch_and(~mask, std::memory_order_relaxed);
    return true;
  });
}

bool InitializedMap::all(std::uint64_t offset, std::uint64_t bytes) const {
  bool result = true;
  each_word(offset, bytes,
            [&](std::uint64_t word, std::uint64_t mask) { return result = (load(word) & mask) == mask; });
  return result;
}

std::uint64_t InitializedMap::missing(std::uint64_t offset, std::uint64_t bytes) const {
  std::uint64_t count = 0;
  each_word(offset, bytes, [&](std::uint64_t word, std::uint64_t mask) {
    count += std::popcount(~load(word) & mask);
    return true;
  });
  return count;
}

void InitializedMap::copy(std::uint64_t offset, const InitializedMap& from, std::uint64_t from_offset,
                          std::uint64_t bytes) {
  if (from.all(from_offset, bytes)) return mark(offset, bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) from.bit(from_offset + i) ? mark(offset + i, 1) : clear(offset + i, 1);
}

std::uint64_t InitializedMap::next(std::uint64_t offset, bool value, std::uint64_t limit) const {
  while (offset < limit) {
    const std::uint64_t word = (value ? load(offset >> 6) : ~load(offset >> 6)) >> (offset & 63);
    if (word) return std::min<std::uint64_t>(offset + std::countr_zero(word), limit);
    offset = (offset | 63) + 1;
  }
  return limit;
}

}  // namespace halyard::simulator
