#!/usr/bin/env bash
# The main job from end to end, on a chain and stores of its own; what is left to look at lies in target/demo.
#   FILE=path   shares this file instead of the samples
# Two Kubo nodes where Kubo is at hand (the reader's never added a byte), one directory otherwise.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"
if [ -n "${FILE:-}" ]; then
  [ -f "$FILE" ] || die "FILE=$FILE is not a file"
  FILE=$(realpath "$FILE")
  export FILE
fi
# Short slots: with longer ones Surfnet's slots go back when its clock is moved ahead by minutes and days in turn.
export LOCALNET_SLOT_MS=${LOCALNET_SLOT_MS:-100}
# Ports of its own: a chain that somebody works with keeps running.
export LOCALNET_RPC_PORT=${DEMO_RPC_PORT:-18899} LOCALNET_WS_PORT=${DEMO_WS_PORT:-18900}

cargo build --release --quiet -p aceso-cli -p aceso-peer -p aceso-market-fixture --bins --example fair ${CI:+--locked}
rm -rf target/demo
mkdir -p target/demo

nodes=()
stop_all() {
  for node in "${nodes[@]}"; do tools/kubo/node.sh reset "$node" || true; done
  tools/localnet/run.sh stop 2>/dev/null || true
}
trap stop_all EXIT

tools/localnet/run.sh stop 2>/dev/null || true # one that a killed demo has left
tools/localnet/run.sh start >/dev/null
eval "$(tools/localnet/run.sh env)"

tools/kubo/install.sh || say "going on without Kubo"
. "$ROOT/tools/kubo/binary.sh"
if kubo_binary >/dev/null; then
  nodes=(demo-home demo-hospital)
  for node in "${nodes[@]}"; do
    tools/kubo/node.sh reset "$node"
    tools/kubo/node.sh start "$node" >/dev/null
  done
  tools/kubo/node.sh connect demo-home demo-hospital
  eval "$(tools/kubo/node.sh env demo-home)" && DEMO_STORE_HOME=$KUBO_API
  eval "$(tools/kubo/node.sh env demo-hospital)" && DEMO_STORE_HOSPITAL=$KUBO_API
else
  [ -z "${CI:-}" ] || die "CI runs the demo on Kubo: make kubo"
  say "Kubo is not at hand: the demo keeps its blobs in target/demo/store (make kubo installs it)"
  DEMO_STORE_HOME=$ROOT/target/demo/store DEMO_STORE_HOSPITAL=$ROOT/target/demo/store
fi
export DEMO_STORE_HOME DEMO_STORE_HOSPITAL
node tools/demo/demo.mjs
