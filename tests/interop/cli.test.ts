// The Rust client and this one on one chain and one store: each opens what the other has sealed, granted and answered.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Address } from "@solana/kit";
import {
  type BlobAddress,
  type BlobStore,
  BlobMissingError,
  addressBytes,
  addressFrom,
  addressOf,
  addressVerify,
  bytesEqual,
  bytesRandom,
  cidOf,
  contentOpen,
  contentSeal,
  folderCreate,
  grantCreate,
  profileCreate,
  recordOpen,
  recordPut,
  recordUpdate,
  requestApprove,
  requestCreate,
  requestReason,
  sha256,
} from "aceso";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { World } from "../world.js";

const binary = ["debug", "release"]
  .map((profile) => resolve("target", profile, "aceso"))
  .concat(process.env["ACESO_CLI"] ?? [])
  .findLast((path) => existsSync(path));
if (!binary && process.env["CI"]) throw new Error("CI runs these tests: cargo build -p aceso-cli first");
if (!binary) console.warn("skipped: interop with the aceso command (cargo build -p aceso-cli)");

const run = promisify(execFile);
const stage = mkdtempSync(join(tmpdir(), "aceso-interop-"));
afterAll(() => rmSync(stage, { recursive: true }));
const hex = (bytes: ArrayLike<number>) => Buffer.from(Array.from(bytes)).toString("hex");

/** The Rust client's directory of blobs: one file each, the bytes first, the nodes above the leaves behind them. */
class DirectoryStore implements BlobStore {
  constructor(readonly root: string) {}

  #path(address: BlobAddress): string {
    const cid = cidOf(address);
    return join(this.root, "blobs", cid.slice(-2), cid);
  }

  async put(bytes: Uint8Array): Promise<BlobAddress> {
    const address = await addressOf(bytes);
    if (address.len > 1 << 20) throw new Error("this test writes blobs of one block");
    mkdirSync(dirname(this.#path(address)), { recursive: true });
    writeFileSync(this.#path(address), bytes);
    return address;
  }

  async get(address: BlobAddress): Promise<Uint8Array> {
    if (!existsSync(this.#path(address))) throw new BlobMissingError(cidOf(address));
    const bytes = new Uint8Array(readFileSync(this.#path(address))).subarray(0, address.len);
    await addressVerify(address, bytes);
    return bytes;
  }

  async remove(address: BlobAddress): Promise<void> {
    rmSync(this.#path(address), { force: true });
  }
}

describe.skipIf(!binary)("a file", () => {
  const record = bytesRandom(32);

  test.each([0, 1, 5000, 2_500_000])("of %i bytes sealed by the command opens here, and the reverse", async (len) => {
    const content = bytesRandom(len);
    const file = join(stage, `file-${len}`);
    writeFileSync(file, content);
    await run(binary!, ["seal", "--quiet", file]);
    const key = JSON.parse(readFileSync(`${file}.aceso.key`, "utf8")) as { record: string; key: string };
    const forRecord = Uint8Array.from(addressBytes(key.record as Address));
    const sealed = new Uint8Array(readFileSync(`${file}.aceso`));
    const secret = new Uint8Array(Buffer.from(key.key, "hex"));
    expect(bytesEqual(await contentOpen(forRecord, secret, len, sealed), content)).toBe(true);

    const ours = await contentSeal(record, secret, content);
    const address = await addressOf(ours);
    const fields = {
      ...key,
      record: addressFrom(record),
      content_len: len,
      sha256: hex(await sha256(content)),
      sealed_sha256: hex(address.digest),
      sealed_len: address.len,
    };
    writeFileSync(join(stage, `ours-${len}.aceso`), ours);
    writeFileSync(join(stage, `ours-${len}.aceso.key`), JSON.stringify(fields));
    const output = join(stage, `ours-${len}`);
    await run(binary!, ["unseal", "--quiet", join(stage, `ours-${len}.aceso`), "--output", output]);
    expect(bytesEqual(readFileSync(output), content)).toBe(true);
  });
});

describe.skipIf(!binary)("a patient and a clinician with different clients", async () => {
  const world = await World.start();
  const store = new DirectoryStore(join(stage, "store"));
  const place = { chain: world.chain, store };
  const letter = bytesRandom(70_000);
  const letterFile = join(stage, "letter.bin");
  let theirs: Address;

  async function aceso<Data>(...args: string[]): Promise<Data> {
    const env = {
      ...process.env,
      ACESO_HOME: join(stage, "home"),
      ACESO_RPC_URL: world.net.rpcUrl,
      ACESO_STORE: store.root,
      ACESO_PASSWORD: "a password for the tests",
      ACESO_KEYSTORE_WORK: "1",
    };
    const { stdout } = await run(binary!, ["--yes", "--quiet", "--json", ...args], { env, cwd: stage });
    return (stdout.trim() ? JSON.parse(stdout) : undefined) as Data;
  }

  beforeAll(async () => {
    writeFileSync(letterFile, letter);
    await aceso("init", "--airdrop", "5");
    theirs = (await aceso<{ profile: Address }>("profile", "create")).profile;
  });

  test("the command opens what was sealed and granted here, in both ways, and its new version", async () => {
    const patient = await profileCreate(place, await world.net.wallet(), () => {});
    const folder = await folderCreate(place, patient);
    const record = await recordPut(place, patient, folder, letter, { title: "Letter ä", fileName: "a.bin" });
    const single = await recordPut(place, patient, await folderCreate(place, patient), letter, { title: "Single" });
    await aceso("contact", "add", `patient-${patient.profile.slice(0, 6)}`, patient.profile);
    await expect(aceso("record", "get", record, "-o", join(stage, "no"))).rejects.toThrow();

    await grantCreate(place, patient, { folder }, theirs, { purpose: "TREAT" });
    await aceso("record", "get", record, "-o", join(stage, "opened"));
    expect(bytesEqual(readFileSync(join(stage, "opened")), letter)).toBe(true);
    await recordUpdate(place, patient, record, letter.subarray(5), { title: "Shorter" });
    await aceso("record", "get", record, "-o", join(stage, "opened-2"));
    expect(bytesEqual(readFileSync(join(stage, "opened-2")), letter.subarray(5))).toBe(true);

    const { folder: singleFolder } = await world.recordRead(single);
    await grantCreate(place, patient, { folder: singleFolder, record: single }, theirs, { purpose: "COC" });
    await aceso("record", "get", single, "-o", join(stage, "single"));
    expect(bytesEqual(readFileSync(join(stage, "single")), letter)).toBe(true);
  });

  test("what the command sealed and granted opens here", async () => {
    const clinician = await profileCreate(place, await world.net.wallet(), () => {});
    await aceso("contact", "add", "clinician", clinician.profile);
    type Put = { folder: Address; records: { record: Address }[] };
    const { folder, records } = await aceso<Put>("record", "put", letterFile, "--title", "From Rust");
    const record = records[0]!.record;
    await aceso("grant", "create", "clinician", "--folder", folder, "--until", "90d");
    const opened = await recordOpen(place, clinician, record);
    expect(bytesEqual(opened.content, letter)).toBe(true);
    expect(opened.manifest).toMatchObject({ title: "From Rust", fileName: "letter.bin", version: 1 });

    const request = await requestCreate(place, clinician, theirs, {
      scope: { folder },
      purpose: "TREAT",
      durationSecs: 60n,
      reason: "Wegen der Operation",
    });
    expect(JSON.stringify(await aceso("request", "show", request))).toContain("Wegen der Operation");
  });

  test("a request written by the command is read and approved here", async () => {
    const patient = await profileCreate(place, await world.net.wallet(), () => {});
    const folder = await folderCreate(place, patient);
    const record = await recordPut(place, patient, folder, letter, { title: "MRI" });
    await aceso("contact", "add", "asked", patient.profile);
    const reason = "Second opinion 🙏";
    const asked = await aceso<{ request: Address }>(
      "request",
      "create",
      "asked",
      "--folder",
      folder,
      "--reason",
      reason,
    );
    expect(await requestReason(place, patient, asked.request)).toBe(reason);
    await requestApprove(place, patient, asked.request, { folder });
    await aceso("record", "get", record, "-o", join(stage, "mri"));
    expect(bytesEqual(readFileSync(join(stage, "mri")), letter)).toBe(true);
  });
});
