# shellcheck shell=bash
# Sourced after cache.sh. Which Kubo is used: KUBO=/path, else an `ipfs` on PATH, else the one that install.sh built.
KUBO_VERSION=$(sed -n 's,^require github.com/ipfs/kubo v,,p' "$ROOT/tools/kubo/go.mod")

kubo_binary() {
  if [ -n "${KUBO:-}" ]; then
    [ -x "$KUBO" ] || die "KUBO=$KUBO is not an executable file"
    echo "$KUBO"
  elif command -v ipfs >/dev/null; then
    command -v ipfs
  elif [ -x "$ACESO_TOOLS/kubo-$KUBO_VERSION/ipfs" ]; then
    echo "$ACESO_TOOLS/kubo-$KUBO_VERSION/ipfs"
  else
    return 1
  fi
}
