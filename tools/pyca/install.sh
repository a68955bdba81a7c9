#!/usr/bin/env bash
# pyca/cryptography, the second implementation of the content format; prints the folder for PYTHONPATH.
. "$(dirname "$0")/../cache.sh"
version=50.0.2

build() {
  need python3 "install Python 3 with pip"
  say "installing cryptography $version for Python"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target "$1" "cryptography==$version" >&2
}

dir=$ACESO_TOOLS/pyca-$version-py$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
install_once "$dir" build
echo "$dir"
