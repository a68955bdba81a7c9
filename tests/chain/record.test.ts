import type { Address } from "@solana/kit";
import { auditAccount, auditFetch, auditVerify } from "aceso";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { type Person, World, ZEROS, acting, blob, content, id, onlyEvent } from "../world.js";

const world = await World.start();
const { Action } = program;

type CreateArgs = Partial<Pick<program.RecordCreateInstructionDataArgs, "content" | "head" | "sealedTo" | "id">>;
const create = async (owner: Person, folder: Address, change: CreateArgs = {}) =>
  program.getRecordCreateInstructionAsync({
    payer: owner.wallet,
    ...acting(owner),
    owner: owner.profile,
    folder,
    id: id(),
    content: content(),
    head: blob(),
    sealedTo: await world.epochOf(folder),
    ...change,
  });
const update = async (
  by: Person,
  at: { owner: Person; folder: Address; record: Address },
  change: Partial<program.RecordUpdateInstructionDataArgs> & { delegate?: Address } = {},
) =>
  program.getRecordUpdateInstructionAsync({
    ...acting(by),
    owner: at.owner.profile,
    folder: at.folder,
    record: at.record,
    change: await world.headSwap(at.record),
    content: content(),
    sealedTo: await world.epochOf(at.folder),
    ...change,
  });
const erase = async (owner: Person, folder: Address, record: Address, change = {}) => {
  const { version, headDigest } = await world.recordRead(record);
  return program.getRecordEraseInstructionAsync({
    authority: owner.wallet,
    owner: owner.profile,
    folder,
    record,
    rentPayer: owner.wallet.address,
    version,
    headDigest,
    ...change,
  });
};
const archive = (owner: Person, record: Address, archived: boolean) =>
  program.getRecordArchiveInstructionAsync({ authority: owner.wallet, owner: owner.profile, record, archived });

async function trailOf(kind: "folder" | "record", at: Address) {
  const fetch = kind === "folder" ? program.fetchFolder : program.fetchRecord;
  const account = auditAccount(await fetch(world.chain.rpc, at));
  return auditVerify(account, await auditFetch(world.chain, at));
}

describe("a record", () => {
  test("is filed by its owner, and stands in two trails", async () => {
    const patient = await world.person();
    const folder = await world.folder(patient);
    const [recordId, sealed, head] = [id(), content(), blob()];
    const sent = await world.send(patient.wallet, create(patient, folder, { id: recordId, content: sealed, head }));
    const [record] = await program.findRecordPda({ owner: patient.profile, id: recordId });
    const now = await world.net.now();
    const account = await world.recordRead(record);
    expect(account).toMatchObject({
      owner: patient.profile,
      folder,
      author: patient.profile,
      id: recordId,
      headBy: patient.profile,
      headDigest: head.digest,
      headLen: head.len,
      contentDigest: sealed.digest,
      contentLen: sealed.len,
      version: 1,
      epoch: 1,
      inboxKeyVersion: 0,
      membersVersion: 0,
      grants: 0,
      createdAtSecs: now,
      updatedAtSecs: now,
      auditCount: 1n,
      archived: 0,
    });
    const { auditHead } = await world.folderRead(folder);
    const { entry, links } = onlyEvent(sent, "Audited");
    expect(entry).toMatchObject({ action: Action.RecordCreated, subject: record, number: 1, digest: head.digest });
    expect(links).toEqual([
      { scope: record, count: 1n, head: account.auditHead },
      { scope: folder, count: 2n, head: auditHead },
    ]);
    expect(await world.folderRead(folder)).toMatchObject({ records: 1 });
    await world.refused("AlreadyExists", patient.wallet, create(patient, folder, { id: recordId }));
  });

  test("is refused where nothing is stored, or by a stranger", async () => {
    const [patient, stranger] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    const refuse = (reason: string, change: CreateArgs) =>
      world.refused(reason, patient.wallet, create(patient, folder, change));
    await refuse("DigestMissing", { content: { digest: ZEROS, len: 1n } });
    await refuse("DigestMissing", { head: { digest: ZEROS, len: 1 } });
    await refuse("ContentLength", { content: content(0n) });
    await refuse("ContentLength", { content: content(program.MAX_CONTENT_LEN + 1n) });
    await refuse("BlobLength", { head: blob(program.MAX_BLOB_LEN + 1) });
    await refuse("FolderChanged", { sealedTo: program.sealedTo("Epoch", { epoch: 2, keyringDigest: ZEROS }) });
    const intruder = async (accounts: object) => ({
      ...(await program.getRecordCreateInstructionAsync({
        payer: stranger.wallet,
        ...acting(stranger),
        owner: patient.profile,
        folder,
        id: id(),
        content: content(),
        head: blob(),
        sealedTo: await world.epochOf(folder),
        ...accounts,
      })),
    });
    await world.refused("NotOwner", stranger.wallet, intruder({}));
    await world.refused("NotAuthority", stranger.wallet, intruder({ actor: patient.profile }));
    await world.refused("WrongOwner", stranger.wallet, intruder({ owner: stranger.profile }));
  });

  test("is replaced by a new version, once for each state", async () => {
    const owner = await world.person();
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    const at = { owner, folder, record };
    const [first, second] = [await update(owner, at), await update(owner, at)];
    await world.net.travel(10);
    const sent = await world.send(owner.wallet, first);
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({ action: Action.RecordUpdated, number: 2 });
    const account = await world.recordRead(record);
    expect(account.version).toBe(2);
    expect(account.updatedAtSecs).toBe(account.createdAtSecs + 10n);
    await world.refused("RecordChanged", owner.wallet, second);

    const swap = await world.headSwap(record);
    const same = { digest: account.contentDigest, len: 1n };
    await world.refused("BlobUnchanged", owner.wallet, update(owner, at, { content: same }));
    const stale = { ...swap, membersVersion: 1 };
    await world.refused("RecordChanged", owner.wallet, update(owner, at, { change: stale }));
    const unchanged = { ...swap, swap: { expected: account.headDigest, blob: { digest: account.headDigest, len: 1 } } };
    await world.refused("BlobUnchanged", owner.wallet, update(owner, at, { change: unchanged }));
  });

  test("is changed by nobody but its owner and its author", async () => {
    const [owner, laboratory] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    await world.send(
      owner.wallet,
      program.getDelegateAddInstructionAsync({
        payer: owner.wallet,
        authority: owner.wallet,
        owner: owner.profile,
        profile: laboratory.profile,
        folder,
        capabilities: program.CAN_CREATE,
        untilSecs: program.NO_END,
      }),
    );
    const [delegate] = await program.findDelegatePda({ owner: owner.profile, profile: laboratory.profile });
    const at = { owner, folder, record };
    await world.refused("NotAuthor", laboratory.wallet, update(laboratory, at, { delegate }));
    await world.refused("NotOwner", laboratory.wallet, update(laboratory, at));
  });

  test("gets a new head without a new version", async () => {
    const owner = await world.person();
    const folder = await world.folder(owner);
    const inbox = program.sealedTo("Inbox", { keyVersion: 1, bundleDigest: owner.bundle.digest });
    const recordId = id();
    await world.send(owner.wallet, create(owner, folder, { id: recordId, sealedTo: inbox }));
    const [record] = await program.findRecordPda({ owner: owner.profile, id: recordId });
    expect(await world.recordRead(record)).toMatchObject({ epoch: 0, inboxKeyVersion: 1 });

    const reseal = async () =>
      program.getRecordResealInstructionAsync({
        ...acting(owner),
        owner: owner.profile,
        folder,
        record,
        change: await world.headSwap(record),
        sealedTo: await world.epochOf(folder),
      });
    const [first, second] = [await reseal(), await reseal()];
    const sent = await world.send(owner.wallet, first);
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({ action: Action.RecordResealed, number: 1 });
    expect(await world.recordRead(record)).toMatchObject({ version: 1, epoch: 1, inboxKeyVersion: 0 });
    await world.refused("RecordChanged", owner.wallet, second);
  });

  test("moves between folders of its owner, and all three trails tell", async () => {
    const [owner, stranger] = [await world.person(), await world.person()];
    const [folder, toFolder] = [await world.folder(owner), await world.folder(owner)];
    const foreign = await world.folder(stranger);
    const record = await world.record(owner, folder);
    const move = async (change = {}) =>
      program.getRecordMoveInstructionAsync({
        authority: owner.wallet,
        owner: owner.profile,
        folder,
        toFolder,
        record,
        change: await world.headSwap(record),
        sealedTo: await world.epochOf(toFolder),
        ...change,
      });
    await world.refused("WrongOwner", owner.wallet, move({ toFolder: foreign }));
    await world.refused("WrongFolder", owner.wallet, move({ folder: toFolder, toFolder: folder }));
    await world.refused("FolderChanged", owner.wallet, move({ sealedTo: await world.epochOf(folder) }));
    const sent = await world.send(owner.wallet, move());
    const { entry, links } = onlyEvent(sent, "Audited");
    expect(entry).toMatchObject({ action: Action.RecordMoved, subject: record });
    expect(links.map(({ scope, count }) => [scope, count])).toEqual([
      [record, 2n],
      [folder, 3n],
      [toFolder, 2n],
    ]);
    expect(await world.recordRead(record)).toMatchObject({ folder: toFolder });
    expect((await world.folderRead(folder)).records).toBe(0);
    expect((await world.folderRead(toFolder)).records).toBe(1);
    for (const at of [folder, toFolder]) await trailOf("folder", at);
    await trailOf("record", record);
    await world.refused("WrongFolder", owner.wallet, erase(owner, folder, record));
  });

  test("is archived, takes no version then, and is restored", async () => {
    const [owner, stranger] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    await world.refused("RecordStatusSame", owner.wallet, archive(owner, record, false));
    await world.refused("NotOwner", stranger.wallet, archive(stranger, record, true));
    const sent = await world.send(owner.wallet, archive(owner, record, true));
    expect(onlyEvent(sent, "Audited").entry.action).toBe(Action.RecordArchived);
    await world.refused("RecordArchived", owner.wallet, update(owner, { owner, folder, record }));
    await world.refused("RecordStatusSame", owner.wallet, archive(owner, record, true));
    const restored = await world.send(owner.wallet, archive(owner, record, false));
    expect(onlyEvent(restored, "Audited").entry.action).toBe(Action.RecordRestored);
    await world.send(owner.wallet, update(owner, { owner, folder, record }));
  });

  test("is erased in the state that the owner saw; its trail ends in the folder's", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    const seen = await erase(owner, folder, record);
    await world.send(owner.wallet, update(owner, { owner, folder, record }));
    await world.refused("RecordChanged", owner.wallet, seen);

    const { wallet } = owner;
    const grant = program.getGrantCreateInstructionAsync({
      payer: wallet,
      ...acting(owner),
      owner: owner.profile,
      folder,
      record,
      reader: reader.profile,
      scope: record,
      readerBundleDigest: reader.bundle.digest,
      terms: await world.terms(),
      resealed: program.resealed("Head", {
        change: await world.headSwap(record),
        sealedTo: await world.epochOf(folder),
      }),
    });
    await world.send(wallet, grant);
    await world.refused("RecordInUse", wallet, erase(owner, folder, record));
    const [grantAt] = await program.findGrantPda({ scope: record, reader: reader.profile });
    const revoke = { ...acting(owner), folder, record, grant: grantAt, rentPayer: wallet.address };
    await world.send(wallet, program.getGrantRevokeInstructionAsync(revoke));
    await world.refused("WrongRentPayer", wallet, erase(owner, folder, record, { rentPayer: reader.wallet.address }));

    const events = await auditFetch(world.chain, record);
    const last = auditAccount(await program.fetchRecord(world.chain.rpc, record));
    const [rent, before] = [await world.lamports(record), await world.lamports(wallet.address)];
    const sent = await world.send(wallet, erase(owner, folder, record));
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({
      action: Action.RecordErased,
      subject: record,
      number: 2,
      digest: last.auditHead,
    });
    expect(await world.exists(record)).toBe(false);
    expect(await world.lamports(wallet.address)).toBe(before + rent - sent.feeLamports);

    // What was archived of the erased record's trail is still proven: by the folder's.
    const erased = (await trailOf("folder", folder)).at(-1)!;
    const auditHead = Uint8Array.from(erased.digest);
    const entries = await auditVerify({ ...last, auditHead }, events);
    expect(entries.map(({ action }) => Action[action])).toEqual([
      "RecordCreated",
      "RecordUpdated",
      "GrantCreated",
      "GrantRevoked",
    ]);
  });
});
