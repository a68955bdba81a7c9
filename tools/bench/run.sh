#!/usr/bin/env bash
# Speed and memory beside age, ipfs add and nginx, in one run on this machine: target/bench.json and a table.
# Figures are ratios: a busy machine slows both sides. Nothing fails here because it is slow; report.mjs says what is aimed at.
. "$(dirname "$0")/../cache.sh"
cd "$ROOT"
mib=${BENCH_MIB:-1024} serve_mib=${BENCH_SERVE_MIB:-1024} runs=${BENCH_RUNS:-5} put_mib=${BENCH_PUT_MIB:-256} big_gib=${BENCH_BIG_GIB:-8}

tools/debian/install.sh age curl hyperfine nginx-light
tools/kubo/install.sh
tools/localnet/install.sh >/dev/null # for node, which report.mjs needs
cargo build --release --quiet -p aceso-sdk --example bench_seal --example bench_copy -p aceso-peer --example bench_serve
bench=$ROOT/target/release/examples/bench_seal
copy=$ROOT/target/release/examples/bench_copy
out=$ROOT/target/bench
rm -rf "$out"
mkdir -p "$out"

# In memory where there is room: the disk is not what is measured.
free_mib=$(df --output=avail -m /dev/shm 2>/dev/null | tail -1 || echo 0)
if [ "$free_mib" -gt $((2 * mib)) ]; then scratch=$(mktemp -d /dev/shm/aceso-bench.XXXXXX); else scratch=$(mktemp -d); fi
cleanup() {
  tools/kubo/node.sh reset bench || true
  [ -z "${peer:-}" ] || kill -INT "$peer" 2>/dev/null || true
  [ ! -e "$scratch/nginx.pid" ] || kill "$(cat "$scratch/nginx.pid")" || true
  rm -rf "$scratch"
}
trap cleanup EXIT

say "sealing $mib MiB beside age $(age --version), $runs runs each"
age-keygen -o "$scratch/age.key" 2>/dev/null
recipient=$(age-keygen -y "$scratch/age.key")
head -c "${mib}M" /dev/urandom > "$scratch/input"
hyperfine --warmup 1 --runs "$runs" --export-json "$out/seal.json" \
  -n age "age -r $recipient $scratch/input" \
  -n seal "$bench seal $scratch/input -" \
  -n seal+cid "$bench seal-cid $scratch/input -" \
  -n seal+cid+sha256 "$bench seal-put $scratch/input -" \
  -n copy "$copy $scratch/input"

say "peak memory at $mib MiB and $big_gib GiB"
truncate -s "${big_gib}G" "$scratch/zeros" # sparse: it takes no room
"$bench" seal-put "$scratch/input" - 2>&1 >/dev/null | tail -1 > "$out/memory-small.txt"
"$bench" seal-put "$scratch/zeros" - 2>&1 >/dev/null | tail -1 > "$out/memory-big.txt"
"$copy" "$scratch/input" 2>&1 >/dev/null | tail -1 > "$out/copy-small.txt"
"$copy" "$scratch/zeros" 2>&1 >/dev/null | tail -1 > "$out/copy-big.txt"
rm -f "$scratch/input" "$scratch/zeros"

say "putting $put_mib MiB into Kubo beside ipfs add"
. "$ROOT/tools/kubo/binary.sh"
ipfs=$(kubo_binary)
tools/kubo/node.sh reset bench
tools/kubo/node.sh start bench
eval "$(tools/kubo/node.sh env bench)"
api=/ip4/127.0.0.1/tcp/${KUBO_API##*:}
# New bytes for every run, and an empty repository: Kubo does not write a block twice.
fresh="head -c ${put_mib}M /dev/urandom > $scratch/fresh; $ipfs --api $api pin ls -t recursive -q | xargs -r $ipfs --api $api pin rm; $ipfs --api $api repo gc -q"
hyperfine --warmup 1 --runs "$runs" --prepare "$fresh" --export-json "$out/put.json" \
  -n "ipfs add" "$ipfs --api $api add -q --cid-version=1 --raw-leaves --chunker=size-1048576 --max-file-links=1024 $scratch/fresh" \
  -n "put to Kubo" "$bench put $scratch/fresh $KUBO_API"

say "serving $serve_mib MiB from a storage peer beside nginx, over loopback"
TMPDIR=$scratch "$ROOT/target/release/examples/bench_serve" "$serve_mib" 127.0.0.1:17070 > "$out/serve.txt" &
peer=$!
head -c "${serve_mib}M" /dev/urandom > "$scratch/served"
cat > "$scratch/nginx.conf" <<CONF
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
master_process off; # one process, and none that gives its rights away: it could not read our folder then
events {}
http {
  access_log off;
  client_body_temp_path $scratch/nginx; proxy_temp_path $scratch/nginx; fastcgi_temp_path $scratch/nginx;
  uwsgi_temp_path $scratch/nginx; scgi_temp_path $scratch/nginx;
  sendfile on;
  server { listen 127.0.0.1:17071; root $scratch; }
}
CONF
nginx -c "$scratch/nginx.conf" -p "$scratch"
until grep -q '^http' "$out/serve.txt"; do
  kill -0 "$peer" || die "bench_serve ended"
  sleep 0.5
done
hyperfine --warmup 1 --runs "$runs" --export-json "$out/serve.json" \
  -n nginx "curl -sf -o /dev/null http://127.0.0.1:17071/served" \
  -n peer "curl -sf -o /dev/null $(grep '^http' "$out/serve.txt")"
kill -INT "$peer"
wait "$peer" || true
peer=

node tools/bench/report.mjs "$out" "$mib" "$put_mib" "$big_gib" > "$ROOT/target/bench.json"
say "written: target/bench.json"
