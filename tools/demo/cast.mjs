// Who plays in the demo, and how their commands are run: the real `aceso`, each with a home folder of its own.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");
export const stage = path.join(root, "target/demo");
const binary = path.join(root, "target/release/aceso");
const rpc = process.env.ACESO_RPC_URL;

/** Sums over all that was sent. */
export const bill = { transactions: 0, lamports: 0 };

export class Person {
  constructor(name, store) {
    this.name = name;
    this.store = store;
    this.home = path.join(stage, "home", name);
    this.files = path.join(stage, "files", name);
    mkdirSync(this.files, { recursive: true });
  }

  /** Runs a command; resolves to { ok, data, error, ms }. `as` changes where it looks: { rpc, store }. */
  run(args, as = {}) {
    const env = {
      ...process.env,
      ACESO_HOME: this.home,
      ACESO_RPC_URL: as.rpc ?? rpc,
      ACESO_STORE: as.store ?? this.store,
      // A demo: the samples' patient is invented, and so is the password.
      ACESO_PASSWORD: `the demo's password of ${this.name}`,
    };
    const started = performance.now();
    const child = spawn(binary, ["--yes", "--quiet", "--json", ...args], { env, cwd: this.files });
    const out = [];
    const err = [];
    child.stdout.on("data", (part) => out.push(part));
    child.stderr.on("data", (part) => err.push(part));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        const ms = performance.now() - started;
        const talk = Buffer.concat(err).toString();
        // Some commands have something to tell although they fail: what is lost of a record, for one.
        const data = out.length ? parse(Buffer.concat(out).toString()) : undefined;
        for (const sent of data?.transactions ?? []) {
          bill.transactions += 1;
          bill.lamports += sent.fee_lamports;
        }
        resolve({ ok: code === 0, data, error: code === 0 ? undefined : refusal(talk), ms });
      });
    });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The last line of a failed command is the refusal, as JSON. */
function refusal(talk) {
  const last = talk.trim().split("\n").at(-1);
  const { error } = parse(last);
  return error ?? { kind: "unknown", message: talk.trim() };
}
