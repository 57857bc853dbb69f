#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A local Apache Kafka for people, scripts and tests: one broker or three, a JVM each, on 127.0.0.1
# and free ports. All that it writes lies in DIR.
# Usage: tests/broker.sh start DIR [--brokers 3] [--secure] [--property KEY=VALUE]...
#        tests/broker.sh stop|kill|pause|resume DIR
# start   makes DIR, or starts again what lies there with the ports and settings that it had; its
#         last line is the address
# stop    lets the brokers end in order; kill is kill -9; pause and resume are SIGSTOP and SIGCONT
# --secure adds listeners for TLS, SASL PLAIN, and both: DIR/address.{ssl,sasl_plaintext,sasl_ssl};
#         certificates lie in DIR/tls, the password of the user weir in DIR/password
# --node N takes the command to one of the brokers only
# --owned  the brokers die when the pipe on file descriptor 3 is closed at its other end
# WEIR_KAFKA_VERSION chooses the version, WEIR_KAFKA_JAVA_OPTS replaces the options of the JVMs.
# Status 3: Java or Maven is missing. 4: Kafka could not be fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

java_options=${WEIR_KAFKA_JAVA_OPTS:--Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}
archive_option=  # Classes as the JVM had them in an earlier run: half of the start goes into loading.
start_seconds=60
stop_seconds=20
listeners=(PLAINTEXT CONTROLLER)
brokers=1
only=
owned=
properties=()

die() {
  echo "broker.sh: $1" >&2
  exit "${2:-1}"
}

usage() {
  sed -n '/^# Usage/,/^# Status/s/^# //p' "$0" >&2
  exit 2
}

# Waits until the command succeeds; fails after so many seconds.
wait_for() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.05
  done
}

# --- one broker, in DIR/N -------------------------------------------------------------------------

# A number that another program got meanwhile is not ours.
is_running() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qsF -- "$1/server.properties" "/proc/$pid/cmdline"
}
is_gone() { ! is_running "$1"; }
signal() { kill "-$2" "$(cat "$1/pid")" 2>/dev/null || true; }
is_settled() { is_gone "$1" || grep -q 'Kafka Server started' "$1/log"; }

# launch DIR/N [SUFFIX]: runs the JVM below a shell that reaps it, and that kills it once its owner is
# gone. The suffix is that of the settings and of the log.
launch() {
  local node=$1 log=$1/log${2:-}
  rm -f "$node/pid"
  [ ! -f "$log" ] || mv "$log" "$log.before"
  # shellcheck disable=SC2016  # The inner shell expands.
  setsid bash -c '
    node=$1 owned=$2
    shift 2
    "$@" 3<&- & java=$!
    echo "$java" >"$node/pid.new" && mv "$node/pid.new" "$node/pid"
    [ -z "$owned" ] || { { read -r _ <&3; kill -9 "$java"; } & watch=$!; }
    wait "$java"
    [ -z "$owned" ] || kill "$watch"
  ' broker "$node" "$owned" java $java_options $archive_option -Dlog4j2.configurationFile="$node/log4j2.properties" \
    -Dlog4j.configuration="file:$node/log4j.properties" -cp "$jars/*" \
    kafka.Kafka "$node/server.properties${2:-}" </dev/null >"$log" 2>&1 9>&- &
  wait_for 10 test -s "$node/pid" || die "no process for $node"
}

end() {
  local node=$1 how=$2
  is_running "$node" || return 0
  if [ "$how" = stop ]; then
    signal "$node" CONT
    signal "$node" TERM
    wait_for $stop_seconds is_gone "$node" && return 0
    echo "broker.sh: $node did not stop within $stop_seconds s; it is killed" >&2
  fi
  signal "$node" KILL
  wait_for 10 is_gone "$node" || die "$node cannot be killed"
}

# --- settings -------------------------------------------------------------------------------------

# Ports below those that the system hands out: a broker gets its own back when it starts again.
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((10000 + (RANDOM * 32768 + RANDOM) % 20000))
    (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return 0; }
  done
  die "no free port"
}

join() { local IFS=,; echo "$*"; }

write_logging() {
  cat >"$1/log4j2.properties" <<'END'
rootLogger.level = INFO
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %m (%c{1})%n
END
  cat >"$1/log4j.properties" <<'END'
log4j.rootLogger = INFO, out
log4j.appender.out = org.apache.log4j.ConsoleAppender
log4j.appender.out.layout = org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern = %d{HH:mm:ss.SSS} %p %m (%c{1})%n
END
}

# Sets up DIR/N for each broker. What is short here lets tests wait less, such as the session that a
# killed broker must lose before it may register again; what clients negotiate is left as Kafka has it.
write_settings() {
  local voters=() node name port replicas=$brokers safe=$(((brokers + 1) / 2))
  declare -A addresses=()
  for node in $(seq "$brokers"); do
    local listen=() advertised=() controller=
    for name in "${listeners[@]}"; do
      port=$(free_port)
      listen+=("$name://127.0.0.1:$port")
      if [ "$name" = CONTROLLER ]; then
        controller=$port
      else
        advertised+=("$name://127.0.0.1:$port")
        addresses[$name]+="${addresses[$name]:+,}127.0.0.1:$port"
      fi
    done
    voters+=("$node@127.0.0.1:$controller")
    mkdir -p "$dir/$node"
    write_logging "$dir/$node"
    cat >"$dir/$node/server.properties" <<END
process.roles=broker,controller
node.id=$node
log.dirs=$dir/$node/data
listeners=$(join "${listen[@]}")
advertised.listeners=$(join "${advertised[@]}")
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$safe
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$safe
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=$((brokers > 1 ? 3000 : 2000))
broker.heartbeat.interval.ms=500
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.initial.task.delay.ms=500
log.retention.check.interval.ms=1000
log.cleaner.backoff.ms=100
log.cleaner.dedupe.buffer.size=16777216
END
  done
  for node in $(seq "$brokers"); do
    {
      echo "controller.quorum.voters=$(join "${voters[@]}")"
      [ "${#listeners[@]}" -eq 2 ] || secure_settings
      [ ${#properties[@]} -eq 0 ] || printf '%s\n' "${properties[@]}"
    } >>"$dir/$node/server.properties"
  done
  for name in "${!addresses[@]}"; do
    echo "${addresses[$name]}" >"$dir/address.${name,,}"
  done
  mv "$dir/address.plaintext" "$dir/address"
}

# A listener can ask for a password only if it knows one; TLS shows a certificate for 127.0.0.1.
secure_settings() {
  local plain=org.apache.kafka.common.security.plain.PlainLoginModule name
  echo "ssl.keystore.type=PEM"
  echo "ssl.keystore.location=$dir/tls/server.pem"
  echo "ssl.truststore.type=PEM"
  echo "ssl.truststore.location=$dir/tls/ca.pem"
  echo "ssl.client.auth=requested"
  echo "sasl.enabled.mechanisms=PLAIN"
  for name in sasl_plaintext sasl_ssl; do
    echo "listener.name.$name.plain.sasl.jaas.config=$plain required user_weir=\"$(cat "$dir/password")\";"
  done
}

# certificate NAME SUBJECT EXTENSION: DIR/tls/NAME.key and NAME.crt, signed by the authority.
certificate() {
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
    -extfile <(echo "$3") -out "$1.crt"
}

write_secrets() {
  command -v openssl >/dev/null || die "openssl is missing" 3
  mkdir -p "$dir/tls"
  openssl rand -hex 16 >"$dir/password"
  (
    cd "$dir/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=weir test authority" -days 30 \
      -keyout ca.key -out ca.pem
    certificate server localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
    certificate client weir "extendedKeyUsage=clientAuth"
    cat server.key server.crt ca.pem >server.pem
  ) 2>"$dir/tls.log" || die "openssl failed: $(tail -n 3 "$dir/tls.log")"
}

format() {
  local cluster=$1 node
  for node in "${nodes[@]}"; do
    [ -f "$node/data/meta.properties" ] || java -Xmx64m -XX:+UseSerialGC \
      -XX:TieredStopAtLevel=1 $archive_option -Dlog4j2.configurationFile="$node/log4j2.properties" \
      -Dlog4j.configuration="file:$node/log4j.properties" -cp "$jars/*" kafka.tools.StorageTool \
      format -t "$cluster" -c "$node/server.properties" >"$node/format.log" 2>&1 9>&- &
  done
  wait
  for node in "${nodes[@]}"; do
    [ -f "$node/data/meta.properties" ] || die "no storage: $(grep -v '^\sat ' "$node/format.log" | tail -n 3)"
  done
}

# --- commands -------------------------------------------------------------------------------------

set_up() {
  mkdir -p "$dir"
  echo "$brokers" >"$dir/brokers"
  echo "$version" >"$dir/version"
  [ "${#listeners[@]}" -eq 2 ] || write_secrets
  write_settings
}

is_fenced() { grep -qsE "Fencing broker ${1##*/} .*session has timed out" "$dir"/*/log.fence; }

# A broker that was killed and comes back at once still leads its partitions, by the metadata it finds,
# until its session ends; in between Kafka completes a transaction without the marker of its end, and
# readers wait for ever. So when all were killed, their sessions are ended by controllers alone first.
# Those of 3.x end no session that no heartbeat of a broker has reached.
fence_killed() {
  local node was_killed=
  [ "${version%%.*}" -ge 4 ] || return 0
  for node in "$dir"/[0-9]; do
    is_running "$node" && return 0
    [ ! -f "$node/log" ] || grep -q 'shut down completed' "$node/log" || was_killed=yes
  done
  [ -n "$was_killed" ] && [ -z "$only" ] || return 0
  for node in "${nodes[@]}"; do
    sed -E -e 's/^process.roles=.*/process.roles=controller/' -e '/^(advertised|inter)\./d' \
      -e 's/^listeners=.*(CONTROLLER:[^,]*).*/listeners=\1/' \
      -e 's/^broker.session.timeout.ms=.*/broker.session.timeout.ms=200/' \
      -e 's/^broker.heartbeat.interval.ms=.*/broker.heartbeat.interval.ms=100/' \
      "$node/server.properties" >"$node/server.properties.fence"
    launch "$node" .fence
  done
  # One that was killed before it had a session has none to lose.
  for node in "${nodes[@]}"; do wait_for 5 is_fenced "$node" || true; done
  for node in "${nodes[@]}"; do end "$node" kill; done
}

# Starts what does not run, and waits until each answers. Fails when a port is taken.
launch_all() {
  local node
  for node in "${nodes[@]}"; do
    is_running "$node" || launch "$node"
  done
  for node in "${nodes[@]}"; do
    wait_for $start_seconds is_settled "$node" || {
      tail -n 20 "$node/log" >&2
      die "$node did not start within $start_seconds s"
    }
  done
  for node in "${nodes[@]}"; do
    is_running "$node" && continue
    grep -q 'Address already in use' "$node/log" && return 1
    tail -n 20 "$node/log" >&2
    die "$node ended; the lines above are its last"
  done
}

make_archive() {
  local trial
  trial=$(mktemp -d)
  if WEIR_KAFKA_VERSION=$version WEIR_BROKER_ARCHIVES=$trial/classes.jsa \
    "$0" start "$trial/kafka" ${owned:+--owned} >/dev/null 2>&1 9>&-; then
    "$0" stop "$trial/kafka" 2>/dev/null 9>&- || true
    wait_for 10 test -s "$trial/classes.jsa" && mv "$trial/classes.jsa" "$1.new" && mv "$1.new" "$1"
  fi
  "$0" kill "$trial/kafka" 2>/dev/null || true
  rm -rf "$trial"
}

# Beside the jars lies an archive of the classes that a broker loads; the first start makes it, by
# another broker that starts and stops. Without one, all works, but slower.
use_archive() {
  local archive=${jars%/libs}/classes.jsa
  if [ -n "${WEIR_BROKER_ARCHIVES:-}" ]; then
    archive_option=-XX:ArchiveClassesAtExit=$WEIR_BROKER_ARCHIVES
    return 0
  fi
  exec 7>"${jars%/libs}.lock"
  flock -w 60 7 || true
  # An empty archive is none: what could not be made is not tried again.
  if [ ! -e "$archive" ] && : 2>/dev/null >"$archive"; then
    make_archive "$archive" 7>&-
  fi
  exec 7>&-
  [ ! -s "$archive" ] || archive_option=-XX:SharedArchiveFile=$archive
}

start() {
  local is_new= attempt node version
  [ -f "$dir/address" ] || is_new=yes
  version=$(cat "$dir/version" 2>/dev/null) || version=${WEIR_KAFKA_VERSION:-4.3.0}
  jars=$("$here/../cmake/kafka.sh" "$version" | tail -n 1)
  use_archive
  for attempt in 1 2 3 4 5; do
    [ -z "$is_new" ] || set_up
    select_nodes
    # 16 bytes in base64: what Kafka takes for the name of a cluster.
    [ -f "$dir/cluster" ] || head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | cut -c 1-22 >"$dir/cluster"
    format "$(cat "$dir/cluster")"
    fence_killed
    if launch_all; then
      cat "$dir/address"
      return 0
    fi
    for node in "${nodes[@]}"; do end "$node" kill; done
    [ -n "$is_new" ] || die "a port of $dir is taken by another program"
    rm -rf "${dir:?}"/[0-9] "$dir"/address*
  done
  die "no free ports after $attempt attempts"
}

# The brokers that the command is for.
select_nodes() {
  [ -f "$dir/brokers" ] || die "there is no broker in $dir"
  nodes=()
  local node
  for node in $(seq "$(cat "$dir/brokers")"); do
    [ -n "$only" ] && [ "$only" != "$node" ] || nodes+=("$dir/$node")
  done
  [ ${#nodes[@]} -gt 0 ] || die "there is no broker $only in $dir"
}

end_all() {
  local node
  for node in "${nodes[@]}"; do end "$node" "$1" & done
  wait
}

[ $# -ge 2 ] || usage
command=$1
dir=$(realpath -m "$2")
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --brokers) brokers=${2:?}; shift 2 ;;
    --node) only=${2:?}; shift 2 ;;
    --property) properties+=("${2:?}"); shift 2 ;;
    --secure) listeners=(PLAINTEXT CONTROLLER SSL SASL_PLAINTEXT SASL_SSL); shift ;;
    --owned) owned=yes; shift ;;
    *) usage ;;
  esac
done
[[ $brokers =~ ^[1-9]$ ]] || usage

mkdir -p "$(dirname "$dir")"
exec 9>"$dir.lock"
flock -w 120 9 || die "another command holds $dir"
case $command in
  start) start ;;
  stop | kill) select_nodes; end_all "$command" ;;
  pause) select_nodes; for node in "${nodes[@]}"; do signal "$node" STOP; done ;;
  resume) select_nodes; for node in "${nodes[@]}"; do signal "$node" CONT; done ;;
  *) usage ;;
esac
