#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds with the release preset and runs the tests whose name matches FILTER (a regular
# expression; all but the long ones when there is none). Those against a real Kafka are skipped where
# Java or Maven is missing. WEIR_TEST_PRESET: another selection of CMakePresets.json.
# Usage: tests/run.sh [FILTER]
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/setup.sh build tests bench
cmake --preset release >/dev/null
cmake --build --preset release
ctest --preset "${WEIR_TEST_PRESET:-release}" ${1:+-R "$1"}
