#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up, builds with the release preset, and crashes four topologies in a simulated world at every
# numbered effect, for N seeds (20 when not given). The last line: N seeds, C crashes, F failures.
# Usage: tests/simulation/run.sh [--seeds N] [--first SEED] [--drop-one]
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake/setup.sh build tests bench >&2
cmake --preset release >/dev/null
cmake --build --preset release --target simulation >&2
exec build/release/tests/simulation/simulation "$@"
