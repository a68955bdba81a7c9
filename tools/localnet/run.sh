#!/usr/bin/env bash
# run.sh start|stop|status|env|restart: the local chain in the background (settings: README.md).
# One chain per RPC port, so that two checkouts or test runs need only two ports.
. "$(dirname "$0")/../cache.sh"
export LOCALNET_RPC_PORT=${LOCALNET_RPC_PORT:-8899} LOCALNET_WS_PORT=${LOCALNET_WS_PORT:-8900}
dir=$ROOT/target/localnet
pid_file=$dir/$LOCALNET_RPC_PORT.pid
log=$dir/$LOCALNET_RPC_PORT.log
mkdir -p "$dir"

# Prints the process id if it is really ours: after a reboot the number may belong to something else.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) && [ -n "$pid" ] \
    && ps -o args= -p "$pid" 2>/dev/null | grep -q 'localnet/localnet\.mjs' && echo "$pid"
}

start() {
  local pid tries
  if pid=$(running); then
    say "localnet is running already (pid $pid)"
    return
  fi
  "$ROOT/tools/localnet/install.sh"
  # A session of its own: Ctrl-C in the terminal that started it must not end it.
  if command -v setsid >/dev/null; then
    setsid nohup node "$ROOT/tools/localnet/localnet.mjs" > "$log" 2>&1 < /dev/null 9>&- &
  else
    nohup node "$ROOT/tools/localnet/localnet.mjs" > "$log" 2>&1 < /dev/null &
  fi
  pid=$!
  echo "$pid" > "$pid_file"
  for ((tries = 0; tries < 300; tries++)); do
    if grep -q '^localnet ready' "$log"; then
      grep '^localnet ready' "$log"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$log" >&2
  stop >/dev/null
  die "localnet did not start (log: $log)"
}

stop() {
  local pid tries
  if pid=$(running); then
    kill "$pid"
    for ((tries = 0; tries < 50; tries++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    say "localnet stopped"
  fi
  rm -f "$pid_file"
}

status() {
  local pid
  if pid=$(running); then
    say "localnet is running (pid $pid, log $log)"
    grep '^localnet ready' "$log"
  else
    say "localnet is not running"
    return 1
  fi
}

# For: eval "$(tools/localnet/run.sh env)"
print_env() {
  printf 'export ACESO_RPC_URL=http://127.0.0.1:%s\n' "$LOCALNET_RPC_PORT"
  printf 'export ACESO_WS_URL=ws://127.0.0.1:%s\n' "$LOCALNET_WS_PORT"
  printf 'export ACESO_ADMIN_KEYPAIR=%q\n' "$ROOT/tools/localnet/admin-keypair.json"
}

case ${1:-} in
  start | stop | status) "$1" ;;
  restart) stop; start ;;
  env) print_env ;;
  *) die "usage: tools/localnet/run.sh start|stop|restart|status|env" ;;
esac
