#!/usr/bin/env bash
# run.sh [TARGET...]: fuzzes each target for FUZZ_SECONDS (60), starting from its kept inputs.
# What a crash leaves in fuzz/artifacts belongs into seeds/ with the fix.
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/targets.sh"
. "$(dirname "$0")/../sbf/version.sh" # one nightly serves both
version=0.13.2

build() {
  say "installing cargo-fuzz $version (about 1 min)"
  RUSTUP_TOOLCHAIN=$RUST_VERSION CARGO_TARGET_DIR=$1/build \
    cargo install --quiet --locked cargo-fuzz --version "$version" --root "$1"
  rm -rf "$1/build"
}

"$ROOT/tools/rust/install.sh"
install_once "$ACESO_TOOLS/cargo-fuzz-$version" build
RUSTUP_TOOLCHAIN='' rustup run "$SBF_NIGHTLY" rustc -V >/dev/null 2>&1 || {
  say "installing Rust $SBF_NIGHTLY (about 1 min)"
  rustup --quiet toolchain install "$SBF_NIGHTLY" --profile minimal --component rust-src --no-self-update
}

cd "$FUZZ/.."
for target in "${@:-$FUZZ_TARGETS}"; do
  for one in $target; do
    mkdir -p "$FUZZ/corpus/$one"
    RUSTUP_TOOLCHAIN=$SBF_NIGHTLY "$ACESO_TOOLS/cargo-fuzz-$version/bin/cargo-fuzz" run "$one" \
      "$FUZZ/corpus/$one" "$FUZZ/seeds/$one" -- -max_total_time="${FUZZ_SECONDS:-60}"
  done
done
