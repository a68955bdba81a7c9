#!/usr/bin/env bash
# A toolchain that builds Solana programs from upstream Rust (its bpf target) and crates.io's sbpf-linker, for machines
# that cannot download Solana's platform-tools. Nothing is linked into rustup: build.sh calls the compiler by path.
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/version.sh"
here=$ROOT/tools/sbf

nightly_is_complete() {
  local sysroot
  sysroot=$(RUSTUP_TOOLCHAIN='' rustup run "$SBF_NIGHTLY" rustc --print sysroot 2>/dev/null) \
    && [ -d "$sysroot/lib/rustlib/src/rust/library" ]
}

build() {
  local out=$1 sysroot host linker
  need rustup "install it from https://rustup.rs, then run this again"
  "$ROOT/tools/debian/install.sh" gcc libc6-dev perl-base python3
  need python3 "install Python 3 (on Debian: apt-get install python3)"
  if ! nightly_is_complete; then
    say "installing Rust $SBF_NIGHTLY (about 1 min)"
    rustup --quiet toolchain install "$SBF_NIGHTLY" --profile minimal --component rust-src --no-self-update
  fi
  sysroot=$(RUSTUP_TOOLCHAIN='' rustup run "$SBF_NIGHTLY" rustc --print sysroot)
  host=$("$sysroot/bin/rustc" -vV | sed -n 's/^host: //p')

  # SBF_LINKER: an sbpf-linker of the same version and nightly that is already there.
  linker=${SBF_LINKER:-}
  if [ -z "$linker" ]; then
    say "installing sbpf-linker $SBF_LINKER_VERSION (about 2 min)"
    RUSTUP_TOOLCHAIN=$SBF_NIGHTLY CARGO_TARGET_DIR=$out/build \
      cargo install --quiet sbpf-linker --version "$SBF_LINKER_VERSION" --root "$out/linker"
    linker=$out/linker/bin/sbpf-linker
  fi
  cp "$linker" "$out/sbpf-linker"
  cp "$here/linker.sh" "$out/linker.sh"
  chmod +x "$out/linker.sh"
  rm -rf "$out/build" "$out/linker"

  # Hard links cost no space, but they must not reach the sources that are patched: those are real copies.
  cp -al "$sysroot" "$out/toolchain" 2>/dev/null || { rm -rf "$out/toolchain"; cp -a "$sysroot" "$out/toolchain"; }
  # A linker script by a library's name: sbpf-linker would try to load it and warn at every build.
  rm -f "$out"/toolchain/lib/libLLVM-*-rust-*.so
  rm -rf "$out/toolchain/lib/rustlib/src"
  cp -a "$sysroot/lib/rustlib/src" "$out/toolchain/lib/rustlib/src"
  "$here/patch-std.sh" "$out/toolchain/lib/rustlib/src/rust/library"

  # The target is rustc's own bpf one, told of the VM it is for. Atomics become plain operations in a VM without threads.
  "$out/toolchain/bin/rustc" -Zunstable-options --print target-spec-json --target bpfel-unknown-none \
    | python3 -c '
import json, sys
spec = json.load(sys.stdin)
spec.update({"os": "solana", "vendor": "solana", "atomic-cas": True, "panic-strategy": "immediate-abort"})
spec.pop("min-atomic-width", None)
json.dump(spec, sys.stdout, indent=2, sort_keys=True)' > "$out/sbf-solana-solana.json"
  [ -d "$out/toolchain/lib/rustlib/$host" ] || die "no standard library for $host in $SBF_NIGHTLY"
}

install_once "$SBF_DIR" build
