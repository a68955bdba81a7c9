// The whole path with real bytes: seal, store, record, grant, open; and everybody who must not, does not.
import type { Address } from "@solana/kit";
import {
  BlobMismatchError,
  FormatError,
  type Identity,
  MemoryStore,
  NoGrantError,
  type Place,
  RefusedError,
  auditAccount,
  auditFetch,
  auditVerify,
  bytesEqual,
  bytesRandom,
  cidOf,
  contactRead,
  folderCreate,
  folderRotate,
  grantCreate,
  grantRevoke,
  keyringOpen,
  profileCreate,
  recordDescribe,
  recordOpen,
  recordPut,
  transactionSend,
} from "aceso";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { World } from "../world.js";

const world = await World.start();
const store = new MemoryStore();
const place: Place = { chain: world.chain, store };
const ecg = bytesRandom(100_000);
const letter = new TextEncoder().encode("Sinus rhythm. No action needed.\n");

/** Each test has people of its own. */
const newcomer = async () => profileCreate(place, await world.net.wallet(), () => {});
const trailOf = async (scope: Address, fetch: typeof program.fetchRecord | typeof program.fetchFolder) =>
  auditVerify(auditAccount(await fetch(world.chain.rpc, scope)), await auditFetch(world.chain, scope));
const names = (entries: program.Entry[]) => entries.map(({ action }) => program.Action[action]);

async function clinic() {
  const [patient, cardiologist, stranger] = [await newcomer(), await newcomer(), await newcomer()];
  const folder = await folderCreate(place, patient);
  const record = await recordPut(place, patient, folder, ecg, { title: "ECG", mediaType: "application/dicom" });
  return { patient, cardiologist, stranger, folder, record };
}

async function delegateAdd(owner: Identity, delegate: Identity, folder: Address, capabilities: number) {
  const add = program.getDelegateAddInstructionAsync({
    payer: owner.wallet,
    authority: owner.wallet,
    owner: owner.profile,
    profile: delegate.profile,
    folder,
    capabilities,
    untilSecs: program.NO_END,
  });
  await transactionSend(world.chain, owner.wallet, [await add]);
}

describe("a patient", () => {
  test("files a record, and opens it", async () => {
    const { patient, record } = await clinic();
    const opened = await recordOpen(place, patient, record);
    expect(bytesEqual(opened.content, ecg)).toBe(true);
    expect(opened.manifest).toMatchObject({ title: "ECG", mediaType: "application/dicom", version: 1 });
    expect(names(await trailOf(record, program.fetchRecord))).toEqual(["RecordCreated"]);
    // Nothing of it lies readable in the store.
    const text = new TextDecoder("latin1");
    for (const blob of store.blobs.values()) expect(text.decode(blob)).not.toContain("ECG");
  });

  test("files nothing, and much", async () => {
    const patient = await newcomer();
    const folder = await folderCreate(place, patient);
    for (const content of [new Uint8Array(), bytesRandom(16_384), bytesRandom(3_000_001)]) {
      const record = await recordPut(place, patient, folder, content, { title: "ä\u202e😀" });
      const opened = await recordOpen(place, patient, record);
      expect(bytesEqual(opened.content, content)).toBe(true);
      expect(opened.manifest.title).toBe("ä\u202e😀");
    }
  });
});

describe("a cardiologist with a grant on the folder", () => {
  test("opens all of it, and each opening is in the trail", async () => {
    const { patient, cardiologist, folder, record } = await clinic();
    await expect(recordOpen(place, cardiologist, record)).rejects.toThrow(NoGrantError);
    await grantCreate(place, patient, { folder }, cardiologist.profile, { purpose: "TREAT" });
    const later = await recordPut(place, patient, folder, letter, { title: "Letter" });
    expect(bytesEqual((await recordOpen(place, cardiologist, record)).content, ecg)).toBe(true);
    expect(bytesEqual((await recordOpen(place, cardiologist, later)).content, letter)).toBe(true);
    const trail = await trailOf(record, program.fetchRecord);
    expect(names(trail)).toEqual(["RecordCreated", "RecordOpened"]);
    expect(trail[1]).toMatchObject({ actor: cardiologist.profile, purpose: program.PURPOSES.TREAT });
  });

  test("shut out by revocation and rotation, opens nothing that comes after, with all keys ever held", async () => {
    const { patient, cardiologist, folder } = await clinic();
    const nurse = await newcomer();
    await grantCreate(place, patient, { folder }, cardiologist.profile, { purpose: "TREAT" });
    await grantCreate(place, patient, { folder }, nurse.profile, { purpose: "COC" });
    const held = await keyringOpen(place, folder, cardiologist);

    await grantRevoke(place, patient, { folder }, cardiologist.profile);
    // Filed while the rotation is due: into the inbox, which only the patient reads.
    const between = await recordPut(place, patient, folder, letter, { title: "Between" });
    await expect(recordOpen(place, nurse, between)).rejects.toThrow("inbox");
    await folderRotate(place, patient, folder);
    const after = await recordPut(place, patient, folder, letter, { title: "After" });

    expect(bytesEqual((await recordOpen(place, nurse, after)).content, letter)).toBe(true);
    expect(bytesEqual((await recordOpen(place, patient, between)).content, letter)).toBe(true);
    await expect(recordOpen(place, cardiologist, after)).rejects.toThrow(NoGrantError);
    await expect(keyringOpen(place, folder, cardiologist)).rejects.toMatchObject({ reason: "NotListed" });
    expect(() => held.seed(2)).toThrow();
    held.free();
  });
});

describe("a reader with a grant on one record", () => {
  test("opens that one, until the last second", async () => {
    const { patient, cardiologist, folder, record } = await clinic();
    const second = await newcomer();
    const other = await recordPut(place, patient, folder, letter, { title: "Letter" });
    const untilSecs = (await world.net.now()) + 100n;
    const scope = { folder, record };
    await grantCreate(place, patient, scope, cardiologist.profile, { purpose: "HRESCH", untilSecs });
    await grantCreate(place, patient, scope, second.profile, { purpose: "TREAT" });
    for (const reader of [cardiologist, second])
      expect(bytesEqual((await recordOpen(place, reader, record)).content, ecg)).toBe(true);
    await expect(recordOpen(place, cardiologist, other)).rejects.toThrow(NoGrantError);
    await world.net.travel(101);
    const late = recordOpen(place, cardiologist, record);
    await expect(late).rejects.toThrow(RefusedError);
    await expect(late).rejects.toMatchObject({ reason: "GrantEnded" });
    await recordOpen(place, second, record);
    await grantRevoke(place, patient, scope, second.profile);
    await expect(recordOpen(place, second, record)).rejects.toThrow(NoGrantError);
  });
});

describe("a laboratory", () => {
  test("files a result that it cannot read back", async () => {
    const { patient, cardiologist, folder } = await clinic();
    const laboratory = await newcomer();
    await expect(recordPut(place, laboratory, folder, letter, { title: "Troponin" })).rejects.toThrow(RefusedError);
    await delegateAdd(patient, laboratory, folder, program.CAN_CREATE);
    const result = await recordPut(place, laboratory, folder, letter, { title: "Troponin" });
    await expect(recordOpen(place, laboratory, result)).rejects.toThrow(NoGrantError);
    await expect(recordDescribe(place, laboratory, result)).rejects.toThrow(NoGrantError);
    await expect(keyringOpen(place, folder, laboratory)).rejects.toMatchObject({ reason: "NotListed" });

    await grantCreate(place, patient, { folder }, cardiologist.profile, { purpose: "TREAT" });
    for (const reader of [patient, cardiologist])
      expect(bytesEqual((await recordOpen(place, reader, result)).content, letter)).toBe(true);
    const [filed] = await trailOf(result, program.fetchRecord);
    expect(filed).toMatchObject({ action: program.Action.RecordCreated, actor: laboratory.profile });
  });

  test("files into the inbox while a rotation is due", async () => {
    const { patient, cardiologist, folder } = await clinic();
    const laboratory = await newcomer();
    await delegateAdd(patient, laboratory, folder, program.CAN_CREATE);
    await grantCreate(place, patient, { folder }, cardiologist.profile, { purpose: "TREAT" });
    await grantRevoke(place, patient, { folder }, cardiologist.profile);
    const result = await recordPut(place, laboratory, folder, letter, { title: "Troponin" });
    expect((await program.fetchRecord(world.chain.rpc, result)).data).toMatchObject({ epoch: 0, inboxKeyVersion: 1 });
    expect(bytesEqual((await recordOpen(place, patient, result)).content, letter)).toBe(true);
  });
});

describe("bytes that are not what they should be", () => {
  test("are refused: a flipped byte, another record's content, a swapped bundle", async () => {
    const { patient, folder, record } = await clinic();
    const { data } = await program.fetchRecord(world.chain.rpc, record);
    const cid = cidOf({ digest: Uint8Array.from(data.contentDigest), len: Number(data.contentLen) });
    const bytes = store.blobs.get(cid)!;
    store.blobs.set(cid, bytes.with(50_000, bytes[50_000]! ^ 1));
    await expect(recordOpen(place, patient, record)).rejects.toThrow(BlobMismatchError);
    store.blobs.set(cid, bytes);
    await recordOpen(place, patient, record);

    // A node that swaps head and content consistently for those of another record.
    const other = await recordPut(place, patient, folder, letter, { title: "Other" });
    const swapped = await program.fetchRecord(world.chain.rpc, other);
    const { headDigest, headLen, contentDigest, contentLen } = swapped.data;
    const forged = { ...data, headDigest, headLen, contentDigest, contentLen };
    world.net.accountSet(record, {
      lamports: Number(swapped.lamports),
      data: new Uint8Array(program.getRecordEncoder().encode(forged)),
      owner: program.ACESO_PROGRAM_ADDRESS,
    });
    await expect(recordOpen(place, patient, record)).rejects.toMatchObject({
      name: "FormatError",
      reason: "OtherObject",
    });
  });

  test("are refused: keys of a profile that its wallet did not sign", async () => {
    const { patient, stranger } = await clinic();
    const account = await program.fetchProfile(world.chain.rpc, patient.profile);
    const thief = (await program.fetchProfile(world.chain.rpc, stranger.profile)).data;
    const forged = { ...account.data, bundleDigest: thief.bundleDigest, bundleLen: thief.bundleLen };
    world.net.accountSet(patient.profile, {
      lamports: Number(account.lamports),
      data: new Uint8Array(program.getProfileEncoder().encode(forged)),
      owner: program.ACESO_PROGRAM_ADDRESS,
    });
    await expect(contactRead(place, patient.profile)).rejects.toThrow(FormatError);
  });
});
