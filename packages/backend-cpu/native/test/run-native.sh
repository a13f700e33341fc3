#!/bin/sh
# Builds the native tests and runs them at every level that this machine has, and AVX-512 emulated.
# Needs CMake, a C++20 compiler and doctest (Debian: doctest-dev); libsimde-dev for the emulation. Builds below the folder
# given, or where the addon is built, with which the tests share all but themselves.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$package/build}
if command -v ninja >/dev/null 2>&1; then export CMAKE_GENERATOR=Ninja; fi
cmake -S "$package" -B "$build" -DHALYARD_TESTS=ON --log-level=WARNING
cmake --build "$build" --target native_tests --parallel "$(nproc)"
for test in "$build"/native/test/*_test; do
  echo "== $(basename "$test")"
  "$test"
done
