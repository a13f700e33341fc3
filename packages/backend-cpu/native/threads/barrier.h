#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "halyard/spin.h"

namespace halyard::cpu {

/// Where the threads of one run wait for each other: each raises a flag on a cache line of its own, the first collects
/// them and lets all go. Spins for 20 µs, then yields; never sleeps, since a run goes on at once.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads), arrived_(new Flag[static_cast<std::size_t>(threads)]) {}

  void wait(int thread) {
    if (threads_ == 1) return;
    const std::uint32_t epoch = arrived_[thread].value.load(std::memory_order_relaxed) + 1;
    arrived_[thread].value.store(epoch, std::memory_order_release);
    if (thread == 0) {
      for (int other = 1; other < threads_; other++) wait_for(arrived_[other].value, epoch);
      released_.value.store(epoch, std::memory_order_release);
    } else {
      wait_for(released_.value, epoch);
    }
  }

 private:
  struct alignas(64) Flag {
    std::atomic<std::uint32_t> value{0};
  };

  static void wait_for(const std::atomic<std::uint32_t>& flag, std::uint32_t epoch) {
    for (int spins = 0; spins < 2000; spins++) {
      if (flag.load(std::memory_order_acquire) == epoch) return;
      relax();
    }
    while (flag.load(std::memory_order_acquire) != epoch) std::this_thread::yield();
  }

  int threads_;
  std::unique_ptr<Flag[]> arrived_;
  Flag released_;
};

}  // namespace halyard::cpu
