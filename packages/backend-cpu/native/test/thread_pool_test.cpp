#include <doctest/doctest.h>

#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "threads/thread_pool.h"

using halyard::cpu::Barrier;
using halyard::cpu::ThreadPool;

TEST_CASE("every thread does its part of every phase before the next one begins") {
  for (int threads : {1, 2, 3, 4}) {
    ThreadPool pool(threads);
    std::vector<int> counts(static_cast<std::size_t>(threads));
    for (int round = 0; round < 200; round++) {
      pool.run([&](int thread, Barrier& barrier) {
        for (int phase = 0; phase < 10; phase++) {
          counts[static_cast<std::size_t>(thread)]++;
          barrier.wait(thread);
          for (int count : counts) CHECK(count == round * 10 + phase + 1);
          barrier.wait(thread);
        }
      });
    }
  }
}

TEST_CASE("callers on several threads take turns") {
  ThreadPool pool(2);
  int runs = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; caller++)
    callers.emplace_back([&] {
      for (int i = 0; i < 100; i++)
        pool.run([&](int thread, Barrier&) {
          if (thread == 0) runs++;
        });
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(runs == 300);
}

TEST_CASE("an idle pool takes no time of any core") {
  ThreadPool pool(4);
  pool.run([](int, Barrier&) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  CHECK(seconds < 0.03);
}
