// report.mjs DIR MIB PUT_MIB BIG_GIB: reads what hyperfine wrote; JSON to standard output, a table to standard error.
import { readFileSync } from "node:fs";

const [dir, mib, putMib, bigGib] = process.argv.slice(2);
const medians = (file) =>
  Object.fromEntries(JSON.parse(readFileSync(`${dir}/${file}.json`)).results.map((r) => [r.command, r.median]));
const peakMib = (file) => round(Number(/(\d+) kB/.exec(readFileSync(`${dir}/${file}.txt`, "utf8"))[1]) / 1024);

const seal = medians("seal");
const put = medians("put");
const serve = medians("serve");
const rows = [
  ratio(`seal, ${mib} MiB`, seal.seal, "age", seal.age, 0.5),
  ratio(`seal + CID, ${mib} MiB`, seal["seal+cid"], "age", seal.age, 1),
  ratio(`seal + CID + SHA-256 of the content, ${mib} MiB`, seal["seal+cid+sha256"], "age", seal.age, null),
  ratio(`masked copy with CID and proof tree, ${mib} MiB`, seal.copy, "age", seal.age, 1.8),
  ratio(`put to Kubo, ${putMib} MiB`, put["put to Kubo"], "ipfs add", put["ipfs add"], 1.3),
  // A rate of at least 80 % is a time of at most 1.25.
  ratio("a storage peer serves an object", serve.peer, "nginx", serve.nginx, 1.25),
  { what: "peak memory of the peer, storing and serving", mib: peakMib("serve"), aim: 32 },
  { what: `peak memory at ${mib} MiB`, mib: peakMib("memory-small"), aim: 32 },
  { what: `peak memory at ${bigGib} GiB`, mib: peakMib("memory-big"), aim: 32 },
  { what: `peak memory of a masked copy at ${mib} MiB`, mib: peakMib("copy-small"), aim: 32 },
  { what: `peak memory of a masked copy at ${bigGib} GiB`, mib: peakMib("copy-big"), aim: 32 },
];

function ratio(what, secs, peer, peerSecs, aim) {
  return { what, secs: round(secs), peer, peer_secs: round(peerSecs), ratio: round(secs / peerSecs), aim };
}

function round(value) {
  return Number(value.toFixed(3));
}

for (const row of rows) {
  const measured = row.mib === undefined ? `${row.ratio} x ${row.peer} (${row.secs} s, ${row.peer_secs} s)` : `${row.mib} MiB`;
  const aim = row.aim === null ? "" : `aim: at most ${row.aim}${row.mib === undefined ? " x" : " MiB"}`;
  console.error(`${row.what.padEnd(52)} ${measured.padEnd(38)} ${aim}`);
}
console.log(JSON.stringify({ date: new Date().toISOString(), rows }, null, 2));
