#!/usr/bin/env bash
# The real Anchor CLI. Nothing else here needs it: it is for `make anchor`, which checks that its verbs still work.
. "$(dirname "$0")/../cache.sh"
version=$(sed -n 's/^anchor_version *= *"\(.*\)"/\1/p' "$ROOT/Anchor.toml")

build() {
  "$ROOT/tools/rust/install.sh"
  "$ROOT/tools/debian/install.sh" gcc g++ libc6-dev pkg-config libssl-dev libudev-dev
  say "installing anchor-cli $version (about 6 min)"
  RUSTUP_TOOLCHAIN=$RUST_VERSION CARGO_TARGET_DIR=$1/build \
    cargo install --quiet --locked anchor-cli --version "$version" --root "$1"
  rm -rf "$1/build"
}

install_once "$ACESO_TOOLS/anchor-$version" build
link_tool anchor "$ACESO_TOOLS/anchor-$version/bin/anchor"
