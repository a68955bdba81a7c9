#!/usr/bin/env bash
# patch-std.sh LIBRARY-FOLDER: teaches a copy of Rust's standard library the target os = "solana".
. "$(dirname "$0")/../cache.sh"
need perl "install it (on Debian: apt-get install perl-base)"
src=$1/std/src

# std knows another VM without an operating system, zkvm, whose stubs fit: whatever needs one answers "unsupported".
files=()
while IFS= read -r file; do files+=("$file"); done < <(grep -rl 'target_os = "zkvm"' "$src")
[ ${#files[@]} = 9 ] || die "patch-std: expected 9 files naming zkvm, found ${#files[@]}: another nightly?"
perl -pi -e 's/target_os = "zkvm"/any(target_os = "zkvm", target_os = "solana")/g' "${files[@]}"

# The heap of the Solana VM is aligned to 8 bytes.
perl -pi -e 's/^( *)target_arch = "wasm32",\n/$&$1target_arch = "bpf",\n/' "$src/sys/alloc/mod.rs"
grep -q 'target_arch = "bpf"' "$src/sys/alloc/mod.rs" || die "patch-std: MIN_ALIGN not found in sys/alloc/mod.rs"

# std keeps the keys of its hash maps in a thread-local; that is writable static data, which sBPF refuses.
# Fixed keys are sound here: Anchor uses a HashSet only to find duplicates among a transaction's few accounts.
perl -0pi -e 's/(    pub fn new\(\) -> RandomState \{\n)(.*?\n)(    \}\n)/
  "$1        #[cfg(target_os = \"solana\")]\n        return RandomState { k0: 0x61636573, k1: 0x6f000001 };\n"
  . "        #[cfg(not(target_os = \"solana\"))]\n        {\n$2        }\n$3"/se' "$src/hash/random.rs"
grep -q 'target_os = "solana"' "$src/hash/random.rs" || die "patch-std: RandomState::new not found in hash/random.rs"
