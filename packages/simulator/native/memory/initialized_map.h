#pragma once

#include <atomic>
#include <cstdint>

namespace halyard::simulator {

/// One bit per byte of some memory: was it ever written? Marking is safe from several threads.
class InitializedMap {
 public:
  explicit InitializedMap(std::uint64_t bytes);
  ~InitializedMap();
  InitializedMap(const InitializedMap&) = delete;
  InitializedMap& operator=(const InitializedMap&) = delete;

  void mark(std::uint64_t offset, std::uint64_t bytes);
  void clear(std::uint64_t offset, std::uint64_t bytes);
  bool all(std::uint64_t offset, std::uint64_t bytes) const;
  std::uint64_t missing(std::uint64_t offset, std::uint64_t bytes) const;
  /// Copies bits of another map.
  void copy(std::uint64_t offset, const InitializedMap& from, std::uint64_t from_offset, std::uint64_t bytes);

  /// The first bit at or after `offset` that is `value`; `limit` if there is none before it.
  std::uint64_t next(std::uint64_t offset, bool value, std::uint64_t limit) const;

  bool bit(std::uint64_t offset) const { return (load(offset >> 6) >> (offset & 63)) & 1; }
  /// `bytes` ≤ 64 that do not cross a multiple of 64.
  bool all_within(std::uint64_t offset, std::uint32_t bytes) const {
    const std::uint64_t mask = mask_of(offset, bytes);
    return (load(offset >> 6) & mask) == mask;
  }
  void mark_within(std::uint64_t offset, std::uint32_t bytes) {
    const std::uint64_t mask = mask_of(offset, bytes);
    if ((load(offset >> 6) & mask) != mask) set(offset >> 6, mask);
  }

 private:
  static std::uint64_t mask_of(std::uint64_t offset, std::uint32_t bytes) {
    return (bytes >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes) - 1) << (offset & 63);
  }
  std::uint64_t load(std::uint64_t word) const {
    return std::atomic_ref<std::uint64_t>(words_[word]).load(std::memory_order_relaxed);
  }
  void set(std::uint64_t word, std::uint64_t mask) {
    std::atomic_ref<std::uint64_t>(words_[word]).fetch_or(mask, std::memory_order_relaxed);
  }

  std::uint64_t* words_ = nullptr;
  std::uint64_t mapped_bytes_ = 0;
};

}  // namespace halyard::simulator
