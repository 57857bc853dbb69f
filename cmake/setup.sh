#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that weir needs, when any is missing. Does nothing otherwise.
# Usage: cmake/setup.sh [build] [tests] [bench] [broker] [peers] [checks]
#        (all but peers when none is named)
set -euo pipefail

build=(g++ cmake ninja-build ccache libspdlog-dev libxxhash-dev nlohmann-json3-dev librocksdb-dev
       librdkafka-dev)
tests=(libgtest-dev libgmock-dev pkgconf clang-14 libclang-rt-14-dev)
bench=(libbenchmark-dev libabsl-dev)
broker=(openjdk-17-jre-headless maven openssl)
peers=(openjdk-17-jdk-headless maven)
checks=(git clang-14 libclang-rt-14-dev clang-tidy-14 clang-format-14)

wanted=()
for group in "${@:-all}"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    tests) wanted+=("${tests[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    broker) wanted+=("${broker[@]}") ;;
    peers) wanted+=("${peers[@]}") ;;
    checks) wanted+=("${checks[@]}") ;;
    all) wanted+=("${build[@]}" "${tests[@]}" "${bench[@]}" "${broker[@]}" "${checks[@]}") ;;
    *) echo "setup.sh: no such group: $group" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  echo "setup.sh: this is not Debian; CMake will say what it does not find" >&2
  exit 0
fi

# One call for all: dpkg-query prints what it knows and complains about the rest.
installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in $(printf '%s\n' "${wanted[@]}" | sort -u); do
  grep -qx "ii *$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    root=(sudo)
  else
    echo "setup.sh: these packages are missing, and there is neither root nor sudo to install them:" >&2
    echo "  ${missing[*]}" >&2
    echo "Ask someone with root to run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

echo "setup.sh: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@"
}
if ! { install update && install install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1
then
  tail -n 30 "$log" >&2
  echo "setup.sh: the installation failed; the lines above are apt's last" >&2
  exit 1
fi
