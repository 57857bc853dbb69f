#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches Apache Kafka with Maven, once, for the tests against a real broker; the last line names the
# folder of its jars. They lie in WEIR_KAFKA_HOME/kafka-VERSION, or else in the user's cache.
# Status 3: Java or Maven is missing. 4: Maven could not fetch.
# Usage: cmake/kafka.sh [VERSION] [broker|streams]
# VERSION is WEIR_KAFKA_VERSION, or else 4.3.0; 3.9.2 is known to work, too. streams: Kafka Streams, for
# the benchmarks.
set -euo pipefail

version=${1:-${WEIR_KAFKA_VERSION:-4.3.0}}
part=${2:-broker}
[[ $version =~ ^([0-9]+)\.[0-9]+\.[0-9]+$ ]] || {
  echo "kafka.sh: no version of Kafka: $version" >&2
  exit 2
}
major=${BASH_REMATCH[1]}
home=${WEIR_KAFKA_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/weir}/kafka-$version
case $part in
  broker) ;;
  streams) home=${home/%kafka-$version/kafka-streams-$version} ;;
  *) echo "kafka.sh: neither broker nor streams: $part" >&2; exit 2 ;;
esac
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0

needs() {
  command -v "$1" >/dev/null && return 0
  echo "kafka.sh: $1 is missing; on Debian, cmake/setup.sh broker installs it" >&2
  exit 3
}

dependency() {
  echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version></dependency>"
}

# What a broker and the tool that formats its storage need, with a binding for its log.
dependencies() {
  if [ "$part" = streams ]; then
    dependency org.apache.kafka kafka-streams "$version"
    dependency org.slf4j slf4j-simple 1.7.36
    return
  fi
  dependency org.apache.kafka kafka_2.13 "$version"
  if [ "$major" -ge 4 ]; then
    dependency org.apache.kafka kafka-tools "$version"
    dependency org.apache.logging.log4j log4j-slf4j-impl 2.25.3
  else
    dependency org.slf4j slf4j-reload4j 1.7.36
  fi
}

project() {
  cat <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>weir</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>$(dependencies)</dependencies>
</project>
END
}

# The folder appears complete or not at all; of two who fetch at once, one waits.
fetch() {
  needs mvn
  mkdir -p "$(dirname "$home")"
  exec 9>"$home.lock"
  flock 9
  [ -d "$home" ] && return 0
  local new
  new=$(mktemp -d "$home.XXXXXX")
  # shellcheck disable=SC2064  # The folder is known now.
  trap "rm -rf '$new'" EXIT
  project >"$new/pom.xml"
  if ! timeout 600 mvn -q -B -f "$new/pom.xml" "$plugin:copy-dependencies" \
    -DoutputDirectory="$new/libs" >"$new/log" 2>&1; then
    grep -F -m 1 ERROR "$new/log" >&2 || tail -n 3 "$new/log" >&2
    echo "kafka.sh: Maven could not fetch Kafka $version; the lines above are its own" >&2
    exit 4
  fi
  rm -f "$new/log"
  chmod 755 "$new"
  mv -T "$new" "$home"
}

needs java
[ -d "$home" ] || fetch
echo "$home/libs"
