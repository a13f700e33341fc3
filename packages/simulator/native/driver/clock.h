#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace halyard::simulator {

/// A vector clock: of each lane (a stream, or a branch of a graph) the last operation that is known to have ended.
class Clock {
 public:
  void join(const Clock& other) {
    if (other.epochs_.size() > epochs_.size()) epochs_.resize(other.epochs_.size());
    for (std::size_t i = 0; i < other.epochs_.size(); ++i) epochs_[i] = std::max(epochs_[i], other.epochs_[i]);
  }
  void set(std::size_t lane, std::uint64_t epoch) {
    if (lane >= epochs_.size()) epochs_.resize(lane + 1);
    epochs_[lane] = epoch;
  }
  std::uint64_t of(std::size_t lane) const { return lane < epochs_.size() ? epochs_[lane] : 0; }

 private:
  std::vector<std::uint64_t> epochs_;
};

}  // namespace halyard::simulator
