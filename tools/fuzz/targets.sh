# shellcheck shell=bash disable=SC2034
# Sourced after cache.sh. The fuzz targets, and where the inputs that are kept live: client/format/fuzz/seeds/<target>/.
FUZZ=$ROOT/client/format/fuzz
FUZZ_TARGETS=$(sed -n '/^\[\[bin\]\]/,/^$/s/^name *= *"\(.*\)"/\1/p' "$FUZZ/Cargo.toml" 2>/dev/null || true)
[ -n "$FUZZ_TARGETS" ] || die "no fuzz targets in $FUZZ/Cargo.toml"
