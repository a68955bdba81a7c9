#!/usr/bin/env bash
# build.sh [MANIFEST]: builds the program to target/deploy/aceso.so, with Solana's own cargo-build-sbf where there is one
# and with the upstream toolchain otherwise (ACESO_SBF=upstream|platform decides by hand).
# Freshness is cargo's: an unchanged program is not built again.
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/version.sh"
manifest=${1:-$ROOT/programs/aceso/Cargo.toml}
name=$(sed -n '/^\[lib\]/,/^\[/s/^name *= *"\(.*\)"/\1/p' "$manifest")
[ -n "$name" ] || name=$(sed -n 's/^name *= *"\(.*\)"/\1/p' "$manifest" | head -1 | tr - _)
deploy=$ROOT/target/deploy
kind=${ACESO_SBF:-}
[ -n "$kind" ] || { command -v cargo-build-sbf >/dev/null && kind=platform || kind=upstream; }

# Small code is cheap to deploy, and checked arithmetic is the second line of defence of every balance. Set here and not
# as a profile in Cargo.toml, so that native release builds of the same crates stay optimised for speed.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=s CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
  CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true CARGO_PROFILE_RELEASE_DEBUG=0
export CARGO_TARGET_DIR=${SBF_TARGET_DIR:-$ROOT/target/sbf}
# A caller's settings for host builds (cargo's own RUSTUP_TOOLCHAIN when an xtask calls this, CI's) are not for this one.
unset RUSTUP_TOOLCHAIN CARGO_ENCODED_RUSTFLAGS RUSTC RUSTC_WRAPPER
mkdir -p "$deploy"

build_platform() {
  RUSTFLAGS='' cargo-build-sbf --manifest-path "$manifest" --sbf-out-dir "$deploy" ${CI:+-- --locked}
}

build_upstream() {
  "$ROOT/tools/sbf/install.sh"
  local flags=(
    -Zunstable-options -Cpanic=immediate-abort
    -C "linker=$SBF_DIR/linker.sh" -C relocation-model=static
    -C link-arg=--export=entrypoint -C link-arg=--llvm-args=--bpf-stack-size=4096
    -C target-cpu=v2 -C passes=lower-atomic
    # The VM allows unaligned access; without this LLVM copies every address byte by byte, twice the code.
    -C target-feature=+allows-misaligned-mem-access
  )
  # Without the synthetic-target switch std counts as restricted on a target that rustc does not know.
  RUSTC=$SBF_DIR/toolchain/bin/rustc RUSTFLAGS="${flags[*]}" RUSTC_BOOTSTRAP_SYNTHETIC_TARGET=1 \
    "$SBF_DIR/toolchain/bin/cargo" rustc --manifest-path "$manifest" ${CI:+--locked} --release --lib --crate-type=cdylib \
    -Zjson-target-spec -Zbuild-std=std,panic_abort --target "$SBF_DIR/sbf-solana-solana.json"
  local built=$CARGO_TARGET_DIR/sbf-solana-solana/release/$name.so
  [ -f "$built" ] || built=$CARGO_TARGET_DIR/sbf-solana-solana/release/lib$name.so
  # Keep the time of an unchanged file: what depends on it is then not done again either.
  cmp -s "$built" "$deploy/$name.so" || cp "$built" "$deploy/$name.so"
}

"build_$kind"
# Anchor's verbs look for the program's key beside the program.
[ "$name" != aceso ] || cp "$ROOT/tools/localnet/program-keypair.json" "$deploy/aceso-keypair.json"

bytes=$(wc -c < "$deploy/$name.so")
printf 'target/deploy/%s.so: %d bytes (limit %d), %s toolchain\n' "$name" "$bytes" "$PROGRAM_MAX_BYTES" "$kind"
[ "$bytes" -le "$PROGRAM_MAX_BYTES" ] || die "the program is larger than PROGRAM_MAX_BYTES in tools/sbf/version.sh"
