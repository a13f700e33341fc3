#!/usr/bin/env bash
# The simulator, and the CUDA backend that runs on it, under sanitizers. Under address and undefined-behaviour a choice of
# the tests runs in Node, on addons and a stand-in driver built that way. Under thread, which Node is not built for,
# programs of their own use the driver and the backend's queues from several threads.
# Needs what the packages' build needs, their TypeScript built, and doctest (Debian: doctest-dev). Builds in the folders
# build/sanitizers of both packages.
set -euo pipefail
cd "$(dirname "$0")/../../../.."

# A process leaves what it has found in a file of its own: many tests start processes that are to fail.
reports=$(mktemp -d)
readonly reports
readonly always="log_path=$reports/report:halt_on_error=1"
export UBSAN_OPTIONS="$always:print_stacktrace=1" TSAN_OPTIONS="$always"
end() {
  local status=$? report
  for report in "$reports"/*; do
    if [[ -e $report ]]; then status=1 && cat "$report"; fi
  done
  rm -r "$reports"
  exit "$status"
}
trap end EXIT
if command -v ninja >/dev/null 2>&1; then export CMAKE_GENERATOR=Ninja; fi

# native_tests FOLDER SANITIZERS: builds and runs the programs.
native_tests() {
  local folder=$1 sanitizers=$2 package
  for package in simulator backend-cuda; do
    cmake -S "packages/$package" -B "packages/$package/$folder" -DHALYARD_TESTS=ON -DHALYARD_SANITIZE="$sanitizers" \
      --log-level=WARNING
    cmake --build "packages/$package/$folder" --target native_tests --parallel "$(nproc)"
  done
  echo "== driver and queues from several threads, under $sanitizers"
  "packages/simulator/$folder/native/test/threads_test"
  LD_LIBRARY_PATH=packages/simulator/$folder/driver "packages/backend-cuda/$folder/native/test/queues_test"
}

# node_tests FOLDER SANITIZERS TEST…: builds the addons and runs tests of the packages. Node leaves memory to the end of
# its process, so that leaks cannot be told there; and some tests let the driver end a process by a signal.
node_tests() {
  local folder=$1 sanitizers=$2 package
  shift 2
  for package in simulator backend-cuda; do
    HALYARD_BUILD=$folder HALYARD_SANITIZE=$sanitizers node "packages/$package/scripts/build-addon.js"
  done
  echo "== tests in Node, under $sanitizers"
  # The runtime has to come first, and finds what it stands in for only in a library that is loaded by then.
  HALYARD_BUILD=$folder ASAN_OPTIONS="$always:detect_leaks=0:handle_segv=0" \
    LD_PRELOAD="$(c++ -print-file-name=libasan.so) $(c++ -print-file-name=libstdc++.so)" npx vitest run "$@"
}

node_tests build/sanitizers/address address,undefined packages/simulator/test/{driver,ptx,execution} \
  packages/backend-cuda/test/simulated/{runs,memory,faults}.test.ts
ASAN_OPTIONS=$always native_tests build/sanitizers/address address,undefined
native_tests build/sanitizers/thread thread
