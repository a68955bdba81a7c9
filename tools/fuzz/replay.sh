#!/usr/bin/env bash
# Runs every kept input once, on stable Rust and without sanitizers: what a fuzzer found must stay found.
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/targets.sh"

# libFuzzer is C++; without coverage instrumentation it still runs the inputs that it is given.
(cd "$FUZZ" && cargo build --bins ${CI:+--locked} --target-dir "$ROOT/target/fuzz-replay")
for target in $FUZZ_TARGETS; do
  seeds=("$FUZZ/seeds/$target"/*)
  [ -e "${seeds[0]}" ] || die "no inputs in ${FUZZ#"$ROOT"/}/seeds/$target"
  log=$ROOT/target/fuzz-replay/$target.log
  "$ROOT/target/fuzz-replay/debug/$target" -rss_limit_mb=2048 "${seeds[@]}" > "$log" 2>&1 \
    || { tail -40 "$log" >&2; die "fuzz target $target fails on a kept input"; }
  printf '%s: %d inputs\n' "$target" "${#seeds[@]}"
done
