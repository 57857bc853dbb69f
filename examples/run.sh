#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job: word count over the licence texts that Debian ships, and sessions over generated
# clicks; on RocksDB state, into files, exactly once. Each is killed in the middle (kill -9), started
# again, and its output compared with a plain loop over the same input.
# Usage: examples/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."

bin=${WEIR_EXAMPLES:-}
if [ -z "$bin" ]; then
  cmake/setup.sh build
  cmake --preset release -DWEIR_TESTS=OFF -DWEIR_BENCH=OFF -B build/examples >/dev/null
  cmake --build build/examples
  bin=build/examples/examples
fi
scratch=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true; rm -rf "$scratch"' EXIT

# Real text, often enough that there is a middle to be killed in.
mkdir "$scratch/text"
for copy in $(seq "${WEIR_EXAMPLES_COPIES:-100}"); do
  for text in /usr/share/common-licenses/*; do
    [ -L "$text" ] || cat "$text"
  done >"$scratch/text/licences-$copy.txt"
done

# The number of committed checkpoints kept for a job; 0 before the first.
checkpoints() {
  find "$1/checkpoints" -name '*.ckpt' 2>/dev/null | wc -l
}

# kill_and_resume WORK COMMAND...: kills the command once a checkpoint was committed, then runs it
# to its end.
kill_and_resume() {
  local work=$1
  shift
  "$@" &
  pid=$!
  local waited=0
  until [ "$(checkpoints "$work")" -ge 2 ]; do
    kill -0 "$pid" 2>/dev/null || { echo "error: ended before it could be killed" >&2; exit 1; }
    waited=$((waited + 1))
    [ "$waited" -lt 3000 ] || { echo "error: no checkpoint within a minute" >&2; exit 1; }
    sleep 0.02
  done
  kill -9 "$pid" 2>/dev/null || { echo "error: ended before it could be killed" >&2; exit 1; }
  wait "$pid" 2>/dev/null || true
  pid=
  echo "killed; starting again"
  "$@"
}

kill_and_resume "$scratch/words" "$bin/word_count" --out "$scratch/counts" \
  --work "$scratch/words" --interval 20 "$scratch/text"
words=$("$bin/word_count" --verify "$scratch/counts" "$scratch/text")
echo "$words"

clicks=${WEIR_EXAMPLES_CLICKS:-3000000}
kill_and_resume "$scratch/clicks" "$bin/sessions" --clicks "$clicks" --out "$scratch/visits" \
  --work "$scratch/clicks" --interval 20
visits=$("$bin/sessions" --verify "$scratch/visits" --clicks "$clicks")
echo "$visits"

echo "ok: $words; $visits"
