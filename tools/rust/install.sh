#!/usr/bin/env bash
# The pinned stable Rust with the parts that this repository uses.
# rustup may be set not to install toolchains by itself (RUSTUP_AUTO_INSTALL=0), so ask for it by name.
. "$(dirname "$0")/../cache.sh"

need rustup "install it from https://rustup.rs (or your distribution's rustup package), then run this again"
sysroot=$(RUSTUP_TOOLCHAIN='' rustup +"$RUST_VERSION" run "$RUST_VERSION" rustc --print sysroot 2>/dev/null) || sysroot=
if [ -z "$sysroot" ] || [ ! -e "$sysroot/bin/cargo-clippy" ] || [ ! -e "$sysroot/bin/rustfmt" ] \
  || [ ! -d "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib" ]; then
  say "installing Rust $RUST_VERSION (about 1 min)"
  rustup --quiet toolchain install "$RUST_VERSION" --profile minimal --no-self-update \
    --component rustfmt --component clippy --target wasm32-unknown-unknown
fi
