#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "threads/thread_pool.h"

using halyard::cpu::ThreadPool;

TEST_CASE("every part of a phase is done once, before the next phase begins") {
  for (int threads : {1, 2, 3, 4}) {
    ThreadPool pool(threads);
    std::vector<int> counts(static_cast<std::size_t>(threads));
    for (int round = 0; round < 200; round++) {
      // Even phases count, odd ones look at what all parts counted.
      pool.run(20, [&](int phase, int part) {
        if (phase % 2 == 0) {
          counts[static_cast<std::size_t>(part)]++;
        } else {
          for (int count : counts) CHECK(count == round * 10 + phase / 2 + 1);
        }
      });
    }
    for (int count : counts) CHECK(count == 2000);
  }
}

TEST_CASE("callers on several threads take turns") {
  ThreadPool pool(2);
  int runs = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; caller++)
    callers.emplace_back([&] {
      for (int i = 0; i < 100; i++)
        pool.run(1, [&](int, int part) {
          if (part == 0) runs++;
        });
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(runs == 300);
}

TEST_CASE("runs of other lengths follow each other at once") {
  ThreadPool pool(3);
  std::atomic<long> sum{0};
  long expected = 0;
  for (int round = 0; round < 20'000; round++) {
    const int phases = round % 4;
    expected += 3L * phases;
    pool.run(phases, [&](int, int) { sum.fetch_add(1, std::memory_order_relaxed); });
  }
  CHECK(sum == expected);
}

TEST_CASE("an idle pool takes no time of any core") {
  ThreadPool pool(4);
  pool.run(1, [](int, int) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  CHECK(seconds < 0.03);
}
