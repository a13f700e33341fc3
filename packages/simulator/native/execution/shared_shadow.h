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
/// kind: the warp that first waited for it, and how many it had waited for. Warps are those of the whole cluster: the
/// more there are, the fewer bits are left for clocks, which then start anew more often.
class SharedShadow {
 public:
  using Tag = std::uint16_t;
  static constexpr Tag landed = 0x8000;   // added to the clock and warp of a copy
  static constexpr Tag pending = 0xffff;  // an asynchronous copy fills it

  /// @param warps that reach this memory
  void reset(std::uint32_t bytes, std::uint32_t warps);
  std::uint32_t last_clock() const { return (1u << (clock_bits - warp_bits_)) - 2; }
  std::uint32_t last_landing_clock() const { return (1u << (clock_bits - landed_warp_bits_)) - 2; }

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
  int warp_of(std::uint32_t other) const {
    if (other & landed) return static_cast<int>(other & ((1u << landed_warp_bits_) - 1));
    return other < several_atomically() ? static_cast<int>(other % atomically()) : -1;
  }
  /// All clocks start again; what was written stays initialized.
  void restart_clocks();

 private:
  static constexpr std::uint32_t clock_bits = 15;  // with those of the warp

  Tag tag(std::uint32_t clock, std::uint32_t warp) const { return static_cast<Tag>(clock << warp_bits_ | warp); }
  Tag landing_tag(const Warp& warp) const;
  std::uint32_t atomically() const { return 1u << landed_warp_bits_; }  // added to the warp
  std::uint32_t several_atomically() const { return 2u << landed_warp_bits_; }
  std::uint32_t several() const { return (1u << warp_bits_) - 1; }
  std::uint32_t warp_in(Tag tag) const { return tag & ((1u << warp_bits_) - 1); }
  std::uint32_t culprit(Tag tag) const { return tag & landed ? tag : warp_in(tag); }
  bool is_ordered(const Warp& warp, Tag tag) const;
  SharedFault check_written(const Warp& warp, Tag tag, SharedFault fault, std::uint32_t& other) const;
  SharedFault check_all_written(const Warp& warp, std::uint32_t offset, std::uint32_t bytes, SharedFault fault,
                                std::uint32_t& other) const;

  std::vector<Tag> writers_, readers_;
  std::uint32_t landed_warp_bits_ = 5;
  std::uint32_t warp_bits_ = 7;  // a warp, the same atomically, and the two that mean several
};

}  // namespace halyard::simulator
