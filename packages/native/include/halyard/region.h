#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "halyard/error.h"

namespace halyard {

/// Memory that a backend gave out. Lives until the last command, binding or JavaScript view lets go of it.
class Region {
 public:
  explicit Region(std::int64_t bytes) : bytes_(bytes) {}
  virtual ~Region() = default;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  /// Grows or shrinks in place; false where that cannot be done, and then nothing has changed. Nothing that is in flight
  /// may touch what is cut off.
  virtual bool resize(std::int64_t) { return false; }
  /// The memory itself where the host can reach it, else null.
  virtual std::byte* data() const { return nullptr; }
  virtual bool writable() const { return true; }
  /// Whether what it is backed by is still sound (a mapped file may have been cut short).
  virtual Failure health() const { return std::nullopt; }

  /// What a failed run wrote is poisoned until it is written anew.
  void poison(std::int64_t begin, std::int64_t end);
  void cleanse(std::int64_t begin, std::int64_t end);
  bool is_poisoned(std::int64_t begin, std::int64_t end) const;

 protected:
  void set_bytes(std::int64_t bytes) { bytes_.store(bytes, std::memory_order_relaxed); }

 private:
  struct Stretch {
    std::int64_t begin;
    std::int64_t end;
  };

  std::atomic<std::int64_t> bytes_;
  std::atomic<bool> any_poison_{false};
  mutable std::mutex mutex_;
  std::vector<Stretch> poisoned_;
};

/// A part of a region.
struct Span {
  std::shared_ptr<Region> region;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;

  std::byte* data() const { return region->data() + offset; }
  bool inside() const { return region && offset >= 0 && bytes >= 0 && bytes <= region->bytes() - offset; }
};

}  // namespace halyard
