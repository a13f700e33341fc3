#pragma once

#include <cstdint>
#include <vector>

namespace halyard::simulator {

/// Registers of a warp that asynchronous matrix products still write, by their places in the frame.
class ProductRegisters {
 public:
  void reset(std::uint32_t frame_bytes) {
    groups_.assign(frame_bytes / register_bytes + 1, none);
    in_flight_.clear();
    is_fenced = false;
  }
  bool is_in_flight(std::uint32_t place) const { return groups_[place / register_bytes] != none; }
  void begin(std::uint32_t place, std::uint32_t group) { set(place, group + 1); }
  /// A plain move is no use: compilers rename registers by them.
  void move(std::uint32_t to, std::uint32_t from) { set(to, groups_[from / register_bytes]); }
  void forget(std::uint32_t place) { groups_[place / register_bytes] = none; }
  /// Groups before `group` have ended.
  void finish(std::uint32_t group) {
    std::erase_if(in_flight_, [&](std::uint32_t place) {
      std::uint32_t& mine = groups_[place / register_bytes];
      if (mine != none && mine > group) return false;
      mine = none;
      return true;
    });
  }

  bool is_fenced = false;  ///< wgmma.fence has ordered the registers before the next product

 private:
  static constexpr std::uint32_t register_bytes = 128, none = 0;

  void set(std::uint32_t place, std::uint32_t group) {
    std::uint32_t& mine = groups_[place / register_bytes];
    if (mine == none && group != none) in_flight_.push_back(place);
    mine = group;
  }

  std::vector<std::uint32_t> groups_;     // + 1
  std::vector<std::uint32_t> in_flight_;  // places
};

}  // namespace halyard::simulator
