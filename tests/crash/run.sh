#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of real processes over real files, or with --kafka of processes between the topics of a real
# broker, and of that broker: the last line is "N kills, R records, L lost, D doubled".
# Usage: tests/crash/run.sh --kills N --seed S [--drop-one]
#        tests/crash/run.sh --kafka --kills N --seed S [--processes P] [--broker-kills B] [--drop-one]
set -euo pipefail
cd "$(dirname "$0")/../.."

runner=crash_runner
packages=(build tests bench)
for word in "$@"; do
  [ "$word" != --kafka ] || { runner=kafka_crash_runner; packages+=(broker); }
done
cmake/setup.sh "${packages[@]}" >&2
cmake --preset release >/dev/null
cmake --build --preset release --target $runner >&2
exec build/release/tests/crash/$runner "$@"
