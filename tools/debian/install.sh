#!/usr/bin/env bash
# install.sh PACKAGE...: system packages, only those that are missing, and only where apt-get and the rights exist.
. "$(dirname "$0")/../cache.sh"

if ! command -v dpkg-query >/dev/null; then
  say "not a Debian system: make sure you have the equivalents of: $*"
  exit 0
fi
missing=()
for package in "$@"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=()
if [ "$(id -u)" != 0 ]; then
  sudo=(sudo -n)
  sudo -n true 2>/dev/null || die "missing packages; run: sudo apt-get install -y ${missing[*]}"
fi
say "installing ${missing[*]} (apt-get, about 1 min)"
export DEBIAN_FRONTEND=noninteractive
install=("${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}")
# The package lists of a fresh machine may be absent or stale: refresh them only if the install needs it.
"${install[@]}" >/dev/null 2>&1 || { "${sudo[@]}" apt-get update -qq; "${install[@]}" >/dev/null; }
