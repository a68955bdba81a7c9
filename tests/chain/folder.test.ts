import type { Address } from "@solana/kit";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { type Person, World, ZEROS, acting, blob, content, id, onlyEvent } from "../world.js";

const world = await World.start();
const { Action, NO_END } = program;

async function rotation(owner: Person, folder: Address, change: Partial<program.FolderRotateInstructionDataArgs> = {}) {
  const { epoch, membersVersion, keyringDigest: expected } = await world.folderRead(folder);
  return program.getFolderRotateInstructionAsync({
    ...acting(owner),
    folder,
    epoch,
    membersVersion,
    earliestUntilSecs: NO_END,
    keyring: { expected, blob: blob() },
    ...change,
  });
}

const revocation = (owner: Person, folder: Address, grant: Address) =>
  program.getGrantRevokeInstructionAsync({ ...acting(owner), folder, grant, rentPayer: owner.wallet.address });

describe("a folder", () => {
  test("is made by its owner, and begins its trail", async () => {
    const [patient, stranger] = [await world.person(), await world.person()];
    const [folderId, keyring] = [id(), blob()];
    const create = (authority = patient.wallet, change = {}) =>
      program.getFolderCreateInstructionAsync({
        payer: authority,
        authority,
        owner: patient.profile,
        id: folderId,
        keyring,
        ...change,
      });
    await world.refused("NotAuthority", stranger.wallet, create(stranger.wallet));
    await world.refused(
      "DigestMissing",
      patient.wallet,
      create(patient.wallet, { keyring: { digest: ZEROS, len: 1 } }),
    );
    await world.refused("BlobLength", patient.wallet, create(patient.wallet, { keyring: blob(0) }));

    const sent = await world.send(patient.wallet, create());
    const [folder] = await program.findFolderPda({ owner: patient.profile, id: folderId });
    const account = await world.folderRead(folder);
    expect(account).toMatchObject({
      meta: { payer: patient.wallet.address, createdSlot: sent.slot },
      owner: patient.profile,
      id: folderId,
      keyringBy: patient.profile,
      keyringDigest: keyring.digest,
      keyringLen: keyring.len,
      previousKeyringLen: 0,
      epoch: 1,
      membersVersion: 0,
      records: 0,
      grants: 0,
      earliestUntilSecs: NO_END,
      auditCount: 1n,
      rotateDue: 0,
    });
    expect(onlyEvent(sent, "Audited")).toEqual({
      entry: {
        action: Action.FolderCreated,
        purpose: 0,
        permissions: 0,
        number: 1,
        atSecs: await world.net.now(),
        slot: sent.slot,
        fromSecs: 0n,
        untilSecs: 0n,
        actor: patient.profile,
        subject: folder,
        digest: keyring.digest,
      },
      links: [{ scope: folder, count: 1n, head: account.auditHead }],
    });
    expect(await world.profileRead(patient.profile)).toMatchObject({ folders: 1 });
    await world.refused("AlreadyExists", patient.wallet, create());
  });

  test("is not made while folders are paused, but is closed", async () => {
    const patient = await world.person();
    const folder = await world.folder(patient);
    const { admin } = world.net;
    const pause = (flags: number) => program.getConfigPauseInstructionAsync({ admin, flags });
    const create = {
      payer: patient.wallet,
      authority: patient.wallet,
      owner: patient.profile,
      id: id(),
      keyring: blob(),
    };
    await world.send(admin, pause(program.PAUSE_ALL));
    await world.refused("Paused", patient.wallet, program.getFolderCreateInstructionAsync(create));
    await world.refused("Paused", patient.wallet, recordCreate(patient, folder, await world.epochOf(folder)));
    const close = { authority: patient.wallet, owner: patient.profile, folder, rentPayer: patient.wallet.address };
    await world.send(patient.wallet, program.getFolderCloseInstructionAsync(close));
    await world.send(admin, pause(0));
  });

  test("begins a new epoch, once, from the state that the writer knew", async () => {
    const patient = await world.person();
    const folder = await world.folder(patient);
    const before = await world.folderRead(folder);
    const keyring = { expected: before.keyringDigest, blob: blob() };
    const { wallet } = patient;
    await world.refused("FolderChanged", wallet, rotation(patient, folder, { epoch: 2 }));
    await world.refused("FolderChanged", wallet, rotation(patient, folder, { membersVersion: 1 }));
    await world.refused(
      "FolderChanged",
      wallet,
      rotation(patient, folder, { keyring: { expected: ZEROS, blob: blob() } }),
    );
    const same = { expected: before.keyringDigest, blob: { digest: before.keyringDigest, len: 1 } };
    await world.refused("BlobUnchanged", wallet, rotation(patient, folder, { keyring: same }));
    const now = await world.net.now();
    await world.refused("EndsTooEarly", wallet, rotation(patient, folder, { earliestUntilSecs: now }));

    const winner = await rotation(patient, folder, { keyring });
    const loser = await rotation(patient, folder);
    const sent = await world.send(wallet, winner);
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({
      action: Action.FolderRotated,
      number: 2,
      digest: keyring.blob.digest,
    });
    expect(await world.folderRead(folder)).toMatchObject({
      epoch: 2,
      keyringDigest: keyring.blob.digest,
      auditCount: 2n,
    });
    await world.refused("FolderChanged", wallet, loser);
  });

  test("takes no head under an epoch whose readers have left, but the owner's inbox does", async () => {
    const [patient, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    const grant = await world.grant(patient, folder, reader);
    const rent = await world.lamports(grant);
    const before = await world.lamports(patient.wallet.address);
    const sent = await world.send(patient.wallet, revocation(patient, folder, grant));
    expect(await world.lamports(patient.wallet.address)).toBe(before + rent - sent.feeLamports);
    expect(await world.folderRead(folder)).toMatchObject({ rotateDue: 1, grants: 0, membersVersion: 2 });

    const stale = await world.epochOf(folder);
    await world.refused("FolderRotateDue", patient.wallet, recordCreate(patient, folder, stale));
    const inbox = program.sealedTo("Inbox", { keyVersion: 1, bundleDigest: patient.bundle.digest });
    await world.send(patient.wallet, recordCreate(patient, folder, inbox));

    await world.send(patient.wallet, rotation(patient, folder));
    await world.refused("FolderChanged", patient.wallet, recordCreate(patient, folder, stale));
    await world.send(patient.wallet, recordCreate(patient, folder, await world.epochOf(folder)));
  });

  test("takes no head under an epoch once a reader's time has run out", async () => {
    const [patient, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    await world.grant(patient, folder, reader, { untilSecs: (await world.net.now()) + 100n });
    await world.net.travel(100);
    await world.send(patient.wallet, recordCreate(patient, folder, await world.epochOf(folder)));
    await world.net.travel(1);
    await world.refused("FolderRotateDue", patient.wallet, recordCreate(patient, folder, await world.epochOf(folder)));
    await world.send(patient.wallet, rotation(patient, folder));
    await world.send(patient.wallet, recordCreate(patient, folder, await world.epochOf(folder)));
  });

  test("inbox takes only the owner's present keys", async () => {
    const patient = await world.person();
    const folder = await world.folder(patient);
    const file = (keyVersion: number, bundleDigest: program.Blob["digest"]) =>
      recordCreate(patient, folder, program.sealedTo("Inbox", { keyVersion, bundleDigest }));
    await world.refused("KeysChanged", patient.wallet, file(2, patient.bundle.digest));
    await world.refused("KeysChanged", patient.wallet, file(1, blob().digest));
    const rotate = {
      authority: patient.wallet,
      profile: patient.profile,
      expectedVersion: 1,
      bundle: blob(),
    };
    await world.send(patient.wallet, program.getProfileKeysRotateInstructionAsync(rotate));
    await world.refused("KeysChanged", patient.wallet, file(1, patient.bundle.digest));
    await world.send(patient.wallet, file(2, rotate.bundle.digest));
  });

  test("is closed by its owner when it is empty, and gives the rent back", async () => {
    const [patient, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    const { wallet, profile } = patient;
    const close = (authority = wallet, owner = profile, rentPayer = wallet.address) =>
      program.getFolderCloseInstructionAsync({ authority, owner, folder, rentPayer });
    await world.refused("NotOwner", reader.wallet, close(reader.wallet, reader.profile));
    await world.refused("WrongRentPayer", wallet, close(wallet, profile, reader.wallet.address));
    const grant = await world.grant(patient, folder, reader);
    await world.refused("FolderInUse", wallet, close());
    await world.send(wallet, revocation(patient, folder, grant));

    const { auditHead } = await world.folderRead(folder);
    const sent = await world.send(wallet, close());
    const { entry } = onlyEvent(sent, "Audited");
    expect(entry).toMatchObject({ action: Action.FolderClosed, subject: folder, digest: auditHead });
    expect(await world.exists(folder)).toBe(false);
    expect(await world.profileRead(profile)).toMatchObject({ folders: 0 });
    await world.refused("AccountOwnedByWrongProgram", wallet, recordCreate(patient, folder, inboxOf(patient)));
  });

  test("that is made again at the address is another folder for grants of the first", async () => {
    const [patient, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    const delegated = program.getDelegateAddInstructionAsync({
      payer: patient.wallet,
      authority: patient.wallet,
      owner: patient.profile,
      profile: reader.profile,
      folder,
      capabilities: program.CAN_CREATE,
      untilSecs: NO_END,
    });
    await world.send(patient.wallet, delegated);
    const { id: folderId } = await world.folderRead(folder);
    const owner = { authority: patient.wallet, owner: patient.profile };
    await world.send(
      patient.wallet,
      program.getFolderCloseInstructionAsync({ ...owner, folder, rentPayer: patient.wallet.address }),
    );
    await world.send(
      patient.wallet,
      program.getFolderCreateInstructionAsync({ ...owner, payer: patient.wallet, id: folderId, keyring: blob() }),
    );
    const [delegate] = await program.findDelegatePda({ owner: patient.profile, profile: reader.profile });
    const file = program.getRecordCreateInstructionAsync({
      payer: reader.wallet,
      ...acting(reader, { delegate }),
      owner: patient.profile,
      folder,
      id: id(),
      content: content(),
      head: blob(),
      sealedTo: await world.epochOf(folder),
    });
    await world.refused("WrongDelegate", reader.wallet, file);
    expect((await world.folderRead(folder)).auditCount).toBe(1n);
  });
});

const inboxOf = (owner: Person) => program.sealedTo("Inbox", { keyVersion: 1, bundleDigest: owner.bundle.digest });

function recordCreate(owner: Person, folder: Address, sealedTo: program.SealedTo) {
  return program.getRecordCreateInstructionAsync({
    payer: owner.wallet,
    ...acting(owner),
    owner: owner.profile,
    folder,
    id: id(),
    content: content(),
    head: blob(),
    sealedTo,
  });
}
