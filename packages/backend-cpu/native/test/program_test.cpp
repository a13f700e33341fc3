#include <doctest/doctest.h>

#include <cmath>

#include "run_program.h"
#include "sample_program.h"

using namespace halyard;

namespace {

std::vector<cpu::Level> levels_here() {
  std::vector<cpu::Level> levels;
  for (int level = 0; level < cpu::level_count; level++)
    if (cpu::includes(cpu::detect_level(), static_cast<cpu::Level>(level)))
      levels.push_back(static_cast<cpu::Level>(level));
  return levels;
}

}  // namespace

TEST_CASE("steps that wait for one another see what was written, at every level and number of threads") {
  for (cpu::Level level : levels_here()) {
    for (int threads : {1, 2, 3}) {
      constexpr std::int64_t rows = 67;
      constexpr std::int64_t columns = 301;
      cpu::CpuBackend backend(level, threads);
      auto executable = backend.compile(test::sample_program(rows, columns), {});
      REQUIRE(executable.ok());
      const auto bound = test::bind_fresh(backend, executable.value());
      REQUIRE(bound != nullptr);
      const BindingTable& table = *bound->table();
      auto* x = reinterpret_cast<float*>(table.spans[0].data());
      auto* b = reinterpret_cast<float*>(table.spans[1].data());
      for (int i = 0; i < rows * columns; i++) x[i] = static_cast<float>(i % 17) / 8;
      for (int i = 0; i < columns; i++) b[i] = static_cast<float>(i % 5);
      const auto stream = backend.stream(QueueKind::compute);
      for (int round = 0; round < 20; round++) REQUIRE_FALSE(stream->run(table).has_value());
      const auto* z = reinterpret_cast<const float*>(table.spans[2].data());
      const auto* w = reinterpret_cast<const float*>(table.spans[3].data());
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        double weights = 0;
        for (int column = 0; column < columns; column++) {
          sum += static_cast<double>(x[row * columns + column]) * 2 + static_cast<double>(b[column]);
          weights += static_cast<double>(w[row * columns + column]);
        }
        CHECK(static_cast<double>(z[row]) == doctest::Approx(sum).epsilon(1e-6));
        CHECK(weights == doctest::Approx(1).epsilon(1e-5));
      }
    }
  }
}
