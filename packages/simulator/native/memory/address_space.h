#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "initialized_map.h"
#include "physical_memory.h"

namespace halyard::simulator {

/// What became of an operation on memory.
enum class MemoryStatus : std::uint8_t {
  ok,
  out_of_memory,       ///< more than the device has
  out_of_addresses,    ///< no room in the address space, or not where it was asked for
  invalid_address,     ///< nothing is there, or not in that way
  use_after_free,      ///< it was freed
};

const char* name_of(MemoryStatus status);

/// Bytes of device memory that lie together and are alive: what a launch sees of an address space.
struct MemoryRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::byte* host = nullptr;                ///< of `begin`
  InitializedMap* initialized = nullptr;    ///< null: all of it counts as initialized (host memory)
  std::uint64_t initialized_offset = 0;     ///< of `begin` in the map
  bool is_constant = false;
};

/// Memory of another device, which the one that looks was not let into.
struct ClosedRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  int device = 0;
};

/// All live ranges by address, immutable. Holds what it points to.
struct MemorySnapshot {
  std::vector<MemoryRange> ranges;
  std::vector<ClosedRange> closed;
  std::vector<std::shared_ptr<void>> owners;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> freed;  ///< [begin, end) of what was freed and not used again

  /// The range that `address` lies in, or null.
  const MemoryRange* find(std::uint64_t address) const;
  bool was_freed(std::uint64_t address) const;
  /// The closed range that `address` lies in, or null.
  const ClosedRange* find_closed(std::uint64_t address) const;
};

/// The addresses of one device: allocations, reservations with physical memory mapped into them, host memory that the
/// device sees, and which of the bytes were ever written. Safe to use from several threads; two threads that touch the
/// same bytes at once get what they deserve.
class AddressSpace {
 public:
  /// `capacity`: bytes of memory that allocations and physical memory may use together.
  explicit AddressSpace(std::uint64_t capacity);
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  std::uint64_t capacity() const { return capacity_; }
  /// Bytes taken, in multiples of 512 as the driver takes them.
  std::uint64_t used() const;

  /// Uninitialized memory of exactly `bytes` (> 0) at a multiple of `alignment` (a power of two).
  MemoryStatus allocate(std::uint64_t bytes, std::uint64_t& address, std::uint64_t alignment = 256,
                        bool is_constant = false);
  MemoryStatus free(std::uint64_t address);
  /// The allocation, mapping or reservation around an address.
  MemoryStatus find(std::uint64_t address, std::uint64_t& begin, std::uint64_t& bytes) const;

  /// Addresses only. `fixed` != 0 asks for that very place.
  MemoryStatus reserve(std::uint64_t bytes, std::uint64_t alignment, std::uint64_t fixed, std::uint64_t& address);
  MemoryStatus release(std::uint64_t address, std::uint64_t bytes);
  /// An allocation at the start of a reservation, of all of it, until it is freed; the reservation stays.
  MemoryStatus allocate_reserved(std::uint64_t address);
  /// Counts against the capacity until the last owner lets go. Null when out of memory.
  std::shared_ptr<PhysicalMemory> create_physical(std::uint64_t bytes);
  /// Puts physical memory (the same may be at several places) into a reservation.
  MemoryStatus map(std::uint64_t address, std::uint64_t bytes, std::shared_ptr<PhysicalMemory> memory,
                   std::uint64_t offset);
  /// Takes away whole mappings that lie in the range.
  MemoryStatus unmap(std::uint64_t address, std::uint64_t bytes);
  /// Host memory that the device sees at the host's own address; the caller keeps it alive until `unmap_host`.
  MemoryStatus map_host(void* memory, std::uint64_t bytes);
  MemoryStatus unmap_host(void* memory);

  /// Copies between host and device. Nothing is written if any byte is invalid.
  MemoryStatus write(std::uint64_t address, const void* source, std::uint64_t bytes);
  MemoryStatus read(std::uint64_t address, void* destination, std::uint64_t bytes) const;
  /// `value` repeated every `width` (1, 2 or 4) bytes.
  MemoryStatus fill(std::uint64_t address, std::uint32_t value, std::uint32_t width, std::uint64_t bytes);
  /// Within this space or from another; what was uninitialized stays so.
  MemoryStatus copy(std::uint64_t destination, const AddressSpace& from, std::uint64_t source, std::uint64_t bytes);
  /// Whether all bytes are alive.
  MemoryStatus check(std::uint64_t address, std::uint64_t bytes) const;
  /// How many of the bytes were never written; 0 where they are not alive.
  std::uint64_t uninitialized(std::uint64_t address, std::uint64_t bytes) const;

  /// What a launch works on. Cheap when nothing changed.
  std::shared_ptr<const MemorySnapshot> snapshot() const;

 private:
  struct Mapping {
    std::uint64_t bytes = 0;
    std::shared_ptr<PhysicalMemory> memory;  ///< null: host memory
    std::uint64_t offset = 0;
    std::byte* host = nullptr;
    bool is_allocation = false;
    bool is_constant = false;
  };
  struct Piece {
    std::byte* host;
    std::uint64_t bytes;
    InitializedMap* initialized;
    std::uint64_t initialized_offset;
  };

  std::uint64_t find_room(std::uint64_t bytes, std::uint64_t alignment) const;
  bool is_free(std::uint64_t address, std::uint64_t bytes) const;
  MemoryStatus pieces(std::uint64_t address, std::uint64_t bytes, std::vector<Piece>& out) const;
  void changed() { snapshot_.reset(); }
  void forget_freed(std::uint64_t begin, std::uint64_t end);

  std::uint64_t capacity_;
  std::shared_ptr<MemoryBudget> budget_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Mapping> mappings_;
  std::map<std::uint64_t, std::uint64_t> reservations_;  ///< address → bytes
  std::map<std::uint64_t, std::uint64_t> freed_;         ///< begin → end
  mutable std::shared_ptr<const MemorySnapshot> snapshot_;
  std::uint64_t next_;  ///< addresses go up until they run out, so that what was freed stays recognizable
};

}  // namespace halyard::simulator
