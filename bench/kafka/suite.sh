#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kafka to Kafka, everything on one local broker: weir, a bare loop over librdkafka, Kafka Streams, and
# latency. One line per row; `ratio` is to the bare loop with the same emit mode and record size.
# --json writes the rows to FILE; --check ends with a non-zero status when a target is missed.
# Usage: bench/run.sh kafka [--json FILE] [--check]        (which builds, and calls this)
#        bench/kafka/suite.sh BIN [--json FILE] [--check]
# WEIR_BENCH_RECORDS: of 100 bytes, 3,000,000 unless given; of 1,000 bytes a quarter of that.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=$(realpath "$1")
shift
json=
check=
while [ $# -gt 0 ]; do
  case $1 in
    --json) json=$2; shift 2 ;;
    --check) check=1; shift ;;
    *) echo "suite.sh: unknown option: $1" >&2; exit 2 ;;
  esac
done

records=${WEIR_BENCH_RECORDS:-3000000}
scratch=$(mktemp -d)
trap '"$root/tests/broker.sh" kill "$scratch/kafka" >/dev/null 2>&1 || true; rm -rf "$scratch"' EXIT
# The JVM's own choices: the broker is a part of what is measured.
brokers=$(WEIR_KAFKA_JAVA_OPTS=-Xmx1g "$root/tests/broker.sh" start "$scratch/kafka" | tail -n 1)
java=$(cat "$scratch"/kafka/*/pid 2>/dev/null | head -n 1 || true)
rows=$scratch/rows
run=0

# field LINE NAME: a number out of a line of JSON.
field() { sed -n "s/.*\"$2\": \([0-9.]*\).*/\1/p" <<<"$1"; }

# What the broker's process has used, in seconds.
broker_cpu() {
  [ -n "$java" ] || { echo 0; return; }
  awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) / tick }' "/proc/$java/stat"
}

# row NAME BARE LINE: `BARE` is the rate of the bare loop, empty where there is no ratio.
row() {
  local rate ratio=
  rate=$(field "$3" per_second)
  [ -z "$2" ] || ratio=$(awk -v a="$rate" -v b="$2" 'BEGIN { printf ", \"ratio\": %.3f", a / b }')
  local line="{\"name\": \"$1\", \"per_second\": $rate, \"cpu_ns\": $(field "$3" cpu_ns)"
  line+=", \"broker_cpu_ns\": ${broker_ns:-0}$ratio}"
  echo "$line" | tee -a "$rows"
}

# measure COUNT COMMAND...: a topic for the output, then the command; sets `line` and `broker_ns`.
measure() {
  local count=$1 before
  shift
  run=$((run + 1))
  "$bin/kafka_load" --brokers="$brokers" --topic="out-$run" --records=0 >/dev/null
  before=$(broker_cpu)
  line=$("$@" --brokers="$brokers" --output="out-$run" --records="$count" --warm=$((count / 5)) \
    --group="bench-$run" | tail -n 1)
  broker_ns=$(awk -v a="$before" -v b="$(broker_cpu)" -v n="$count" \
    'BEGIN { printf "%.0f", (b - a) * 1e9 / n }')
  "$bin/kafka_audit" --brokers="$brokers" --topic="out-$run" --records="$count" >&2
}

declare -A bare
for bytes in 100 1000; do
  count=$((bytes == 100 ? records : records / 4))
  "$bin/kafka_load" --brokers="$brokers" --topic="in-$bytes" --records="$count" --bytes="$bytes" \
    >/dev/null
  for emit in all latest; do
    measure "$count" "$bin/kafka_bare" --input="in-$bytes" --emit="$emit"
    bare[$bytes-$emit]=$(field "$line" per_second)
    name=kafka/bare/emit=$emit
    [ "$bytes" = 100 ] || name=kafka/bare/bytes=$bytes/emit=$emit
    row "$name" "" "$line"
    for guarantee in exactly_once at_least_once; do
      for every in 100 1000; do
        measure "$count" "$bin/kafka_weir_count" --input="in-$bytes" --emit="$emit" \
          --guarantee="$guarantee" --every="$every"
        shown=100ms
        [ "$every" = 100 ] || shown=1s
        row "kafka/count/$guarantee/every=$shown/bytes=$bytes/emit=$emit" \
          "${bare[$bytes-$emit]}" "$line"
      done
    done
  done
done
for store in rocksdb memory; do
  for emit in all latest; do
    measure "$records" "$root/bench/peers/streams.sh" --input=in-100 --store="$store" --emit="$emit"
    row "kafka/streams/$store/emit=$emit" "${bare[100-$emit]}" "$line"
  done
done
for topic in weir-latency-in weir-latency-out; do
  "$bin/kafka_load" --brokers="$brokers" --topic="$topic" --records=0 >/dev/null
done
for rate in 20000 100000; do
  "$bin/kafka_latency" --brokers="$brokers" --rate="$rate" --every=50 | tee -a "$rows"
done

if [ -n "$json" ]; then
  { echo "["; sed '$!s/$/,/' "$rows"; echo "]"; } >"$json"
fi

# rate NAME, met NAME RATIO-OF TIMES: each target is a ratio within this run.
value() { field "$(grep -F "\"$1\"" "$rows")" "$2"; }
missed=0
target() {  # target WHAT IS WANTED [at most]
  local word=met
  if ! awk -v is="$2" -v wanted="$3" -v most="${4:-}" \
    'BEGIN { exit !(most != "" ? is <= wanted : is >= wanted) }'; then
    word=MISSED missed=1
  fi
  echo "$word  $1: is $2, wanted at ${4:-least} $3"
}
quotient() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
eo=kafka/count/exactly_once/every=100ms/bytes=100
for emit in all latest; do
  own=$(value "$eo/emit=$emit" per_second)
  target "exactly once to at least once, emit=$emit" \
    "$(quotient "$own" "$(value "kafka/count/at_least_once/every=100ms/bytes=100/emit=$emit" per_second)")" 0.7
  target "exactly once to the bare loop, emit=$emit" "$(value "$eo/emit=$emit" ratio)" 0.6
done
all=$(value "$eo/emit=all" per_second)
target "every change to Kafka Streams on RocksDB" \
  "$(quotient "$all" "$(value kafka/streams/rocksdb/emit=all per_second)")" 2.5
target "every change to Kafka Streams in memory" \
  "$(quotient "$all" "$(value kafka/streams/memory/emit=all per_second)")" 1.3
target "latest per checkpoint to Kafka Streams with cache" \
  "$(quotient "$(value "$eo/emit=latest" per_second)" "$(value kafka/streams/rocksdb/emit=latest per_second)")" 3
target "records of 100 B per second and core of client CPU" \
  "$(awk -v ns="$(value "$eo/emit=all" cpu_ns)" 'BEGIN { printf "%.0f", 1e9 / ns }')" 300000
target "MB/s of records of 1 KB" \
  "$(awk -v n="$(value kafka/count/exactly_once/every=100ms/bytes=1000/emit=latest per_second)" \
    'BEGIN { printf "%.0f", n / 1000 }')" 100
target "p50 in ms at 20,000 records/s" "$(value kafka/latency/every=50ms/rate=20000 p50_ms)" 60 most
target "p99 in ms at 20,000 records/s" "$(value kafka/latency/every=50ms/rate=20000 p99_ms)" 150 most
[ -z "$check" ] || exit "$missed"
