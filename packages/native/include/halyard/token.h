#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "halyard/error.h"

namespace halyard {

/// A point in a queue's order: pending, then done or failed, once.
class Token {
 public:
  bool done() const { return state_.load(std::memory_order_acquire) != pending; }
  /// Set once done, if the work or anything it waited for failed.
  const Error* error() const { return state_.load(std::memory_order_acquire) == failed ? &*failure_ : nullptr; }
  std::int64_t nanoseconds() const { return done() ? nanoseconds_ : 0; }

  /// Blocks the calling thread.
  void wait() const {
    while (!done()) state_.wait(pending, std::memory_order_acquire);
  }

  /// Calls `listener` once done: on this thread if that is so already, else on the thread that completes it.
  void on_done(std::function<void()> listener) {
    {
      std::lock_guard lock(mutex_);
      if (!done()) {
        listeners_.push_back(std::move(listener));
        return;
      }
    }
    listener();
  }

  void complete(Failure failure, std::int64_t nanoseconds) {
    std::vector<std::function<void()>> listeners;
    {
      std::lock_guard lock(mutex_);
      nanoseconds_ = nanoseconds;
      failure_ = std::move(failure);
      state_.store(failure_ ? failed : succeeded, std::memory_order_release);
      listeners.swap(listeners_);
    }
    state_.notify_all();
    for (auto& listener : listeners) listener();
  }

 private:
  static constexpr int pending = 0;
  static constexpr int succeeded = 1;
  static constexpr int failed = 2;

  std::atomic<int> state_{pending};
  std::mutex mutex_;
  Failure failure_;
  std::int64_t nanoseconds_ = 0;
  std::vector<std::function<void()>> listeners_;
};

using TokenPointer = std::shared_ptr<Token>;

}  // namespace halyard
