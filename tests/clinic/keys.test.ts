// New keys: what the old ones have signed is checked by whoever comes later, and what was sealed to them still opens.
import {
  type BlobAddress,
  type Identity,
  MemoryStore,
  type Place,
  WriterKeyError,
  bytesEqual,
  bytesRandom,
  cidOf,
  contactRead,
  folderCreate,
  folderRotate,
  format,
  grantCreate,
  profileCreate,
  profileKeysRotate,
  recordOpen,
  recordPut,
  requestCreate,
  requestReason,
  transactionSend,
} from "aceso";
import * as program from "aceso/program";
import { createSignableMessage } from "@solana/kit";
import { expect, test } from "vitest";
import { World } from "../world.js";

const world = await World.start();
const newcomer = async (place: Place) => profileCreate(place, await world.net.wallet(), () => {});

/** A patient with a record signed by each of three versions of its keys. */
async function clinic() {
  const store = new MemoryStore();
  const place: Place = { chain: world.chain, store };
  let patient = await newcomer(place);
  const folder = await folderCreate(place, patient);
  const filed = [];
  const bundles: BlobAddress[] = [];
  for (const keyVersion of [1, 2, 3]) {
    if (keyVersion > 1) patient = await profileKeysRotate(place, patient, () => {});
    const { data } = await program.fetchProfile(world.chain.rpc, patient.profile);
    bundles.push({ digest: Uint8Array.from(data.bundleDigest), len: data.bundleLen });
    const content = bytesRandom(100);
    filed.push({
      content,
      record: await recordPut(place, patient, folder, content, { title: `By key ${keyVersion}` }),
    });
  }
  return { store, place, patient, folder, filed, bundles };
}

async function reader(place: Place, patient: Identity, folder: Parameters<typeof folderRotate>[2]) {
  const doctor = await newcomer(place);
  await grantCreate(place, patient, { folder }, doctor.profile, { purpose: "TREAT" });
  return doctor;
}

test("a reader who comes after them opens what older keys have signed; so does the owner", async () => {
  const { place, patient, folder, filed } = await clinic();
  const doctor = await reader(place, patient, folder);
  const expectAll = async (who: Identity) => {
    for (const { record, content } of filed)
      expect(bytesEqual((await recordOpen(place, who, record)).content, content)).toBe(true);
  };
  await expectAll(doctor);
  await expectAll(patient);
  await folderRotate(place, patient, folder);
  await expectAll(patient);
  await expectAll(doctor);
  // The keyring's reader has new keys too, and what it lists are the old ones.
  const renewed = await profileKeysRotate(place, doctor, () => {});
  expect(renewed.former?.map(({ keyVersion }) => keyVersion)).toEqual([1]);
  await expectAll(renewed);
  await expect(profileKeysRotate(place, doctor, () => {})).rejects.toThrow("not the keys that the profile has now");
});

test("a reason that was sealed to older keys is read", async () => {
  const { place, patient } = await clinic();
  const surgeon = await newcomer(place);
  const ask = { purpose: "TREAT", durationSecs: 60n, reason: "Operation on Tuesday" } as const;
  const request = await requestCreate(place, surgeon, patient.profile, ask);
  expect(await requestReason(place, await profileKeysRotate(place, patient, () => {}), request)).toBe(ask.reason);
});

test("a bundle that is gone, or is not what the newer one vouches for, is named", async () => {
  const { store, place, patient, folder, filed, bundles } = await clinic();
  const doctor = await reader(place, patient, folder);
  const missing = cidOf(bundles[1]!);
  const bytes = store.blobs.get(missing)!;
  store.blobs.delete(missing);
  const opened = recordOpen(place, doctor, filed[0]!.record);
  await expect(opened).rejects.toThrow(WriterKeyError);
  await expect(opened).rejects.toMatchObject({ reason: "Missing" });
  expect(bytesEqual((await recordOpen(place, doctor, filed[2]!.record)).content, filed[2]!.content)).toBe(true);
  store.blobs.set(missing, bytes);

  // With a client of its own the patient publishes keys that leave version 3 out.
  const { keyVersion } = await contactRead(place, patient.profile);
  const expected = { digest: bundles[2]!.digest, len: bundles[2]!.len };
  const newest = await store.get(expected);
  const { wallet, profile } = patient;
  const [genesis, ids] = [newest.slice(8, 40), { program: newest.slice(40, 72), profile: newest.slice(72, 104) }];
  const seeds = [await format((m) => m.secretGenerate()), await format((m) => m.secretGenerate())] as const;
  const keys = {
    genesis,
    ...ids,
    keyVersion: keyVersion + 1,
    xwing: await format((m) => m.xwingPublic(seeds[0])),
    signing: await format((m) => m.signingPublic(seeds[1])),
    wallet: newest.slice(1356, 1388),
    previous: bundles[1],
  };
  const text = await format((m) => m.bundleMessage(keys));
  const [signatures] = await wallet.signMessages([createSignableMessage(text)]);
  const bundle = await store.put(await format((m) => m.bundleCreate(keys, signatures![wallet.address]!)));
  const rotate = { authority: wallet, profile, expectedVersion: keyVersion, bundle };
  await transactionSend(world.chain, wallet, [await program.getProfileKeysRotateInstructionAsync(rotate)]);
  const refused = recordOpen(place, doctor, filed[2]!.record);
  await expect(refused).rejects.toMatchObject({ name: "WriterKeyError", reason: "Broken" });
});
