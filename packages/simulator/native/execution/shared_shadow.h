#pragma once

#include <cstdint>
#include <vector>

#include "warp.h"

namespace halyard::simulator {

/// What the shadow has to say about an access.
enum class SharedFault : std::uint8_t {
  none,
  uninitialized,
  pending_copy,
  write_after_write,
  read_after_write,
  write_after_read,
  unfenced,        ///< an asynchronous read of what was written through the generic proxy, with no fence between
  read_in_flight,  ///< a write over what an asynchronous operation still reads
};

/// Two tags per byte of shared memory: who wrote it last, who read it last, and when, as (clock of the warp, warp).
/// An access is ordered behind another warp's if that warp's clock then has been seen by this one since, through a
/// barrier or an mbarrier (vector clocks per warp, as FastTrack has them per thread; warps of a block run in step with
/// themselves, so that accesses of one warp are never taken for racing). What a bulk copy wrote has a tag of its own
/// kind: the warp that first waited for it, and how many it had waited for.
class SharedShadow {
 public:
  using Tag = std::uint16_t;
  static constexpr std::uint32_t warp_bits = 7;    // 32 warps, the same atomically, and the two below
  static constexpr std::uint32_t atomically = 32;  // added to the warp
  static constexpr std::uint32_t several_atomically = 64;
  static constexpr std::uint32_t several = 127;
  static constexpr std::uint32_t last_clock = 254;
  static constexpr Tag landed = 0x8000;  // added to the clock and warp of a copy
  static constexpr std::uint32_t landed_warp_bits = 5;
  static constexpr std::uint32_t last_landing_clock = 1022;
  static constexpr Tag pending = 0xffff;  // an asynchronous copy fills it

  void reset(std::uint32_t bytes);
  static Tag tag(std::uint32_t clock, std::uint32_t warp) { return static_cast<Tag>(clock << warp_bits | warp); }

  /// An access of `bytes` from `offset` by one lane or by a whole warp.
  SharedFault read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other);
  SharedFault write(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other);
  SharedFault atomic(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other);
  /// The bytes belong to a copy; until `finish_copy` nobody may read them.
  SharedFault begin_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other);
  void finish_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes);
  /// Ends a bulk copy that the warp has waited for.
  void land_copy(const Warp& warp, std::uint32_t offset, std::uint32_t bytes);
  /// Whether the warp may read, or use an mbarrier: like `read`, but leaves no trace.
  SharedFault check(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, std::uint32_t& other) const;
  /// Whether an asynchronous operation that the warp starts may read.
  SharedFault check_asynchronous(const Warp& warp, std::uint32_t offset, std::uint32_t bytes,
                                 std::uint32_t& other) const;
  Tag writer(std::uint32_t offset) const { return writers_[offset]; }
  bool all_are(std::uint32_t offset, std::uint32_t bytes, Tag writer) const {
    const Tag* writers = writers_.data() + offset;
    std::uint32_t different = 0;
    for (std::uint32_t i = 0; i < bytes; ++i) different |= static_cast<std::uint32_t>(writers[i] ^ writer);
    return different == 0;
  }
  /// A read by a whole warpgroup has ended, which this warp was the first to wait for.
  void land_read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes);
  /// Such a read has ended, as the warp knows.
  void mark_read(const Warp& warp, std::uint32_t offset, std::uint32_t bytes);
  /// Written by nobody in particular and seen by everyone.
  void settle(std::uint32_t offset, std::uint32_t bytes);
  /// The warp that a fault's `other` means, or -1.
  static int warp_of(std::uint32_t other) {
    if (other & landed) return static_cast<int>(other & ((1u << landed_warp_bits) - 1));
    return other < several_atomically ? static_cast<int>(other % atomically) : -1;
  }
  /// All clocks start again; what was written stays initialized.
  void restart_clocks();

 private:
  static std::uint32_t culprit(Tag tag) { return tag & landed ? tag : tag & ((1u << warp_bits) - 1); }
  bool is_ordered(const Warp& warp, Tag tag) const;
  SharedFault check_written(const Warp& warp, Tag tag, SharedFault fault, std::uint32_t& other) const;
  SharedFault check_all_written(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, SharedFault fault,
                                std::uint32_t& other) const;

  std::vector<Tag> writers_, readers_;
};

}  // namespace halyard::simulator
