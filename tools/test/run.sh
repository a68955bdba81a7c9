#!/usr/bin/env bash
# run.sh: every test of the repository. `make test` has built the program and the WASM module before.
# Two private Kubo nodes run meanwhile; tests that need them read ACESO_KUBO_API, ACESO_KUBO_GATEWAY and, for the second,
# ACESO_KUBO_API_2, ACESO_KUBO_GATEWAY_2, and skip themselves (saying so) where these are not set.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"

section() { printf '\n== %s (%d s)\n' "$*" "$SECONDS"; }

stop_kubo() {
  tools/kubo/node.sh reset test-1
  tools/kubo/node.sh reset test-2
}

start_kubo() {
  tools/kubo/node.sh start test-1
  tools/kubo/node.sh start test-2
  tools/kubo/node.sh connect test-1 test-2
  eval "$(tools/kubo/node.sh env test-2)"
  export ACESO_KUBO_API_2=$KUBO_API ACESO_KUBO_GATEWAY_2=$KUBO_GATEWAY
  eval "$(tools/kubo/node.sh env test-1)"
  export ACESO_KUBO_API=$KUBO_API ACESO_KUBO_GATEWAY=$KUBO_GATEWAY
  unset KUBO_API KUBO_GATEWAY
}

section "Kubo"
if tools/kubo/install.sh; then
  trap stop_kubo EXIT
  start_kubo
elif [ -n "${CI:-}" ]; then
  die "CI runs the Kubo tests: Kubo is needed"
else
  say "skipped: the tests that need Kubo (see above for what to install)"
fi

locked=()
[ -z "${CI:-}" ] || locked=(--locked)

section "Rust"
export ACESO_PROGRAM_SO=$ROOT/target/deploy/aceso.so
# xtask has no tests, and its dependencies are its own.
cargo test --workspace --exclude xtask "${locked[@]}"

section "second implementation (pyca/cryptography)"
if pyca=$(tools/pyca/install.sh); then
  PYTHONPATH=$pyca python3 client/format/testdata/pyca_check.py target/debug/examples/content
elif [ -n "${CI:-}" ]; then
  die "CI compares with the second implementation: Python 3 with pip is needed"
else
  say "skipped: the comparison with pyca/cryptography (see above for what to install)"
fi

section "fuzz corpora"
tools/fuzz/replay.sh

section "WASM"
node --test client/wasm/tests/*.test.mjs

section "JavaScript"
tools/localnet/install.sh
npm test

section "done"
