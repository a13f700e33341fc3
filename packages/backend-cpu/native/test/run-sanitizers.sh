#!/bin/sh
# Builds the native tests under the address, undefined-behaviour and thread sanitizers and runs them.
# Needs CMake, a C++20 compiler and doctest (Debian: doctest-dev). Builds below the folder given, or build/sanitizers.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$package/build/sanitizers}
generator=$(command -v ninja >/dev/null 2>&1 && echo Ninja || echo "Unix Makefiles")
for sanitizer in address,undefined thread; do
  build="$out/$(echo "$sanitizer" | tr , -)"
  cmake -S "$package" -B "$build" -G "$generator" -DHALYARD_TESTS=ON -DHALYARD_SANITIZE="$sanitizer" --log-level=WARNING
  cmake --build "$build" --parallel "$(nproc)"
  echo "== $sanitizer"
  for test in halyard_cpu_test expression_kernels_test matmul_kernels_test matmul_step_test attention_step_test; do
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1 "$build/native/test/$test"
  done
done
