#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "barrier.h"

namespace halyard::cpu {

/// Threads that live as long as their device. Who calls `run` is thread 0 of the run. Between runs the others spin for
/// 20 µs, yield for 1 ms, then sleep: an idle device takes no time of any core.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }
  /// Calls `work(thread, barrier)` on every thread and returns when all are done. Callers on different threads take
  /// turns.
  void run(const std::function<void(int thread, Barrier& barrier)>& work);

 private:
  void loop(int thread);

  int threads_;
  Barrier barrier_;
  std::mutex turn_;
  const std::function<void(int, Barrier&)>* work_ = nullptr;
  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<bool> closing_{false};
  std::vector<std::thread> workers_;
};

}  // namespace halyard::cpu
