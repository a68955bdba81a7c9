#!/usr/bin/env bash
# Formatting and static checks of all languages; nothing is changed.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"
locked=()
[ -z "${CI:-}" ] || locked=(--locked)

cargo fmt --all --check
(cd tools/wasm-bundle && cargo fmt --check)
cargo clippy --quiet --workspace --all-targets "${locked[@]}" -- -D warnings

"$ROOT/tools/debian/install.sh" shellcheck
if command -v shellcheck >/dev/null; then
  git ls-files -z -- '*.sh' .ci/run | xargs -0 shellcheck
fi

tools/node/install.sh .
npm run --silent lint
