#!/bin/sh
# Builds the native tests and runs them at every level that this machine has, and AVX-512 emulated.
# Needs CMake, a C++20 compiler and doctest (Debian: doctest-dev); libsimde-dev for the emulation. Builds below the folder
# given, or build/native-test.
set -eu
package=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$package/build/native-test}
generator=$(command -v ninja >/dev/null 2>&1 && echo Ninja || echo "Unix Makefiles")
cmake -S "$package" -B "$build" -G "$generator" -DHALYARD_TESTS=ON --log-level=WARNING
cmake --build "$build" --parallel "$(nproc)"
for test in "$build"/native/test/*_test; do
  echo "== $(basename "$test")"
  "$test"
done
