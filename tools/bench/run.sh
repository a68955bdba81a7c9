#!/usr/bin/env bash
# Everything that docs/ states as measured, measured again: cargo's benchmarks, then the npm workspace's.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"
export ACESO_PROGRAM_SO=$ROOT/target/deploy/aceso.so
cargo bench --workspace --exclude xtask --benches
