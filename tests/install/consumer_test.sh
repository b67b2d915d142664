#!/usr/bin/env bash
# Installs the build into an empty folder and builds a program of somebody else's against it with find_package(slipway).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cmake --install "$BUILD_DIR" --prefix "$work/installed" >"$work/install.log" 2>&1 || { grep -i -A3 error "$work/install.log"; exit 1; }
if grep -rnE "$BUILD_DIR|$PWD/" "$work/installed/lib/"*/cmake "$work/installed/lib/cmake" 2>/dev/null; then
    echo "the installed package names the folder that it was built in" >&2
    exit 1
fi
for file in include/slipway/result.hpp share/doc/slipway/LICENSE; do
    [[ -f "$work/installed/$file" ]] || { echo "not installed: $file" >&2; exit 1; }
done

cmake -S "$here/consumer" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" -DCMAKE_CXX_COMPILER="$CXX" \
    -DCMAKE_CXX_FLAGS="${FLAGS:-}" >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
ninja -C "$work/build" >"$work/build.log" 2>&1 || { tail -40 "$work/build.log"; exit 1; }
output="$("$work/build/consumer")"
echo "$output"
[[ $output == "consumer: ok" ]]

# The tutorial, as its reader has it: four files in one folder.
own="$here/../../examples/own_step"
mkdir "$work/own_step"
cp "$own/main.cpp" "$own/make_file.hpp" "$own/step_test.cpp" "$own/standalone/CMakeLists.txt" "$work/own_step/"
cmake -S "$work/own_step" -B "$work/own_step/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" -DCMAKE_CXX_COMPILER="$CXX" \
    -DCMAKE_CXX_FLAGS="${FLAGS:-}" >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
ninja -C "$work/own_step/build" >"$work/build.log" 2>&1 || { tail -40 "$work/build.log"; exit 1; }
"$work/own_step/build/step_test"
