#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "execution/cpu_backend.h"
#include "halyard/queue.h"

using namespace halyard;

namespace {

Command doing(std::function<Failure(Stream&)> work, std::vector<TokenPointer> after = {}) {
  Command command;
  command.work = std::move(work);
  command.after = std::move(after);
  return command;
}

std::shared_ptr<cpu::CpuBackend> backend() {
  return std::make_shared<cpu::CpuBackend>(cpu::Level::portable, 2);
}

Error broken() { return {"backend-failed", "broken", "whole", "mend"}; }

}  // namespace

TEST_CASE("commands are done in the order in which they were submitted") {
  Queue queue(backend(), QueueKind::compute, std::make_shared<LossNotice>());
  std::vector<int> order;
  TokenPointer last;
  for (int i = 0; i < 1000; i++)
    last = queue.submit(doing([&order, i](Stream&) -> Failure {
      order.push_back(i);
      return std::nullopt;
    }));
  last->wait();
  CHECK(last->error() == nullptr);
  REQUIRE(order.size() == 1000);
  for (int i = 0; i < 1000; i++) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("a command waits for tokens of other queues") {
  auto device = backend();
  Queue first(device, QueueKind::compute, std::make_shared<LossNotice>());
  Queue second(device, QueueKind::copy, std::make_shared<LossNotice>());
  std::atomic<bool> done{false};
  auto slow = first.submit(doing([&done](Stream&) -> Failure {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    done = true;
    return std::nullopt;
  }));
  bool seen = false;
  second.submit(doing([&](Stream&) -> Failure {
          seen = done;
          return std::nullopt;
        }, {slow}))->wait();
  CHECK(seen);
}

TEST_CASE("errors travel along after, and along nothing else") {
  Queue queue(backend(), QueueKind::compute, std::make_shared<LossNotice>());
  auto failing = queue.submit(doing([](Stream&) -> Failure { return broken(); }));
  auto dependent = queue.submit(doing([](Stream&) -> Failure { return std::nullopt; }, {failing}));
  auto independent = queue.submit(doing([](Stream&) -> Failure { return std::nullopt; }));
  independent->wait();
  CHECK(failing->error() != nullptr);
  REQUIRE(dependent->error() != nullptr);
  CHECK(dependent->error()->found == "broken");
  CHECK(independent->error() == nullptr);
}

TEST_CASE("what a failed command should have written is poisoned until it is written") {
  auto device = backend();
  Queue queue(device, QueueKind::compute, std::make_shared<LossNotice>());
  const Span span{device->reserve(4096, Tier::device), 0, 4096};
  Command writing = doing([](Stream&) -> Failure { return broken(); });
  writing.writes = {span};
  queue.submit(std::move(writing));
  auto read = [&] {
    Command reading = doing([](Stream&) -> Failure { return std::nullopt; });
    reading.reads = {{span.region, 100, 8}};
    auto token = queue.submit(std::move(reading));
    token->wait();
    return token;
  };
  REQUIRE(read()->error() != nullptr);
  CHECK(read()->error()->code == "poisoned");
  Command again = doing([](Stream&) -> Failure { return std::nullopt; });
  again.writes = {{span.region, 96, 32}};
  queue.submit(std::move(again));
  CHECK(read()->error() == nullptr);
}

TEST_CASE("a queue that is abandoned fails what has not begun, and finishes what has") {
  auto device = backend();
  auto queue = std::make_unique<Queue>(device, QueueKind::compute, std::make_shared<LossNotice>());
  std::atomic<bool> begun{false};
  auto running = queue->submit(doing([&begun](Stream&) -> Failure {
    begun = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return std::nullopt;
  }));
  auto waiting = queue->submit(doing([](Stream&) -> Failure { return std::nullopt; }));
  while (!begun) std::this_thread::yield();
  queue->abandon();
  CHECK(running->error() == nullptr);
  REQUIRE(waiting->error() != nullptr);
  CHECK(waiting->error()->code == "destroyed");
  auto late = queue->submit(doing([](Stream&) -> Failure { return std::nullopt; }));
  REQUIRE(late->error() != nullptr);
  CHECK(late->error()->code == "destroyed");
}

TEST_CASE("tokens tell every listener once, whoever is first") {
  Queue queue(backend(), QueueKind::compute, std::make_shared<LossNotice>());
  std::atomic<int> told{0};
  for (int i = 0; i < 500; i++) {
    auto token = queue.submit(doing([](Stream&) -> Failure { return std::nullopt; }));
    token->on_done([&told] { told++; });
  }
  queue.finish();
  CHECK(told == 500);
}
