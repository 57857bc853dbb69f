#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds with the release preset and measures whole programs beside the hand-written loops
# that bound them. FILTER is a regular expression that is searched for in names; --json writes the
# table to FILE; --check ends with a non-zero status when a target is missed. See bench/README.md.
# Usage: bench/run.sh [FILTER] [--json FILE] [--check]
#        bench/run.sh kafka [--json FILE] [--check]     from Kafka to Kafka: bench/kafka/README.md
set -euo pipefail

arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --json)
      [ $# -ge 2 ] || { echo "run.sh: --json needs a file" >&2; exit 2; }
      arguments+=(--json "$(realpath -m "$2")")
      shift 2
      ;;
    --check) arguments+=(--check); shift ;;
    -*) echo "run.sh: unknown option: $1" >&2; exit 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done

cd "$(dirname "$0")/.."
cmake/setup.sh build tests bench
if [ "${arguments[0]:-}" = kafka ]; then
  cmake/setup.sh build tests bench broker peers
  cmake --preset release >/dev/null
  cmake --build --preset release \
    --target kafka_load kafka_bare kafka_audit kafka_weir_count kafka_latency
  exec bench/kafka/suite.sh build/release/bench "${arguments[@]:1}"
fi
cmake --preset release >/dev/null
cmake --build --preset release --target whole_bench
build/release/bench/whole_bench "${arguments[@]}"
