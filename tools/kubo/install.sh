#!/usr/bin/env bash
# Kubo, the IPFS daemon, for tests and the demo; built from Go modules, since its npm package only downloads a binary.
# 0.43.0 and not .1: that one replaces a dependency by a fork, which Go modules do not allow for a dependency of ours.
. "$(dirname "$0")/../cache.sh"
. "$(dirname "$0")/binary.sh"

build() {
  need go "install Go 1.26 or later (https://go.dev/dl), or set KUBO=/path/to/ipfs, or put ipfs on PATH"
  say "installing Kubo $KUBO_VERSION (about 2 min)"
  (cd "$ROOT/tools/kubo" && go build -mod=readonly -trimpath -ldflags "-s -w" -o "$1/ipfs" github.com/ipfs/kubo/cmd/ipfs)
}

"$ROOT/tools/debian/install.sh" procps # node.sh asks ps whether a process is still ours
kubo_binary >/dev/null || {
  install_once "$ACESO_TOOLS/kubo-$KUBO_VERSION" build
  link_tool ipfs "$ACESO_TOOLS/kubo-$KUBO_VERSION/ipfs"
}
