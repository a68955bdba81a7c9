#!/usr/bin/env bash
# Kills a storage peer's daemon at any moment, again and again, and looks whether anything was lost or paid twice.
#   CHAOS_CYCLES=1000   how often; a cycle takes a second or two
# What came of it is printed and kept in target/chaos.txt.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"
tools/localnet/install.sh
cycles=${CHAOS_CYCLES:-1000}
say "$cycles times kill -9 (about $((cycles * 2 / 60 + 1)) min)"
ACESO_CHAOS_CYCLES=$cycles cargo test --quiet -p aceso-peer --test chaos -- --nocapture | tee target/chaos.txt
