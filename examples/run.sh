#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main jobs, run the hard way: on RocksDB state, exactly once, each killed in the middle
# (kill -9), started again, and its output compared with a plain loop over the same input.
# Usage: examples/run.sh [--kafka]
# Without options: word count over the licence texts that Debian ships, and sessions over generated
# clicks, into files. With --kafka: word count, sessions and deduplication from topic to topic, on a
# broker of their own that ends with the script; the output is read as a read_committed consumer
# does. Status 77: there is no Java or Maven to start one with.
set -euo pipefail
cd "$(dirname "$0")/.."

with_kafka=
case ${1:-} in
  --kafka) with_kafka=yes ;;
  "") ;;
  *) sed -n '/^# Usage/,/^# does/s/^# //p' "$0" >&2; exit 2 ;;
esac

scratch=$(mktemp -d)
pid=
broker=
clean_up() {
  [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
  [ -z "$broker" ] || tests/broker.sh kill "$broker" || true
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

skip() {
  echo "skipped: $1"
  [ "${WEIR_REQUIRE_BROKER:-}" != 1 ] || exit 1
  exit 77
}

# Before anything is built: without a broker there is nothing to show.
if [ -n "$with_kafka" ]; then
  [ -n "${WEIR_EXAMPLES:-}" ] || cmake/setup.sh broker || true
  status=0
  cmake/kafka.sh >/dev/null || status=$?
  case $status in
    0) ;;
    3) skip "Kafka needs Java and Maven" ;;
    4) skip "Maven could not fetch Kafka" ;;
    *) exit "$status" ;;
  esac
fi

bin=${WEIR_EXAMPLES:-}
if [ -z "$bin" ]; then
  cmake/setup.sh build
  cmake --preset release -DWEIR_TESTS=OFF -DWEIR_BENCH=OFF -B build/examples >/dev/null
  cmake --build build/examples
  bin=build/examples/examples
fi

# Real text, often enough that there is a middle to be killed in.
mkdir "$scratch/text"
for copy in $(seq "${WEIR_EXAMPLES_COPIES:-100}"); do
  for text in /usr/share/common-licenses/*; do
    [ -L "$text" ] || cat "$text"
  done >"$scratch/text/licences-$copy.txt"
done
clicks=${WEIR_EXAMPLES_CLICKS:-3000000}
payments=${WEIR_EXAMPLES_PAYMENTS:-400000}

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

# from_topic_to_topic NAME INPUT...: feeds the program its input, runs it to the end with a kill in
# between, and verifies its output; leaves what that said in $said.
from_topic_to_topic() {
  local program=$bin/kafka_$1 work=$scratch/$1
  shift
  "$program" --brokers "$address" --work "$work-feed" --feed "$@"
  kill_and_resume "$work" "$program" --brokers "$address" --work "$work" --interval 20 --until-end
  said=$("$program" --brokers "$address" --verify "$@")
  echo "$said"
}

if [ -n "$with_kafka" ]; then
  broker=$scratch/broker
  address=$(tests/broker.sh start "$broker" --property auto.create.topics.enable=true \
    --property num.partitions=4 | tail -n 1)
  from_topic_to_topic word_count "$scratch/text"
  all=$said
  from_topic_to_topic sessions --clicks "$clicks"
  all="$all; $said"
  from_topic_to_topic deduplicate --payments "$payments"
  echo "ok: $all; $said"
  exit
fi

kill_and_resume "$scratch/words" "$bin/word_count" --out "$scratch/counts" \
  --work "$scratch/words" --interval 20 "$scratch/text"
words=$("$bin/word_count" --verify "$scratch/counts" "$scratch/text")
echo "$words"

kill_and_resume "$scratch/clicks" "$bin/sessions" --clicks "$clicks" --out "$scratch/visits" \
  --work "$scratch/clicks" --interval 20
visits=$("$bin/sessions" --verify "$scratch/visits" --clicks "$clicks")
echo "$visits"

echo "ok: $words; $visits"
