#!/usr/bin/env bash
# install.sh FOLDER: `npm ci` there, and only if its package-lock.json changed since the last one.
. "$(dirname "$0")/../cache.sh"
need node "install Node.js 20.19 or later (https://nodejs.org)"
need npm "install npm (it comes with Node.js)"
# What vitest is built on refuses older ones, in the middle of a run.
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' \
  || die "Node.js 20.19 or later is needed, this is $(node -v)"

folder=$1
[ -f "$folder/package-lock.json" ] || die "$folder/package-lock.json is missing"
stamp=$folder/node_modules/.aceso-installed
# The Node version and platform belong to it: native packages differ.
wanted=$(node -p 'process.version + process.platform + process.arch' && cat "$folder/package-lock.json")
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0
say "installing the npm packages of ${folder#"$ROOT"/}"
(cd "$folder" && npm ci --no-audit --no-fund --prefer-offline --loglevel=error)
printf '%s\n' "$wanted" > "$stamp"
