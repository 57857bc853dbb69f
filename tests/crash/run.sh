#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of real processes over real files: the last line is "N kills, R records, L lost, D doubled".
# Usage: tests/crash/run.sh --kills N --seed S [--drop-one]
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake/setup.sh build tests bench >&2
cmake --preset release >/dev/null
cmake --build --preset release --target crash_runner >&2
exec build/release/tests/crash/crash_runner "$@"
