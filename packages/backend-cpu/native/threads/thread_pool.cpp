#include "thread_pool.h"

namespace halyard::cpu {
namespace {

constexpr std::int64_t spin_nanoseconds = 20'000;
constexpr std::int64_t yield_nanoseconds = 1'000'000;

/// Until `epoch` is no longer `seen`.
void await_change(const std::atomic<std::uint32_t>& epoch, std::uint32_t seen) {
  const std::int64_t began = now_nanoseconds();
  for (;;) {
    for (int spins = 0; spins < 64; spins++) {
      if (epoch.load(std::memory_order_acquire) != seen) return;
      relax();
    }
    const std::int64_t waited = now_nanoseconds() - began;
    if (waited > yield_nanoseconds) break;
    if (waited > spin_nanoseconds) std::this_thread::yield();
  }
  while (epoch.load(std::memory_order_acquire) == seen) epoch.wait(seen, std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(threads), barrier_(threads) {
  for (int thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { loop(thread); });
}

ThreadPool::~ThreadPool() {
  closing_.store(true, std::memory_order_release);
  epoch_.fetch_add(1, std::memory_order_release);
  epoch_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(const std::function<void(int, Barrier&)>& work) {
  std::lock_guard lock(turn_);
  work_ = &work;
  epoch_.fetch_add(1, std::memory_order_release);
  if (threads_ > 1) epoch_.notify_all();
  work(0, barrier_);
  barrier_.wait(0);
}

void ThreadPool::loop(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    await_change(epoch_, seen);
    seen++;
    if (closing_.load(std::memory_order_acquire)) return;
    (*work_)(thread, barrier_);
    barrier_.wait(thread);
  }
}

}  // namespace halyard::cpu
