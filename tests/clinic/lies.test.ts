// A node that lies about people and keyrings, one that falls silent, and keys that really are new.
import { type Address, type RpcTransport, createDefaultRpcTransport, createSignableMessage } from "@solana/kit";
import {
  FateUnknownError,
  type Identity,
  KeysChangedError,
  MemoryStore,
  type Pin,
  type Place,
  WriterNotAllowedError,
  bytesEqual,
  bytesRandom,
  chainConnect,
  contactAccept,
  contactRead,
  folderCreate,
  folderRotate,
  format,
  grantCreate,
  keyringDraft,
  profileCreate,
  profileKeysRotate,
  recordOpen,
  recordPut,
} from "aceso";
import * as program from "aceso/program";
import { afterEach, describe, expect, test, vi } from "vitest";
import { World } from "../world.js";

const world = await World.start();
const place: Place = { chain: world.chain, store: new MemoryStore() };
const newcomer = async (at = place) => profileCreate(at, await world.net.wallet(), () => {});

type Request = Parameters<RpcTransport>[0];
type Answer = { result: { value: { data: [string, string] } | null } };
const methodOf = (request: Request) => (request.payload as { method: string }).method;

/** The local chain's node, which shows `account` with other bytes. */
function liar(account: Address, forge: (data: Uint8Array) => Uint8Array): Place {
  const honest = createDefaultRpcTransport({ url: world.net.rpcUrl });
  const transport = (async (request: Request) => {
    const answer = (await honest(request)) as Answer;
    const asked = methodOf(request) === "getAccountInfo" && JSON.stringify(request.payload).includes(account);
    if (!asked || !answer.result.value) return answer;
    const data = Uint8Array.from(Buffer.from(answer.result.value.data[0], "base64"));
    const forged = Buffer.from(forge(data)).toString("base64");
    return { ...answer, result: { ...answer.result, value: { ...answer.result.value, data: [forged, "base64"] } } };
  }) as RpcTransport;
  return { ...place, chain: chainConnect(transport) };
}

/** A bundle about the patient's profile, with the thief's keys, signed by the thief's wallet; and the account to match. */
async function impostor(patient: Identity, thief: Identity): Promise<Place> {
  const { data } = await program.fetchProfile(world.chain.rpc, patient.profile);
  const bytes = await place.store.get({ digest: Uint8Array.from(data.bundleDigest), len: data.bundleLen });
  const keys = {
    genesis: bytes.slice(8, 40),
    program: bytes.slice(40, 72),
    profile: bytes.slice(72, 104),
    keyVersion: data.keyVersion,
    xwing: await format((m) => m.xwingPublic(thief.xwingSeed)),
    signing: await format((m) => m.signingPublic(thief.signingSeed)),
    wallet: (await program.getProfileEncoder().encode({ ...data, authority: thief.wallet.address })).slice(56, 88),
    previous: undefined,
  };
  const text = await format((m) => m.bundleMessage(keys));
  const [signed] = await thief.wallet.signMessages([createSignableMessage(text)]);
  const bundle = await place.store.put(await format((m) => m.bundleCreate(keys, signed![thief.wallet.address]!)));
  const shown = { ...data, authority: thief.wallet.address, bundleDigest: bundle.digest, bundleLen: bundle.len };
  return liar(patient.profile, () => Uint8Array.from(program.getProfileEncoder().encode(shown)));
}

describe("a node that shows a thief's keys as one's own", () => {
  test("gets no folder's seed, when one is made or rotated", async () => {
    const [patient, thief] = [await newcomer(), await newcomer()];
    const lying = await impostor(patient, thief);
    expect((await contactRead(lying, patient.profile)).fingerprint).not.toBe(
      (await contactRead(place, patient.profile)).fingerprint,
    );
    await expect(folderCreate(lying, patient)).rejects.toThrow("not the keys that the profile has now");
    const folder = await folderCreate(place, patient);
    await expect(folderRotate(lying, patient, folder)).rejects.toThrow(/keys that the profile has now|signature/i);
    expect((await world.folderRead(folder)).epoch).toBe(1);
  });
});

describe("a node that shows a keyring of its own", () => {
  test("gets nothing filed to it, nor opened from it", async () => {
    const [patient, thief] = [await newcomer(), await newcomer()];
    const folder = await folderCreate(place, patient);
    const contact = await contactRead(place, thief.profile);
    const own = await format((m) => m.keyringCreate(keyringDraft(folder, thief, contact, [])));
    const blob = await place.store.put(own.bytes);
    own.free();
    const { data } = await program.fetchFolder(world.chain.rpc, folder);
    const show = (change: Partial<program.FolderArgs>) =>
      liar(folder, () => Uint8Array.from(program.getFolderEncoder().encode({ ...data, ...change })));
    const keyring = { keyringDigest: blob.digest, keyringLen: blob.len };
    const byThief = show({ ...keyring, keyringBy: thief.profile });
    await expect(recordPut(byThief, patient, folder, bytesRandom(9), { title: "ECG" })).rejects.toThrow(
      WriterNotAllowedError,
    );
    // Its signature is checked against the owner's keys, when it says that the owner wrote it.
    await expect(recordPut(show(keyring), patient, folder, bytesRandom(9), { title: "ECG" })).rejects.toThrow();
    // The thief's own folder in its place: for another owner.
    const theirs = show({ ...keyring, keyringBy: thief.profile, owner: patient.profile });
    const known = new Map<Address, Pin>();
    await contactRead({ ...place, pins: known }, thief.profile);
    const put = recordPut({ ...theirs, pins: known }, patient, folder, bytesRandom(9), { title: "ECG" });
    await expect(put).rejects.toThrow("is not for");
  });
});

describe("keys that are new", () => {
  test("are sealed to only after somebody compared them, and check what is signed by them", async () => {
    const pins = new Map<Address, Pin>();
    const mine = { ...place, pins };
    const doctor = await newcomer();
    let patient = await newcomer();
    const folder = await folderCreate(place, patient);
    await grantCreate(place, patient, { folder }, doctor.profile, { purpose: "TREAT" });
    const before = await contactRead(mine, patient.profile);
    patient = await profileKeysRotate(place, patient, () => {});
    const refused = await contactRead(mine, patient.profile).catch((cause: unknown) => cause);
    expect(refused).toBeInstanceOf(KeysChangedError);
    const { fingerprint } = refused as KeysChangedError;
    expect(pins.get(patient.profile)?.fingerprint).toBe(before.fingerprint);

    const bytes = bytesRandom(100);
    const record = await recordPut(place, patient, folder, bytes, { title: "By new keys" });
    expect(bytesEqual((await recordOpen(mine, doctor, record)).content, bytes)).toBe(true);

    await expect(contactAccept(mine, patient.profile, before.fingerprint)).rejects.toThrow(KeysChangedError);
    expect((await contactAccept(mine, patient.profile, fingerprint)).keyVersion).toBe(2);
    expect((await contactRead(mine, patient.profile)).fingerprint).toBe(fingerprint);
  });
});

describe("a node that falls silent", () => {
  afterEach(() => void vi.useRealTimers());

  /** Fails from the sending on, and lets the clock run meanwhile. */
  function silent(until = Infinity): Place {
    const honest = createDefaultRpcTransport({ url: world.net.rpcUrl });
    let failed = 0;
    let sending = false;
    const transport = (async (request: Request) => {
      sending ||= methodOf(request) === "sendTransaction";
      if (!sending || failed >= until) return honest(request);
      failed += 1;
      // What it was given it has passed on all the same.
      if (methodOf(request) === "sendTransaction") await honest(request);
      vi.setSystemTime(Date.now() + 10_000);
      throw new Error("connection reset");
    }) as RpcTransport;
    return { ...place, chain: chainConnect(transport) };
  }

  test("costs no keys: they were kept before anything was sent", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const kept: Identity[] = [];
    const patient = await newcomer();
    const rotated = profileKeysRotate(silent(), patient, (identity) => kept.push(identity));
    await expect(rotated).rejects.toThrow(FateUnknownError);
    expect(kept.map(({ keyVersion }) => keyVersion)).toEqual([2]);
    // The transaction was executed all the same, and the keys that were kept are those in force.
    await vi.waitFor(async () => expect((await world.profileRead(patient.profile)).keyVersion).toBe(2));
    const folder = await folderCreate(place, kept[0]!);
    expect((await world.folderRead(folder)).epoch).toBe(1);
  });

  test("for a moment only is waited for", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const patient = await newcomer();
    const rotated = await profileKeysRotate(silent(2), patient, () => {});
    expect(rotated.keyVersion).toBe(2);
  });
});

test("a grant on the record that has ended does not hide a live one on its folder", async () => {
  const [patient, doctor] = [await newcomer(), await newcomer()];
  const folder = await folderCreate(place, patient);
  const bytes = bytesRandom(50);
  const record = await recordPut(place, patient, folder, bytes, { title: "ECG" });
  await grantCreate(place, patient, { folder }, doctor.profile, { purpose: "TREAT" });
  const untilSecs = (await world.net.now()) + 30n;
  await grantCreate(place, patient, { folder, record }, doctor.profile, { purpose: "TREAT", untilSecs });
  await world.net.travel(60);
  expect(bytesEqual((await recordOpen(place, doctor, record)).content, bytes)).toBe(true);
});
