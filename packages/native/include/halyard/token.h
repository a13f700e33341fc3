#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "halyard/completion.h"
#include "halyard/error.h"

namespace halyard {

/// A point in a queue's order: pending, then perhaps under way on the device, then done or failed, once.
class Token {
 public:
  bool done() const { return state_.load(std::memory_order_acquire) > under_way; }
  /// Set once done, if the work or anything it waited for failed.
  const Error* error() const { return state_.load(std::memory_order_acquire) == failed ? &*failure_ : nullptr; }
  std::int64_t nanoseconds() const { return done() ? nanoseconds_ : 0; }

  /// Blocks the calling thread.
  void wait() const {
    for (int state = state_.load(std::memory_order_acquire); state <= under_way;
         state = state_.load(std::memory_order_acquire))
      state_.wait(state, std::memory_order_acquire);
  }

  /// Blocks until the device has the work, and gives what to wait for there; null once it is done.
  std::shared_ptr<Completion> wait_until_under_way() const {
    while (state_.load(std::memory_order_acquire) == pending) state_.wait(pending, std::memory_order_acquire);
    std::lock_guard lock(mutex_);
    return completion_;
  }

  /// The device has the work.
  void begin(std::shared_ptr<Completion> completion) {
    {
      std::lock_guard lock(mutex_);
      completion_ = std::move(completion);
      state_.store(under_way, std::memory_order_release);
    }
    state_.notify_all();
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
      completion_.reset();
      state_.store(failure_ ? failed : succeeded, std::memory_order_release);
      listeners.swap(listeners_);
    }
    state_.notify_all();
    for (auto& listener : listeners) listener();
  }

 private:
  static constexpr int pending = 0;
  static constexpr int under_way = 1;
  static constexpr int succeeded = 2;
  static constexpr int failed = 3;

  std::atomic<int> state_{pending};
  mutable std::mutex mutex_;
  std::shared_ptr<Completion> completion_;
  Failure failure_;
  std::int64_t nanoseconds_ = 0;
  std::vector<std::function<void()>> listeners_;
};

using TokenPointer = std::shared_ptr<Token>;

}  // namespace halyard
