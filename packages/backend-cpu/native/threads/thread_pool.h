#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace halyard::cpu {

/// Threads that live as long as their device. Who calls `run` is thread 0 of the run. Between runs the others look
/// for work for 1 ms, giving way to whoever wants the core, then sleep: an idle device takes no time of any core.
///
/// A phase has as many parts as there are threads. Thread i takes part i, and then any part that nobody has begun: a
/// thread that the system has put aside holds up nobody, which on a busy machine halves the time of a short phase.
class ThreadPool {
 public:
  using Work = std::function<void(int phase, int part)>;

  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }
  /// Calls `work(phase, part)` once for each part of each phase, a phase only when all of the one before is done, and
  /// returns when everything is. Callers on different threads take turns.
  void run(int phases, const Work& work);

 private:
  /// On a cache line of its own.
  template <typename Value>
  struct alignas(64) Line {
    std::atomic<Value> value{0};
  };

  void loop(int thread);
  void take_part(int thread);
  bool claim(int part, std::uint32_t phase);
  void finish_part(std::uint32_t phase);

  const int threads_;
  std::mutex turn_;
  /// Of the run under way; read only by who has claimed a part of it, which keeps the run from ending.
  const Work* work_ = nullptr;
  std::uint32_t first_phase_ = 0;
  // Phases are counted on from run to run, so that who comes late with an old number claims nothing. They may wrap.
  Line<std::uint32_t> end_;
  Line<std::uint32_t> phase_;
  Line<int> unfinished_;
  /// For each part the phase that is to be claimed next.
  std::unique_ptr<Line<std::uint32_t>[]> claims_;
  std::atomic<bool> closing_{false};
  std::vector<std::thread> workers_;
};

}  // namespace halyard::cpu
