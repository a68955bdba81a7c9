// The storage market: three peers keep Ada's record and are paid for it, one deletes its copy and loses its bond to her,
// one dies and its copy is made again elsewhere. Real processes, real tokens; only the days pass faster.
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";

import { Person, root, stage } from "./cast.mjs";

const rpc = process.env.ACESO_RPC_URL;
const fair = path.join(root, "target/release/examples/fair");
const binary = path.join(root, "target/release/aceso-peer");
const DAY = 24 * 60 * 60;
const UNIT = 1_000_000; // of a token with 6 decimals
const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const tokens = (amount) => (Number(amount) / UNIT).toLocaleString("en", { maximumFractionDigits: 6 });

async function call(method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error } = await answer.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A Solana keypair file; its address. */
function keypair(file) {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const bytes = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  writeFileSync(file, JSON.stringify([...bytes]), { mode: 0o600 });
  return base58(bytes.subarray(32));
}

function base58(bytes) {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let text = "";
  for (let number = BigInt(`0x${bytes.toString("hex")}`); number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  return "1".repeat(bytes.findIndex((byte) => byte !== 0)) + text;
}

/** Somebody who runs a storage peer: a wallet for the bond, and a daemon with two keys of its own. */
class Operator extends Person {
  constructor(name) {
    super(name, path.join(stage, "home", name, "blobs"));
    this.dir = path.join(stage, "peers", name);
    this.config = path.join(this.dir, "config.toml");
    this.wallet = path.join(this.home, "wallet.json");
    mkdirSync(this.dir, { recursive: true });
  }

  async configure(profile) {
    const listen = `127.0.0.1:${await freePort()}`;
    this.url = `http://${listen}`;
    keypair(path.join(this.dir, "operator.json"));
    this.payer = keypair(path.join(this.dir, "fee-payer.json"));
    writeFileSync(
      this.config,
      [
        `data_dir = "${this.dir}/data"`,
        `profile = "${profile}"`,
        `rpc_url = "${rpc}"`,
        `operator = "${this.dir}/operator.json"`,
        `fee_payer = "${this.dir}/fee-payer.json"`,
        `endpoint = "${this.url}"`,
        `listen = "${listen}"`,
        'quota = "1 GiB"',
        "look_every_secs = 1",
        "[margins]",
        "arm_after_secs = 0",
        "prove_within_percent = 1",
        "settle_every_epochs = 1",
        "",
      ].join("\n"),
    );
  }

  /** A verb of the daemon's command line. */
  verb(...args) {
    const env = { ...process.env, ACESO_PEER_CONFIG: this.config };
    return execFileSync(binary, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  start() {
    const log = openSync(path.join(this.dir, "log"), "a");
    this.daemon = spawn(binary, ["serve", "--config", this.config], { stdio: ["ignore", log, log] });
  }

  status() {
    return JSON.parse(this.verb("status", "--json"));
  }

  kill(signal = "SIGTERM") {
    this.daemon?.kill(signal);
  }
}

/** Plays it; `play` has the demo's ways to do and tell things. */
export async function market(ada, record, watcher, { say, done, fail }) {
  const operators = ["alder", "birch", "cedar", "dogwood"].map((name) => new Operator(name));
  try {
    await story(ada, record, watcher, operators, { say, done, fail });
  } finally {
    for (const operator of operators) operator.kill("SIGKILL");
  }
}

async function story(ada, record, watcher, operators, { say, done, fail }) {
  const must = async (person, args) => {
    const result = await person.run(args);
    if (!result.ok) fail(`${person.name}: aceso ${args.join(" ")}: ${result.error.message}`);
    return result.data;
  };

  say("  four operators of storage peers come, each with a wallet, a profile and a daemon");
  const wallets = {};
  await Promise.all(
    operators.map(async (operator) => {
      const { wallet } = await must(operator, ["init", "--airdrop", "5"]);
      const { profile } = await must(operator, ["profile", "create", "--name", operator.name]);
      wallets[operator.name] = wallet;
      await operator.configure(profile);
      await call("requestAirdrop", [operator.payer, 1_000_000_000]);
    }),
  );
  wallets.ada = (await must(ada, ["profile", "show"])).wallet;
  const purses = [`${wallets.ada}=${100 * UNIT}`, ...operators.map((one) => `${wallets[one.name]}=${1000 * UNIT}`)];
  const opened = JSON.parse(execFileSync(fair, ["open", rpc, ...purses], { encoding: "utf8" }));
  const issued = 4100 * UNIT;

  const books = async () => {
    const filters = [{ dataSize: 165 }, { memcmp: { offset: 0, bytes: opened.mint } }];
    const all = await call("getProgramAccounts", [TOKEN_PROGRAM, { encoding: "base64", filters }]);
    const amounts = new Map(all.map(({ pubkey, account }) => [pubkey, Number(Buffer.from(account.data[0], "base64").readBigUInt64LE(64))]));
    const sum = [...amounts.values()].reduce((total, one) => total + one, 0);
    if (sum !== issued) fail(`there are ${tokens(sum)} tokens, and ${tokens(issued)} were issued`);
    return { ada: amounts.get(opened.accounts[wallets.ada]), amounts };
  };

  for (const operator of operators) {
    const authority = ["--authority", operator.wallet];
    operator.verb("register", ...authority, "--mint", opened.mint, "--price-flat", "0.01", "--price-per-gib", "0.5");
    operator.verb("bond", "add", ...authority, "500");
    operator.verb("payout", "set", ...authority, opened.accounts[wallets[operator.name]]);
    operator.start();
  }
  const [, , , spare] = operators;
  const standing = operators.slice(0, 3);
  say("  each has put up a bond of 500 tokens, and names its price: 0.01 tokens a day, and 0.5 for each GiB on top");

  say();
  say("9. Ada has three of them keep a copy of a record for 30 days, masked for each so that no two are the same bytes");
  const chosen = standing.flatMap((operator) => ["--peer", operator.status().peer]);
  const leased = await done("leases opened, bytes uploaded, roots recomputed and accepted", ada, ["lease", "open", "--record", record, "--only", "--replicas", "3", "--for", "30d", ...chosen]);
  const leases = await must(ada, ["lease", "list", "--record", record]);
  void leased;
  const price = leases[0].price;
  const paidIn = (await books()).ada;
  say(`  ${tokens(100 * UNIT - paidIn)} tokens are in escrow: 3 leases, 30 days, ${tokens(price)} a day each`);

  say();
  say("10. Days pass: each day the chain draws what must be proven, and pays who has");
  const travel = (secs) => execFileSync(fair, ["travel", rpc, String(secs)], { stdio: "ignore" });
  const day = async (provers) => {
    travel(DAY);
    for (const operator of provers) {
      for (let tries = 0; ; tries++) {
        const status = operator.status();
        if (status.credited_epoch >= Math.floor(status.chain_time_secs / status.epoch_secs)) break;
        // Peers do not prove all at once, but within some minutes of the draw.
        if (tries % 10 === 9) travel(300);
        if (tries > 100) fail(`${operator.name} has not proven the day; see ${operator.dir}/log`);
        await pause(200);
      }
    }
  };
  const DAYS = 2;
  for (let n = 0; n < DAYS; n++) await day(standing);
  for (const operator of standing) operator.verb("settle");
  for (const operator of standing) {
    const { amounts } = await books();
    const earned = amounts.get(opened.accounts[wallets[operator.name]]) - 500 * UNIT;
    if (earned <= 0) fail(`${operator.name} was not paid`);
    say(`  ${operator.name} has proven ${DAYS} days or more and was paid ${tokens(earned)} tokens`);
  }

  say();
  say("11. Birch deletes the bytes to save its disk, and goes on running");
  const [alder, birch, cedar] = standing;
  const bytes = path.join(birch.dir, "data/bytes");
  for (const entry of readdirSync(bytes, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) rmSync(path.join(entry.parentPath, entry.name));
  }
  const before = (await books()).ada;
  let slashed = false;
  for (let n = 0; n < 8 && !slashed; n++) {
    await day([alder, cedar]);
    const watched = await watcher.run(["watch", "--once"]);
    if (!watched.ok) fail(`watch: ${watched.error.message}`);
    slashed = birch.status().status.includes("default");
  }
  if (!slashed) fail("birch was not found out");
  await must(watcher, ["watch", "--once"]);
  await done("anybody who watches ends the lease; Ada takes what is hers: what she paid in for the days to come, and birch's bond for this lease", ada, ["lease", "claim"]);
  const after = (await books()).ada;
  say(`  Ada has ${tokens(after - before)} tokens more`);
  if (after <= before) fail("Ada got nothing");

  say();
  say("12. Cedar's machine dies; Ada sees it and has the copy made again, from those that are left");
  cedar.kill("SIGKILL");
  await pause(300);
  // It ends with an error where copies are lost, so that a script notices.
  const { data: health } = await ada.run(["record", "health", record]);
  for (const copy of health.copies) say(`  ${copy.endpoint}: ${copy.words}`);
  await done("repaired", ada, ["record", "repair", record, "--replicas", "2"]);
  const again = await must(ada, ["record", "health", record]);
  const good = again.copies.filter((copy) => copy.health === "good");
  if (good.length < 2) fail(`${good.length} good copies after the repair`);
  say(`  ${good.length} good copies again; ${spare.name} holds one of them`);

  say();
  say("13. The books: every token that was issued is somewhere");
  const { amounts } = await books();
  say(`  Ada ${tokens(amounts.get(opened.accounts[wallets.ada]))}`);
  let rest = issued - amounts.get(opened.accounts[wallets.ada]);
  for (const operator of operators) {
    const own = amounts.get(opened.accounts[wallets[operator.name]]);
    rest -= own;
    say(`  ${operator.name} ${tokens(own)}`);
  }
  say(`  in the four vaults (bonds, escrow, what is earned or owed and not taken yet) ${tokens(rest)}`);
  say(`  together ${tokens(issued)}, as many as were issued`);
}
