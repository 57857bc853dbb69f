#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that a file does not compile and that the error helps: it contains the text of every
# `// expect:` line and has fewer than 30 lines. With -DWEIR_CONTROL the same file must compile, so
# that it fails for this reason and no other.
# Usage: check.sh COMPILER WORK_DIR FILE|--prepare
set -euo pipefail

compiler=$1 work=$2 file=$3
source=$(cd "$(dirname "$0")/../.." && pwd)
flags=(-std=c++20 -Wall -Wextra -DWEIR_STATIC)
umbrella=$source/include/weir/weir.hpp

# A precompiled header stands in for the umbrella: g++ finds it by its place, clang by an option.
if [[ $compiler == *clang* ]]; then
  precompiled=$work/weir.hpp.pch
  use=(-include-pch "$precompiled")
else
  precompiled=$work/weir/weir.hpp.gch
  use=("-I$work")
fi

if [ "$file" = --prepare ]; then
  rm -rf "$work"
  mkdir -p "$(dirname "$precompiled")"
  [ ! -e "$umbrella" ] ||
    "$compiler" "${flags[@]}" -I"$source/include" -x c++-header "$umbrella" -o "$precompiled"
  exit
fi

[ -e "$precompiled" ] && flags+=("${use[@]}")
flags+=("-I$source/include" -fsyntax-only)

fail() {
  echo "failed: $1"
  [ -z "${2:-}" ] || printf '%s\n' "$2"
  exit 1
}

expected=$(sed -n 's|^// expect: *||p' "$file")
[ -n "$expected" ] || fail "nothing expected"

if ! output=$("$compiler" "${flags[@]}" -DWEIR_CONTROL "$file" 2>&1); then
  fail "control does not compile" "$output"
fi
if output=$("$compiler" "${flags[@]}" "$file" 2>&1); then
  fail "mistake compiles"
fi
while IFS= read -r text; do
  grep -qF -- "$text" <<<"$output" || fail "text not found: $text" "$output"
done <<<"$expected"
lines=$(wc -l <<<"$output")
[ "$lines" -lt 30 ] || fail "too many lines: $lines" "$output"
