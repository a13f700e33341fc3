#include "thread_pool.h"

#include "halyard/spin.h"

namespace halyard::cpu {
namespace {

constexpr int spins_within_a_run = 2000;
constexpr std::int64_t yield_nanoseconds = 1'000'000;

/// Until `value` is no longer `seen`; never sleeps, since a run goes on at once.
void await_next(const std::atomic<std::uint32_t>& value, std::uint32_t seen) {
  for (int spins = 0; spins < spins_within_a_run; spins++) {
    if (value.load(std::memory_order_acquire) != seen) return;
    relax();
  }
  while (value.load(std::memory_order_acquire) == seen) std::this_thread::yield();
}

/// Until `value` is no longer `seen`; sleeps in the end.
void await_run(const std::atomic<std::uint32_t>& value, std::uint32_t seen) {
  const std::int64_t began = now_nanoseconds();
  for (;;) {
    for (int spins = 0; spins < 64; spins++) {
      if (value.load(std::memory_order_acquire) != seen) return;
      relax();
    }
    const std::int64_t waited = now_nanoseconds() - began;
    if (waited > yield_nanoseconds) break;
    std::this_thread::yield();
  }
  while (value.load(std::memory_order_acquire) == seen) value.wait(seen, std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool(int threads)
    : threads_(threads), claims_(new Line<std::uint32_t>[static_cast<std::size_t>(threads)]) {
  unfinished_.value.store(threads, std::memory_order_relaxed);
  for (int thread = 1; thread < threads; thread++) workers_.emplace_back([this, thread] { loop(thread); });
}

ThreadPool::~ThreadPool() {
  closing_.store(true, std::memory_order_release);
  end_.value.fetch_add(1, std::memory_order_release);
  end_.value.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(int phases, const Work& work) {
  if (phases <= 0) return;
  std::lock_guard lock(turn_);
  work_ = &work;
  first_phase_ = end_.value.load(std::memory_order_relaxed);
  end_.value.store(first_phase_ + static_cast<std::uint32_t>(phases), std::memory_order_release);
  if (threads_ > 1) end_.value.notify_all();
  take_part(0);
}

void ThreadPool::loop(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    await_run(end_.value, seen);
    seen = end_.value.load(std::memory_order_acquire);
    if (closing_.load(std::memory_order_acquire)) return;
    take_part(thread);
  }
}

void ThreadPool::take_part(int thread) {
  for (;;) {
    const std::uint32_t phase = phase_.value.load(std::memory_order_acquire);
    if (phase == end_.value.load(std::memory_order_acquire) || closing_.load(std::memory_order_relaxed)) return;
    for (int turn = 0; turn < threads_; turn++) {
      const int part = (thread + turn) % threads_;
      if (!claim(part, phase)) continue;
      (*work_)(static_cast<int>(phase - first_phase_), part);
      finish_part(phase);
    }
    await_next(phase_.value, phase);
  }
}

bool ThreadPool::claim(int part, std::uint32_t phase) {
  std::atomic<std::uint32_t>& next = claims_[static_cast<std::size_t>(part)].value;
  std::uint32_t expected = phase;
  return next.load(std::memory_order_relaxed) == phase &&
         next.compare_exchange_strong(expected, phase + 1, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void ThreadPool::finish_part(std::uint32_t phase) {
  if (unfinished_.value.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  unfinished_.value.store(threads_, std::memory_order_relaxed);
  phase_.value.store(phase + 1, std::memory_order_release);
}

}  // namespace halyard::cpu
