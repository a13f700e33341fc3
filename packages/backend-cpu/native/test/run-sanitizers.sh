#!/bin/sh
# Builds the native tests under the address, undefined-behaviour and thread sanitizers and runs them, under the last those
# that have threads. Needs CMake, a C++20 compiler and doctest (Debian: doctest-dev). Builds below the folder given, or
# build/sanitizers.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
out=${1:-$package/build/sanitizers}
if command -v ninja >/dev/null 2>&1; then export CMAKE_GENERATOR=Ninja; fi

# run SANITIZERS TEST…
run() {
  sanitizers=$1
  shift
  build="$out/$(echo "$sanitizers" | tr , -)"
  cmake -S "$package" -B "$build" -DHALYARD_TESTS=ON -DHALYARD_SANITIZE="$sanitizers" --log-level=WARNING
  cmake --build "$build" --target "$@" --parallel "$(nproc)"
  for test in "$@"; do
    echo "== $test under $sanitizers"
    UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1 "$build/native/test/$test"
  done
}

run address,undefined halyard_cpu_test expression_kernels_test matmul_kernels_test matmul_step_test attention_step_test
run thread halyard_cpu_test matmul_step_test attention_step_test
