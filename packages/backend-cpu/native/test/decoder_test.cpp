#include <doctest/doctest.h>

#include <random>

#include "halyard/decoder.h"
#include "run_program.h"
#include "sample_program.h"

using namespace halyard;

TEST_CASE("a program survives encoding and decoding") {
  const Program program = test::sample_program(3, 5);
  const auto decoded = decode_program(test::encode(program));
  REQUIRE(decoded.ok());
  CHECK(decoded.value().steps.size() == 3);
  CHECK(decoded.value().steps[1].attributes.text("combine") == "sum");
  CHECK(decoded.value().steps[2].after == std::vector<std::int32_t>{0});
  CHECK(decoded.value().tensors[4].binding == Tensor::in_workspace);
}

TEST_CASE("every truncated program is refused as bad-program") {
  const auto bytes = test::encode(test::sample_program(3, 5));
  for (std::size_t length = 0; length < bytes.size(); length++) {
    const auto decoded = decode_program({bytes.data(), length});
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code == "bad-program");
  }
}

TEST_CASE("a corrupt program is refused, or runs within its memory") {
  const auto bytes = test::encode(test::sample_program(3, 37));
  cpu::CpuBackend backend(cpu::effective_level(), 1);
  const auto stream = backend.stream(QueueKind::compute);
  std::mt19937 random(1);
  int ran = 0;
  for (int round = 0; round < 20'000; round++) {
    auto corrupt = bytes;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int change = 0; change < changes; change++)
      corrupt[random() % corrupt.size()] = static_cast<std::byte>(random() % 4 == 0 ? random() : random() % 16);
    auto decoded = decode_program(corrupt);
    if (!decoded) continue;
    std::int64_t total = decoded.value().workspace_bytes;
    for (const Binding& binding : decoded.value().bindings) total += binding.bytes;
    if (total > (1 << 20)) continue;
    auto executable = backend.compile(std::move(decoded.value()), {});
    if (!executable || executable.value()->workspace_bytes() > (1 << 20)) continue;
    const auto bound = test::bind_fresh(backend, executable.value());
    if (!bound) continue;
    CHECK_FALSE(stream->run(*bound->table()).has_value());
    ran++;
  }
  CHECK(ran > 1000);
}
