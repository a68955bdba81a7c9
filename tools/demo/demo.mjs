// The story: Ada shares her chart with a cardiologist, a laboratory files a result, and four kinds of cheating fail.
// Every step is checked; the first that does not do what it says ends the demo with exit code 1.
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, chmodSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { Person, bill, root, stage } from "./cast.mjs";
import { startLiar } from "./liar.mjs";

const { DEMO_STORE_HOME: homeStore, DEMO_STORE_HOSPITAL: hospitalStore, ACESO_RPC_URL: rpc } = process.env;
const samples = path.join(root, "tools/demo/samples");
const shared = process.env.FILE ? [process.env.FILE] : ["chart.fhir.json", "ecg.dcm", "discharge-letter.pdf"].map((f) => path.join(samples, f));
const onKubo = homeStore.startsWith("http");

const admin = new Person("admin", homeStore);
const ada = new Person("ada", homeStore);
const heart = new Person("cardiologist", hospitalStore);
const laboratory = new Person("laboratory", hospitalStore);
const stranger = new Person("stranger", hospitalStore);

const begun = performance.now();

function say(line = "") {
  console.log(line);
  appendFileSync(path.join(stage, "story.txt"), `${line}\n`);
}

function chapter(title) {
  say();
  say(title);
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const sol = (lamports) => `${(lamports / 1e9).toFixed(6)} SOL`;
const size = (bytes) => (bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);
const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

function cost(result) {
  const sent = result.data?.transactions ?? [];
  if (sent.length === 0) return seconds(result.ms);
  const fee = sent.reduce((sum, one) => sum + one.fee_lamports, 0);
  const units = sent.reduce((sum, one) => sum + one.compute_units, 0);
  const count = sent.length === 1 ? "1 transaction" : `${sent.length} transactions`;
  return `${seconds(result.ms)}, ${count}, fee ${sol(fee)}, ${units.toLocaleString("en")} compute units`;
}

async function done(what, person, args, as) {
  const result = await person.run(args, as);
  if (!result.ok) fail(`${what}: ${result.error.message}`);
  say(`  ${what}  (${cost(result)})`);
  return result.data;
}

/** A command that must be refused; `means` are words that the refusal has to say. */
async function refused(what, person, args, means, as) {
  const result = await person.run(args, as);
  if (result.ok) fail(`${what}: this should have been refused`);
  if (!means.test(result.error.message)) fail(`${what}: refused for another reason: ${result.error.message}`);
  say(`  refused: ${what}`);
  say(`           "${result.error.message}"`);
}

function fail(why) {
  say(`\nThe demo failed. ${why}`);
  process.exit(1);
}

async function arrive(person) {
  const first = await person.run(["init", "--airdrop", "5"]);
  if (!first.ok) fail(first.error.message);
  return done(`${person.name}: wallet, keystore, profile and a first folder`, person, ["profile", "create", "--name", person.name]);
}

say(`Aceso demo: a chain on ${rpc}, ${onKubo ? "two IPFS nodes (Ada's and the hospital's)" : "one directory as store"}`);

chapter("1. Everybody makes keys of their own");
{
  // A wallet that others can read is refused, and git keeps no such modes.
  const keypair = path.join(stage, "admin-wallet.json");
  copyFileSync(path.join(root, "tools/localnet/admin-keypair.json"), keypair);
  chmodSync(keypair, 0o600);
  const first = await admin.run(["init", "--keypair", keypair, "--airdrop", "5"]);
  if (!first.ok) fail(first.error.message);
  await done("the operator sets the program up, once", admin, ["config", "program", "init"]);
}
const profiles = {};
for (const person of [ada, heart, laboratory, stranger]) profiles[person.name] = (await arrive(person)).profile;
for (const [me, name, other] of [[ada, "heart", heart], [ada, "lab", laboratory], [heart, "ada", ada], [laboratory, "ada", ada], [stranger, "ada", ada]]) {
  const added = await me.run(["contact", "add", name, profiles[other.name]]);
  if (!added.ok) fail(added.error.message);
}
say("  each pins the keys of those they deal with (people compare the fingerprints by phone)");

chapter("2. Ada seals her chart, stores it, records it on the chain");
const put = await done(`${shared.length} files: ${shared.map((f) => `${path.basename(f)} (${size(statSync(f).size)})`).join(", ")}`, ada, ["record", "put", ...shared]);
for (const record of put.records) say(`    ${record.record.slice(0, 8)}  on IPFS as ${record.content_cid}, ${size(record.content_stored_len)} with padding`);

chapter("3. She shares the whole folder with the cardiologist, in one approval");
await done("the cardiologist may read for 90 days, for treatment", ada, ["grant", "create", "heart", "--folder", put.folder, "--until", "90d"]);

chapter("4. A laboratory may file, and files a result that it cannot read back");
await done("Ada lets the laboratory file", ada, ["delegate", "add", "lab", "--can", "create", "--folder", put.folder]);
const result = path.join(samples, "laboratory-result.fhir.json");
const filed = await done("the laboratory files a result", laboratory, ["record", "put", "--delegate-of", "ada", "--folder", put.folder, result]);
await refused("the laboratory opens what it filed", laboratory, ["record", "get", filed.records[0].record, "-o", "result.json"], /grant|may not|not (one of|listed)/i);

chapter("5. The cardiologist opens: receipt, fetch, verify, decrypt");
const opened = [...put.records, ...filed.records];
const originals = [...shared, result];
for (const [index, record] of opened.entries()) {
  const got = await done(path.basename(originals[index]), heart, ["record", "get", record.record, "-o", heart.files]);
  if (sha256(got.path) !== sha256(originals[index])) fail("what was opened is not what was sealed");
}
say(`  the same bytes as Ada's and the laboratory's, SHA-256 compared${onKubo ? "; the hospital's IPFS node never added them" : ""}`);

chapter("6. What does not work");
const [first] = put.records;
await refused("a stranger opens the chart", stranger, ["record", "get", first.record, "-o", "chart"], /grant|may not/i);
{
  if (onKubo) {
    const liar = await startLiar(hospitalStore, "flip", { blobLength: first.content_stored_len });
    await refused("a store changes one byte of the content", heart, ["record", "get", first.record, "-o", "tampered"], /other bytes/, { store: liar.url });
    liar.stop();
  } else {
    say("  (one changed byte: needs Kubo to show; the tests show it for every store)");
  }
}
{
  const liar = await startLiar(rpc, "drop");
  await refused("a node hides an entry of the trail", ada, ["audit", "show", put.folder], /missing|dropped|left out|hid/i, { rpc: liar.url });
  liar.stop();
}
await done("Ada revokes the cardiologist's grant; the folder gets a new key in the same transaction", ada, ["grant", "revoke", "heart", "--folder", put.folder]);
await refused("the cardiologist opens the chart again", heart, ["record", "get", first.record, "-o", "again"], /grant|may not/i);
const later = await done("Ada files something new", ada, ["record", "put", "--folder", put.folder, "--title", "After the revocation", result]);
await refused("the cardiologist opens what came after", heart, ["record", "get", later.records[0].record, "-o", "later"], /grant|may not/i);

chapter("7. Ada looks at the trail: every change and opening, recomputed and equal to the chain");
const trail = await ada.run(["audit", "show", put.folder, "--format", "csv", "-o", "folder-trail.csv"]);
if (!trail.ok) fail(trail.error.message);
for (const record of put.records) {
  const shown = await ada.run(["audit", "show", record.record]);
  if (!shown.ok) fail(shown.error.message);
  for (const line of shown.data.entries) say(`  ${line.at}  ${line.action.padEnd(16)} by ${line.actor_name ?? line.actor ?? "anybody"}`);
}

say();
say(`Done in ${seconds(performance.now() - begun)}: ${bill.transactions} transactions, ${sol(bill.lamports)} in fees.`);
say(`To look at: ${path.relative(root, stage)}/story.txt, files/cardiologist (what was opened), files/ada/folder-trail.csv`);
