#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the scenarios of a file: the last line is "N passed, N failed, N skipped".
# Usage: tests/scenarios/run.sh FILE.json
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: tests/scenarios/run.sh FILE.json" >&2
  exit 2
fi
file=$(realpath -m -- "$1")
cd "$(dirname "$0")/../.."

cmake/setup.sh build tests bench >&2
cmake --preset release >/dev/null
cmake --build --preset release --target scenario_runner >&2
exec build/release/tests/scenarios/scenario_runner "$file"
