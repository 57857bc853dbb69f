#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The keyed count in Kafka Streams, over a topic that kafka_load filled; prints one line of JSON.
# Usage: bench/peers/streams.sh --brokers=HOST:PORT --input=TOPIC --output=TOPIC --records=N [--warm=N]
#        [--store=rocksdb|memory] [--emit=all|latest] [--every=MS] [--threads=N] [--group=NAME]
# emit=latest is the record cache of 10 MB: a key's updates are written at the commit only.
# Status 3: the JDK or Maven is missing. 4: Kafka Streams could not be fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command -v javac >/dev/null || {
  echo "streams.sh: javac is missing; on Debian, cmake/setup.sh peers installs it" >&2
  exit 3
}
libs=$("$here/../../cmake/kafka.sh" "${WEIR_KAFKA_VERSION:-4.3.0}" streams | tail -n 1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/classes" "$scratch/state"
javac -d "$scratch/classes" -cp "$libs/*" "$here/KeyedCount.java"
java -Xmx1g -Dorg.slf4j.simpleLogger.defaultLogLevel=error -Djava.io.tmpdir="$scratch" \
  -cp "$scratch/classes:$libs/*" KeyedCount --state="$scratch/state" "$@"
