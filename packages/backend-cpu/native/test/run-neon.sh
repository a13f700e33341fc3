#!/bin/sh
# Cross-compiles the native tests for arm64 and runs them under qemu-user, as a processor with all instruction sets, one
# without products of int8 matrices (Cortex-A76), and one without dot products too (Cortex-A53).
# Needs Debian's g++-aarch64-linux-gnu, qemu-user and doctest-dev. Builds below the folder given, or build/arm64.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$package/build/arm64}
if command -v ninja >/dev/null 2>&1; then export CMAKE_GENERATOR=Ninja; fi
cmake -S "$package" -B "$build" -DHALYARD_TESTS=ON --log-level=WARNING \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++
cmake --build "$build" --target native_tests --parallel "$(nproc)"
run() {
  echo "== $2 on $1"
  qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu "$1" "$build/native/test/$2"
}
for test in halyard_cpu_test expression_kernels_test matmul_kernels_test matmul_step_test attention_step_test; do
  run max "$test"
done
for processor in cortex-a76 cortex-a53; do
  run "$processor" matmul_kernels_test
done
