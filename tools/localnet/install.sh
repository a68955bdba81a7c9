#!/usr/bin/env bash
# Surfnet from npm, into this folder (npm keeps its own cache outside the checkout).
. "$(dirname "$0")/../cache.sh"
"$ROOT/tools/debian/install.sh" procps # run.sh asks ps whether a process is still ours
"$ROOT/tools/node/install.sh" "$ROOT/tools/localnet"
