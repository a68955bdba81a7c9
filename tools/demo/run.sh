#!/usr/bin/env bash
# Placeholder: the demo is not written yet.
. "$(dirname "$0")/../cache.sh"
die "the demo is not written yet (tools/demo/run.sh)"
