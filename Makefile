# Every target installs what it needs (tools into $(ACESO_TOOLS), outside the checkout) and does nothing twice.
# The logic is in tools/: these are its names.
ACESO_TOOLS ?= $(HOME)/.cache/aceso
export ACESO_TOOLS

.DEFAULT_GOAL := help
.PHONY: help demo test bench chaos fuzz program idl wasm js localnet kubo anchor lint clean rust

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: program ## the main job, start to end, on a real chain and real stores (FILE=path shares yours)
	@tools/demo/run.sh

test: program js ## every test: Rust, fuzz corpora, JavaScript on a local chain, Kubo
	@tools/test/run.sh

bench: program ## measure what docs/ states
	@tools/bench/run.sh

chaos: program ## kill a storage peer a thousand times under load (CHAOS_CYCLES=1000)
	@tools/chaos/run.sh

fuzz: ## fuzz the byte formats (FUZZ_SECONDS=60 each)
	@tools/fuzz/run.sh

program: rust ## build the Solana program: target/deploy/aceso.so
	@tools/sbf/build.sh

idl: rust ## write idl/aceso.json and generate the TypeScript client from it
	@cargo xtask idl
	@tools/node/install.sh .
	@npm run --silent generate

wasm: rust ## build the WASM module of the TypeScript client
	@cargo xtask wasm

js: wasm ## install the npm packages of the workspace
	@tools/node/install.sh .

localnet: program ## a local chain with the program on ports 8899 and 8900, until Ctrl-C
	@tools/localnet/install.sh
	@exec node tools/localnet/localnet.mjs

kubo: ## install the IPFS daemon, unless there is one (KUBO=/path, or ipfs on PATH)
	@tools/kubo/install.sh

anchor: program ## install the real Anchor CLI (minutes) and check that its verbs work here
	@tools/anchor/check.sh

lint: rust ## formatting and static checks, Rust, shell and JavaScript
	@tools/lint/run.sh

clean: ## delete what was built here (the tools in $(ACESO_TOOLS) stay)
	@tools/localnet/run.sh stop; for pid in target/kubo/*.pid; do \
	  [ ! -e "$$pid" ] || tools/kubo/node.sh stop "$$(basename "$$pid" .pid)"; done
	rm -rf target client/js/src/wasm node_modules client/js/node_modules tools/localnet/node_modules

rust:
	@tools/debian/install.sh gcc g++ libc6-dev pkg-config
	@tools/rust/install.sh
