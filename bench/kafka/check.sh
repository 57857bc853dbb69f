#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The bare loop counts right: it starts a broker, fills a topic, counts it in both ways, and audits
# what a committed reader sees. Also shows how the programs go together.
# Usage: bench/kafka/check.sh FOLDER [RECORDS]    (FOLDER: where kafka_load and the others were built)
# Status 77: no broker can be had here, see cmake/kafka.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(realpath "$1")
records=${2:-100000}
broker=$here/../../tests/broker.sh

scratch=$(mktemp -d)
trap '"$broker" kill "$scratch/kafka" 2>/dev/null || true; rm -rf "$scratch"' EXIT
status=0
mkfifo "$scratch/alive"
exec 8<>"$scratch/alive" 3<"$scratch/alive"  # The broker dies with this shell, however that ends.
brokers=$("$broker" start "$scratch/kafka" --owned 8>&-) || status=$?
case $status in
  0) brokers=$(tail -n 1 <<<"$brokers") ;;
  3 | 4) [ "${WEIR_REQUIRE_BROKER:-}" = 1 ] && exit 1 || exit 77 ;;
  *) exit "$status" ;;
esac

"$bin/kafka_load" --brokers="$brokers" --topic=records --records="$records"
for emit in all latest; do
  "$bin/kafka_load" --brokers="$brokers" --topic="counts-$emit" --records=0
  "$bin/kafka_bare" --brokers="$brokers" --input=records --output="counts-$emit" --group="$emit" \
    --records="$records" --emit="$emit" --limit=60
  "$bin/kafka_audit" --brokers="$brokers" --topic="counts-$emit" --records="$records"
done
if "$bin/kafka_audit" --brokers="$brokers" --topic=counts-all --records=$((records + 1)); then
  echo "check.sh: the audit does not notice a missing record" >&2
  exit 1
fi
