// Devices, queues and bound programs from several threads at once, on the stand-in for the driver. For the thread
// sanitizer; with the others it runs as well.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

#include "../execution/cuda_backend.h"
#include "halyard/binding_table.h"
#include "halyard/queue.h"

using namespace halyard;

namespace {

constexpr std::int64_t elements = 256;
constexpr std::int64_t bytes = elements * 4;
constexpr int rounds = 20;

/// y = 2 · x
constexpr const char* twice = R"(
.version 7.0
.target sm_80
.address_size 64
.visible .entry twice(.param .u64 twice_from, .param .u64 twice_to) {
  .reg .b32 %r<2>;
  .reg .f32 %f<3>;
  .reg .b64 %rd<7>;
  ld.param.u64 %rd1, [twice_from];
  ld.param.u64 %rd2, [twice_to];
  mov.u32 %r1, %tid.x;
  mul.wide.u32 %rd3, %r1, 4;
  cvta.to.global.u64 %rd4, %rd1;
  cvta.to.global.u64 %rd5, %rd2;
  add.s64 %rd4, %rd4, %rd3;
  add.s64 %rd5, %rd5, %rd3;
  ld.global.f32 %f1, [%rd4];
  add.f32 %f2, %f1, %f1;
  st.global.f32 [%rd5], %f2;
  ret;
}
)";

void check(const Failure& failure) { REQUIRE_MESSAGE(!failure, failure->found); }

template <typename Value>
Value valid(Result<Value> result) {
  REQUIRE_MESSAGE(result.ok(), result.error().found);
  return result.value();
}

/// Two devices, whose kernels run on three threads of the host.
const int configured =
    setenv("HALYARD_SIMULATOR", R"({"devices": [{"architecture": "sm_80"}, {"architecture": "sm_80"}], "hostThreads": 3})",
           0);

std::shared_ptr<cuda::CudaBackend> open(int ordinal, cuda::MemoryKind kind) {
  REQUIRE(configured == 0);
  const cuda::Driver& driver = *valid(cuda::Driver::get());
  cuda::DeviceNumber device = 0;
  REQUIRE(driver.functions().device_get(&device, ordinal) == cuda::status::success);
  return std::make_shared<cuda::CudaBackend>(valid(cuda::DeviceContext::open(driver, device)), kind, 2 << 20, "");
}

/// x → 2 · x → 4 · x, the first result in the workspace.
std::shared_ptr<Executable> compile(cuda::CudaBackend& backend) {
  using Kind = KernelArgument::Kind;
  const auto address = [](Kind kind, std::int64_t integer) {
    KernelArgument argument;
    argument.kind = kind;
    argument.integer = integer;
    return argument;
  };
  Program program;
  program.bindings = {{Role::input, "x", bytes}, {Role::output, "y", bytes}};
  program.workspace_bytes = bytes;
  GeneratedKernels kernels;
  kernels.modules = {twice};
  Launch first;
  first.kernel = "twice";
  first.block = {static_cast<std::uint32_t>(elements), 1, 1};
  first.arguments = {address(Kind::binding, 0), address(Kind::workspace, 0)};
  Launch second = first;
  second.step = 1;
  second.arguments = {address(Kind::workspace, 0), address(Kind::binding, 1)};
  second.after = {0};
  kernels.launches = {first, second};
  return valid(backend.compile(std::move(program), std::move(kernels)));
}

TokenPointer write(Queue& queue, std::vector<float> values, const Span& to, std::vector<TokenPointer> after = {}) {
  Command command;
  command.writes = {to};
  command.after = std::move(after);
  command.work = [values = std::move(values), to](Stream& stream) {
    return stream.write(std::as_bytes(std::span(values)), to);
  };
  return queue.submit(std::move(command));
}

TokenPointer run(Queue& queue, const Bound& bound, std::vector<TokenPointer> after) {
  Command command;
  command.table = bound.table();
  command.after = std::move(after);
  command.work = [table = command.table](Stream& stream) { return stream.run(*table); };
  return queue.submit(std::move(command));
}

TokenPointer copy(Queue& queue, const Span& from, const Span& to, std::vector<TokenPointer> after) {
  Command command;
  command.reads = {from};
  command.writes = {to};
  command.after = std::move(after);
  command.work = [from, to](Stream& stream) { return stream.copy(from, to); };
  return queue.submit(std::move(command));
}

TokenPointer read(Queue& queue, const Span& from, std::vector<float>& to, std::vector<TokenPointer> after) {
  Command command;
  command.reads = {from};
  command.after = std::move(after);
  command.work = [from, &to](Stream& stream) { return stream.read(from, std::as_writable_bytes(std::span(to))); };
  return queue.submit(std::move(command));
}

void expect_all(const std::vector<float>& values, float expected) {
  for (const float value : values) REQUIRE(value == expected);
}

void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; i++) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

/// Memory and a bound program of one user of a device.
struct Work {
  Work(cuda::CudaBackend& backend, const std::shared_ptr<Executable>& executable)
      : region(backend.reserve(8 * bytes, Tier::device)) {
    REQUIRE(region != nullptr);
    BindingTable table;
    table.executable = executable;
    table.spans = {at(0), at(1)};
    table.workspace = {region, 4 * bytes, 4 * bytes};
    bound = valid(Bound::make(std::move(table)));
  }
  Span at(int place) const { return {region, place * bytes, bytes}; }

  std::shared_ptr<Region> region;
  std::shared_ptr<Bound> bound;
};

/// Writes on one queue, runs on another, with the input bound in two places by turns, and reads on the first.
void use(cuda::CudaBackend& backend, const std::shared_ptr<Executable>& executable, Queue& transfers, Queue& compute) {
  Work work(backend, executable);
  std::vector<std::vector<float>> results(rounds, std::vector<float>(elements));
  TokenPointer last;
  for (int round = 0; round < rounds; round++) {
    const Span input = work.at(round % 2 == 0 ? 0 : 2);
    check(work.bound->rebind(0, input));
    std::vector<TokenPointer> after;
    if (last) after.push_back(last);
    const auto written = write(transfers, std::vector<float>(elements, static_cast<float>(round)), input, after);
    const auto ran = run(compute, *work.bound, {written});
    last = read(transfers, work.at(1), results[static_cast<std::size_t>(round)], {ran});
  }
  last->wait();
  CHECK(last->error() == nullptr);
  for (int round = 0; round < rounds; round++)
    expect_all(results[static_cast<std::size_t>(round)], 4.0f * static_cast<float>(round));
}

}  // namespace

TEST_CASE("threads share a device, a queue and a program, whatever the kind of memory") {
  for (const auto kind : {cuda::MemoryKind::mapped, cuda::MemoryKind::ordered, cuda::MemoryKind::plain}) {
    const auto backend = open(0, kind);
    const auto executable = compile(*backend);
    const auto loss = std::make_shared<LossNotice>();
    Queue compute(backend, QueueKind::compute, loss);
    on_threads(3, [&](int) {
      Queue transfers(backend, QueueKind::copy, loss);
      use(*backend, executable, transfers, compute);
    });
  }
}

TEST_CASE("threads open devices, compile, and copy from one device to the other") {
  on_threads(2, [&](int index) {
    for (int round = 0; round < 3; round++) {
      const auto here = open(index, cuda::MemoryKind::mapped);
      const auto there = open(1 - index, cuda::MemoryKind::mapped);
      const auto loss = std::make_shared<LossNotice>();
      Queue first(here, QueueKind::compute, loss), second(there, QueueKind::compute, loss);
      Work from(*here, compile(*here)), to(*there, compile(*there));
      const auto written = write(first, std::vector<float>(elements, 1), from.at(0));
      const auto ran = run(first, *from.bound, {written});
      const auto copied = copy(first, from.at(1), to.at(0), {ran});
      const auto again = run(second, *to.bound, {copied});
      std::vector<float> result(elements);
      const auto end = read(second, to.at(1), result, {again});
      end->wait();
      CHECK(end->error() == nullptr);
      expect_all(result, 16);
    }
  });
}

TEST_CASE("a queue is abandoned while others submit to it") {
  const auto backend = open(0, cuda::MemoryKind::mapped);
  const auto executable = compile(*backend);
  const auto loss = std::make_shared<LossNotice>();
  for (int round = 0; round < 5; round++) {
    Queue queue(backend, QueueKind::compute, loss);
    Work work(*backend, executable);
    on_threads(3, [&](int index) {
      if (index == 0) {
        queue.abandon();
        return;
      }
      for (int i = 0; i < rounds; i++) {
        const auto token = run(queue, *work.bound, {});
        token->wait();
        if (const Error* error = token->error()) CHECK(error->code == "destroyed");
      }
    });
  }
}
