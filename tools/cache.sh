# shellcheck shell=bash
# Sourced by every script in tools/: where installed tools live, and how an install stays all-or-nothing.
# Tools are kept outside the checkout, in versioned folders, so that a second clone installs nothing twice.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ACESO_TOOLS=${ACESO_TOOLS:-$HOME/.cache/aceso}
RUST_VERSION=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
export ROOT ACESO_TOOLS RUST_VERSION

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need COMMAND WHAT-TO-DO
need() { command -v "$1" >/dev/null || die "$1 is missing: $2"; }

# install_once DIR FUNCTION
# Runs FUNCTION with a scratch folder in $1 and renames that folder to DIR once it succeeded: an interrupted install
# leaves nothing that looks finished. Two installs of one tool at a time wait for each other where flock exists.
install_once() {
  local dir=$1 build=$2 scratch status=0
  [ ! -e "$dir" ] || return 0
  mkdir -p "$(dirname "$dir")"
  if command -v flock >/dev/null; then
    exec 9>"$dir.lock"
    flock 9
    [ ! -e "$dir" ] || { exec 9>&-; return 0; }
    rm -rf "$dir".tmp.* # of a run that was killed; nobody else is at it, we hold the lock
  fi
  scratch=$(mktemp -d "$dir.tmp.XXXXXX")
  # A subshell with its own errexit: inside `||` bash would ignore failures in the middle of FUNCTION.
  set +e
  (set -euo pipefail; trap 'rm -rf "$scratch"; exit 1' INT TERM HUP; "$build" "$scratch")
  status=$?
  set -e
  if [ "$status" != 0 ]; then
    chmod -R u+w "$scratch" 2>/dev/null || true
    rm -rf "$scratch"
    die "installing $(basename "$dir") failed (see above); nothing was left behind, run it again"
  fi
  chmod 755 "$scratch"
  mv "$scratch" "$dir"
  if command -v flock >/dev/null; then exec 9>&-; fi
  rm -f "$dir.lock"
}

# link_tool NAME FILE: puts FILE on $ACESO_TOOLS/bin as NAME
link_tool() {
  mkdir -p "$ACESO_TOOLS/bin"
  ln -sfn "$2" "$ACESO_TOOLS/bin/$1"
}
