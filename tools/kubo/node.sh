#!/usr/bin/env bash
# Private Kubo nodes on loopback: no routing, no bootstrap, no telemetry, random ports, repository in target/kubo/NAME.
#   node.sh start NAME     starts it, waits until it answers and prints its URLs
#   node.sh env NAME       prints exports: KUBO_API, KUBO_GATEWAY
#   node.sh connect A B    lets A dial B
#   node.sh stop NAME      stops it (the repository stays; `reset NAME` deletes it too)
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/binary.sh"

usage="usage: tools/kubo/node.sh start|stop|reset|env NAME, or connect NAME NAME"
verb=${1:-} name=${2:-}
[[ $name =~ ^[a-z0-9-]+$ ]] || die "$usage (a name is lower-case letters, digits and dashes)"
kubo=$(kubo_binary) || die "Kubo is missing. Run: make kubo"
repo=$ROOT/target/kubo/$name
pid_file=$ROOT/target/kubo/$name.pid
log=$ROOT/target/kubo/$name.log
export IPFS_TELEMETRY=off
unset IPFS_PATH

ipfs() { "$kubo" --repo-dir="$repo" "$@"; }

# Prints the process id if it is really this node's daemon, whatever a leftover pid file says.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] && ps -o args= -p "$pid" 2>/dev/null | grep -qF -- "--repo-dir=$repo " \
    && echo "$pid"
}

# Made beside its place and renamed, so that an interrupted init leaves no half repository.
init() {
  local real=$repo scratch=$repo.tmp.$$
  [ ! -f "$real/config" ] || return 0
  rm -rf "$real" "$real".tmp.*
  repo=$scratch
  ipfs init --profile=test,unixfs-v1-2025 >/dev/null
  ipfs config Routing.Type none
  ipfs config --json Provide.Enabled false
  ipfs config --json Plugins.Plugins.telemetry.Disabled true
  repo=$real
  mv "$scratch" "$real"
}

api() { # the API file holds a multiaddr: /ip4/127.0.0.1/tcp/PORT
  sed -n 's,^/ip4/\([0-9.]*\)/tcp/\([0-9]*\).*,http://\1:\2,p' "$repo/api" 2>/dev/null
}

answers() {
  [ -s "$repo/api" ] && [ -s "$repo/gateway" ] && "$kubo" --api="$(cat "$repo/api")" --timeout=5s id >/dev/null 2>&1
}

start() {
  local pid tries
  mkdir -p "$ROOT/target/kubo"
  if ! running >/dev/null; then
    init
    # A killed daemon leaves them behind, and they would name ports that are somebody else's by now.
    rm -f "$repo/api" "$repo/gateway"
    if command -v setsid >/dev/null; then detach=(setsid nohup); else detach=(nohup); fi
    "${detach[@]}" "$kubo" --repo-dir="$repo" daemon --enable-gc=false > "$log" 2>&1 < /dev/null &
    echo $! > "$pid_file"
  fi
  pid=$(cat "$pid_file")
  for ((tries = 0; tries < 300; tries++)); do
    if answers; then
      printf 'kubo %s ready: api %s gateway %s\n' "$name" "$(api)" "$(cat "$repo/gateway")"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -20 "$log" >&2
  stop
  die "Kubo node $name did not start (log: $log)"
}

stop() {
  local pid tries
  if pid=$(running); then
    kill "$pid"
    for ((tries = 0; tries < 100; tries++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$pid_file"
}

case $verb in
  start | stop) "$verb" ;;
  reset)
    stop
    rm -rf "$repo"
    ;;
  env)
    running >/dev/null || die "Kubo node $name is not running: tools/kubo/node.sh start $name"
    printf 'export KUBO_API=%s\nexport KUBO_GATEWAY=%s\n' "$(api)" "$(cat "$repo/gateway")"
    ;;
  connect)
    other=${3:-}
    [[ $other =~ ^[a-z0-9-]+$ ]] || die "$usage"
    address=$("$kubo" --repo-dir="$ROOT/target/kubo/$other" id -f '<addrs>' | grep -m1 '^/ip4/127.0.0.1/tcp/') \
      || die "Kubo node $other has no TCP address: is it running?"
    ipfs swarm connect "$address" >/dev/null
    ;;
  *) die "$usage" ;;
esac
