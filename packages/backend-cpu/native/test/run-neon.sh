#!/bin/sh
# Cross-compiles the native tests for arm64 and runs them under qemu-user.
# Needs Debian's g++-aarch64-linux-gnu, qemu-user and doctest-dev. Builds below the folder given, or build/arm64.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$package/build/arm64}
generator=$(command -v ninja >/dev/null 2>&1 && echo Ninja || echo "Unix Makefiles")
cmake -S "$package" -B "$build" -G "$generator" -DHALYARD_TESTS=ON --log-level=WARNING \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++
cmake --build "$build" --parallel "$(nproc)"
for test in halyard_cpu_test expression_kernels_test matmul_kernels_test matmul_step_test attention_step_test; do
  qemu-aarch64 -L /usr/aarch64-linux-gnu "$build/native/test/$test"
done
