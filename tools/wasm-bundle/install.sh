#!/usr/bin/env bash
# wasm-bundle, our own few lines around wasm-bindgen's library: half a minute to build, where its command takes minutes.
# The folder's name holds a digest of the sources, so that a change of them is built and an old checkout keeps its own.
. "$(dirname "$0")/../cache.sh"
here=$ROOT/tools/wasm-bundle
digest=$(cat "$here/Cargo.lock" "$here/Cargo.toml" "$here/src/main.rs" "$ROOT/rust-toolchain.toml" | git hash-object --stdin)
dir=$ACESO_TOOLS/wasm-bundle-${digest:0:12}

build() {
  "$ROOT/tools/rust/install.sh"
  say "installing wasm-bundle (about 1 min)"
  (cd "$here" && RUSTUP_TOOLCHAIN=$RUST_VERSION CARGO_TARGET_DIR=$1/build cargo build --quiet --release --locked)
  mv "$1/build/release/wasm-bundle" "$1/wasm-bundle"
  rm -rf "$1/build"
}

install_once "$dir" build
echo "$dir/wasm-bundle" # for whoever wants to run it
