#!/usr/bin/env bash
# Runs the Anchor CLI's own verbs against this repository: keys list, idl build, program deploy (through the upgradeable
# loader, on an empty offline chain), migrate and test.
. "$(dirname "$0")/../cache.sh"
"$ROOT/tools/anchor/install.sh"
cd "$ROOT"
export PATH="$ACESO_TOOLS/bin:$PATH" NO_DNA=1
# A chain of its own ports, empty: the program is to arrive by the loader.
export LOCALNET_RPC_PORT=${ANCHOR_RPC_PORT:-18899} LOCALNET_WS_PORT=${ANCHOR_WS_PORT:-18900}
export LOCALNET_PROGRAM=none
keys=$ROOT/tools/localnet

# The CLI reads a wallet in the home folder whatever Anchor.toml says: give it a home with one.
HOME_BEFORE=$HOME
home=$(mktemp -d)
trap 'tools/localnet/run.sh stop; rm -rf "$home"' EXIT
export CARGO_HOME=${CARGO_HOME:-$HOME_BEFORE/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME_BEFORE/.rustup}
export HOME=$home
mkdir -p "$home/.config/solana"
cp "$keys/admin-keypair.json" "$home/.config/solana/id.json"

check() { say "ok: anchor $*"; }

tools/localnet/run.sh start
eval "$(tools/localnet/run.sh env)"
program=$(sed -n 's/^aceso = "\(.*\)"/\1/p' Anchor.toml)

anchor keys list | grep -qF "aceso: $program" || die "anchor keys list does not name $program"
check keys list

# The CLI sets RUSTFLAGS, and all dependencies would be built a second time; the encoded variable overrules that one.
(unset RUSTUP_TOOLCHAIN && CARGO_ENCODED_RUSTFLAGS='' anchor idl build --program-name aceso --out "$home/aceso.json" >/dev/null)
grep -qF "$program" "$home/aceso.json" || die "anchor idl build made an IDL without the program's address"
check idl build

# The CLI sends some 560 writes at once, and they must arrive while their blockhash lives (150 slots). Simulating each
# before it is run takes a busy machine longer than that.
anchor program deploy target/deploy/aceso.so --program-keypair "$keys/program-keypair.json" \
  --provider.cluster "$ACESO_RPC_URL" --provider.wallet "$keys/admin-keypair.json" --use-rpc --no-idl -- --skip-preflight
check program deploy

anchor migrate --provider.cluster "$ACESO_RPC_URL" --provider.wallet "$keys/admin-keypair.json"
check migrate

anchor test --skip-build --skip-local-validator --skip-deploy \
  --provider.cluster "$ACESO_RPC_URL" --provider.wallet "$keys/admin-keypair.json"
check test
