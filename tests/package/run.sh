#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the consumer project against weir.
# Usage: run.sh static|shared|subdirectory|pkg_config BUILD_DIR WORK_DIR
#   static        find_package() against an install of BUILD_DIR
#   shared        find_package() against an install of a shared build, made here
#   subdirectory  add_subdirectory() of the source tree
#   pkg_config    a bare compiler call against the prefix of `static`
set -euo pipefail

way=$1 build=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)

rm -rf "$work"
mkdir -p "$work"

# What the build folder has compiled is not compiled again. The flags must be the same for that.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_NOHASHDIR=1
fi
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
flags=(-G Ninja
       "-DCMAKE_BUILD_TYPE=$(cached CMAKE_BUILD_TYPE)"
       "-DCMAKE_CXX_FLAGS=$(cached CMAKE_CXX_FLAGS)"
       "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=$(cached CMAKE_CXX_FLAGS_RELWITHDEBINFO)")
warnings=-DWEIR_WERROR=$(cached WEIR_WERROR)

consumer() {
  cmake -S "$here/consumer" -B "$work/consumer" "${flags[@]}" "$@"
  cmake --build "$work/consumer"
  "$work/consumer/consumer"
}

case $way in
  static)
    cmake --install "$build" --prefix "$work/prefix" >/dev/null
    consumer "-DCMAKE_PREFIX_PATH=$work/prefix"
    ;;
  shared)
    cmake -S "$source" -B "$work/weir" "${flags[@]}" "$warnings" -DBUILD_SHARED_LIBS=ON \
      -DWEIR_TESTS=OFF -DWEIR_BENCH=OFF -DWEIR_EXAMPLES=OFF
    cmake --build "$work/weir"
    cmake --install "$work/weir" --prefix "$work/prefix" >/dev/null
    consumer "-DCMAKE_PREFIX_PATH=$work/prefix"
    for library in "$work"/prefix/lib*/libweir_*.so; do
      objdump -p "$library" | grep -q "SONAME *$(basename "$library").0.1\$" || {
        echo "wrong soname in $library" >&2
        exit 1
      }
    done
    ;;
  subdirectory)
    consumer "-DWEIR_SOURCE_DIR=$source" "$warnings"
    ;;
  pkg_config)
    prefix=$(dirname "$work")/static/prefix
    export PKG_CONFIG_PATH
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name weir-core.pc)")
    modules=()
    for module in "$PKG_CONFIG_PATH"/*.pc; do
      modules+=("$(basename "$module" .pc)")
    done
    # The tokens are compiler options: they are meant to be split.
    # shellcheck disable=SC2046
    c++ -std=c++20 $(cached CMAKE_CXX_FLAGS) "$here/consumer/main.cpp" -o "$work/consumer" \
      $(pkg-config --cflags --libs "${modules[@]}")
    "$work/consumer"
    ;;
  *)
    echo "run.sh: no such way: $way" >&2
    exit 2
    ;;
esac
