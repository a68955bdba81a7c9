import type { Address } from "@solana/kit";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, type Person, World, ZEROS, acting, blob, content, onlyEvent } from "../world.js";

const world = await World.start();
const { Action, PERMIT_ALL, PERMIT_HISTORY, PERMIT_OPEN, PERMIT_SAVE, PURPOSES } = program;

type Args = Partial<program.GrantCreateInstructionDataArgs>;
const onFolder = async (by: Person, folder: Address, reader: Person, change: Args = {}, owner = by) =>
  program.getGrantCreateInstructionAsync({
    payer: by.wallet,
    ...acting(by),
    owner: owner.profile,
    folder,
    reader: reader.profile,
    scope: folder,
    readerBundleDigest: reader.bundle.digest,
    terms: await world.terms(),
    resealed: await world.keyringSwap(folder),
    ...change,
  });
const onRecord = async (owner: Person, folder: Address, record: Address, reader: Person, change: Args = {}) =>
  program.getGrantCreateInstructionAsync({
    payer: owner.wallet,
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
    ...change,
  });
const open = async (reader: Person, at: { folder: Address; record: Address; grant: Address }, change = {}) => {
  const { version, headDigest } = await world.recordRead(at.record);
  return program.getGrantOpenInstructionAsync({
    authority: reader.wallet,
    reader: reader.profile,
    ...at,
    version,
    headDigest,
    ...change,
  });
};

/** A patient's folder with a record, and somebody who reads it. */
async function chart(terms: Partial<program.TermsArgs> = {}) {
  const [owner, reader] = [await world.person(), await world.person()];
  const folder = await world.folder(owner);
  const record = await world.record(owner, folder);
  const grant = await world.grant(owner, folder, reader, terms);
  return { owner, reader, folder, record, grant, at: { folder, record, grant } };
}

describe("a grant", () => {
  test("on a folder swaps its keyring in the same transaction", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const now = await world.net.now();
    const terms = { purpose: PURPOSES.TREAT, permissions: PERMIT_ALL, fromSecs: now - 5n, untilSecs: now + 60n };
    const resealed = await world.keyringSwap(folder);
    const sent = await world.send(owner.wallet, onFolder(owner, folder, reader, { terms, resealed }));
    const [grant] = await program.findGrantPda({ scope: folder, reader: reader.profile });
    const { meta } = await world.folderRead(folder);
    expect(await world.grantRead(grant)).toMatchObject({
      scope: folder,
      reader: reader.profile,
      owner: owner.profile,
      folder,
      grantedBy: owner.profile,
      scopeCreatedSlot: meta.createdSlot,
      ...terms,
      openings: 0,
      lastOpenedAtSecs: 0n,
      number: 1,
      readerKeyVersion: 1,
      scopeKind: program.ScopeKind.Folder,
    });
    expect(await world.folderRead(folder)).toMatchObject({
      grants: 1,
      membersVersion: 1,
      earliestUntilSecs: terms.untilSecs,
      keyringDigest: program.isResealed("Keyring", resealed) ? resealed.swap.blob.digest : ZEROS,
      epoch: 1,
    });
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({
      action: Action.GrantCreated,
      purpose: PURPOSES.TREAT,
      permissions: PERMIT_ALL,
      fromSecs: terms.fromSecs,
      untilSecs: terms.untilSecs,
      actor: owner.profile,
      subject: reader.profile,
      number: 1,
    });
    await world.refused("AlreadyExists", owner.wallet, onFolder(owner, folder, reader));
  });

  test("on a record swaps its head, and opens nothing else", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const [record, other] = [await world.record(owner, folder), await world.record(owner, folder)];
    await world.send(owner.wallet, onRecord(owner, folder, record, reader));
    const [grant] = await program.findGrantPda({ scope: record, reader: reader.profile });
    expect(await world.grantRead(grant)).toMatchObject({ scope: record, folder, scopeKind: program.ScopeKind.Record });
    expect(await world.recordRead(record)).toMatchObject({ grants: 1, membersVersion: 1, version: 1 });
    expect(await world.folderRead(folder)).toMatchObject({ grants: 0, membersVersion: 0 });
    await world.send(reader.wallet, open(reader, { folder, record, grant }));
    await world.refused("WrongScope", reader.wallet, open(reader, { folder, record: other, grant }));
  });

  test("is refused when what it relies on has changed", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    const { wallet } = owner;
    const [first, second] = [
      await onFolder(owner, folder, reader),
      await onFolder(owner, folder, await world.person()),
    ];
    await world.send(wallet, first);
    await world.refused("FolderChanged", wallet, second);
    const late = await onRecord(owner, folder, record, reader);
    await world.send(wallet, onRecord(owner, folder, record, await world.person()));
    await world.refused("RecordChanged", wallet, late);

    const rotate = { authority: reader.wallet, profile: reader.profile, expectedVersion: 1, bundle: blob() };
    await world.send(reader.wallet, program.getProfileKeysRotateInstructionAsync(rotate));
    await world.refused("KeysChanged", wallet, onRecord(owner, folder, record, reader));
    const retire = { authority: reader.wallet, profile: reader.profile };
    await world.send(reader.wallet, program.getProfileRetireInstructionAsync(retire));
    await world.refused(
      "ProfileRetired",
      wallet,
      onRecord(owner, folder, record, reader, { readerBundleDigest: rotate.bundle.digest }),
    );
  });

  test("is refused with terms that mean nothing", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    const now = await world.net.now();
    const refuse = async (reason: string, terms: Partial<program.TermsArgs>) =>
      world.refused(reason, owner.wallet, onFolder(owner, folder, reader, { terms: await world.terms(terms) }));
    await refuse("PurposeUnknown", { purpose: 0 });
    await refuse("PurposeUnknown", { purpose: Math.max(...Object.values(PURPOSES)) + 1 });
    await refuse("PermissionUnknown", { permissions: PERMIT_SAVE });
    await refuse("PermissionUnknown", { permissions: PERMIT_ALL + 1 });
    await refuse("EndsTooEarly", { untilSecs: now });
    await refuse("EndsTooEarly", { fromSecs: now + 10n, untilSecs: now + 10n });
    await refuse("StartsTooLate", { fromSecs: now + 11n * 366n * 86_400n, untilSecs: program.NO_END });
    const stranger = await world.person();
    await world.refused("NotOwner", stranger.wallet, onFolder(stranger, folder, reader));
    await world.refused("WrongOwner", owner.wallet, onFolder(owner, folder, reader, {}, stranger));
    await world.refused("NotOwner", stranger.wallet, onFolder(stranger, folder, reader, {}, owner));
    await world.refused("ToOneself", owner.wallet, onFolder(owner, folder, owner));
    await world.refused("WrongScope", owner.wallet, onFolder(owner, folder, reader, { scope: record }));
    const head = program.resealed("Head", {
      change: await world.headSwap(record),
      sealedTo: await world.epochOf(folder),
    });
    await world.refused("WrongScope", owner.wallet, onFolder(owner, folder, reader, { resealed: head }));
  });

  test("is not made while grants are paused, but is revoked", async () => {
    const { owner, folder, grant } = await chart();
    const { admin } = world.net;
    const pause = (flags: number) => program.getConfigPauseInstructionAsync({ admin, flags });
    await world.send(admin, pause(program.PAUSE_GRANT));
    await world.refused("Paused", owner.wallet, onFolder(owner, folder, await world.person()));
    const revoke = { ...acting(owner), folder, grant, rentPayer: owner.wallet.address };
    await world.send(owner.wallet, program.getGrantRevokeInstructionAsync(revoke));
    await world.send(admin, pause(0));
  });
});

describe("an opening", () => {
  test("leaves a receipt in the record's trail", async () => {
    const { reader, record, grant, at } = await chart();
    await world.net.travel(7);
    const sent = await world.send(reader.wallet, open(reader, at));
    const { entry, links } = onlyEvent(sent, "Audited");
    expect(entry).toMatchObject({ action: Action.RecordOpened, actor: reader.profile, subject: reader.profile });
    expect(links.map(({ scope, count }) => [scope, count])).toEqual([[record, 2n]]);
    expect(await world.grantRead(grant)).toMatchObject({ openings: 1, lastOpenedAtSecs: await world.net.now() });
    await world.send(reader.wallet, open(reader, at));
    expect((await world.grantRead(grant)).openings).toBe(2);
  });

  test("is for the reader, its wallet, this head and this version", async () => {
    const { owner, reader, folder, record, grant, at } = await chart();
    const stranger = await world.person();
    await world.refused("WrongReader", stranger.wallet, open(stranger, at));
    await world.refused("NotAuthority", stranger.wallet, open({ ...stranger, profile: reader.profile }, at));
    await world.refused("RecordChanged", reader.wallet, open(reader, at, { headDigest: ZEROS }));
    await world.refused("NotPermitted", reader.wallet, open(reader, at, { version: 2 }));
    await world.refused("NotPermitted", reader.wallet, open(reader, at, { version: 0 }));
    const second = await world.folder(owner);
    await world.refused("WrongFolder", reader.wallet, open(reader, { folder: second, record, grant }));
    const elsewhere = await world.record(owner, second);
    await world.refused("WrongScope", reader.wallet, open(reader, { folder: second, record: elsewhere, grant }));
    await world.send(reader.wallet, open(reader, { folder, record, grant }));
  });

  test("of an older version needs the permission for history", async () => {
    const { owner, reader, folder, record, grant, at } = await chart();
    const updated = program.getRecordUpdateInstructionAsync({
      ...acting(owner),
      owner: owner.profile,
      folder,
      record,
      change: await world.headSwap(record),
      content: content(),
      sealedTo: await world.epochOf(folder),
    });
    await world.send(owner.wallet, updated);
    await world.refused("NotPermitted", reader.wallet, open(reader, at, { version: 1 }));
    const { membersVersion } = await world.folderRead(folder);
    const terms = await world.terms({ permissions: PERMIT_OPEN | PERMIT_HISTORY });
    const allow = { ...acting(owner), folder, grant, membersVersion, terms };
    await world.send(owner.wallet, program.getGrantUpdateInstructionAsync(allow));
    const sent = await world.send(reader.wallet, open(reader, at, { version: 1 }));
    expect(onlyEvent(sent, "Audited").entry.number).toBe(1);
  });

  test("waits for the grant's first second, and ends with its last", async () => {
    const now = await world.net.now();
    const { reader, at } = await chart({ fromSecs: now + 100n, untilSecs: now + 200n });
    await world.refused("GrantNotBegun", reader.wallet, open(reader, at));
    await world.net.travel(100);
    await world.send(reader.wallet, open(reader, at));
    await world.net.travel(100);
    await world.send(reader.wallet, open(reader, at));
    await world.net.travel(1);
    await world.refused("GrantEnded", reader.wallet, open(reader, at));
  });

  test("is over when the grant is revoked", async () => {
    const { owner, reader, folder, grant, at } = await chart();
    const receipt = await open(reader, at);
    const revoke = { ...acting(owner), folder, grant, rentPayer: owner.wallet.address };
    const sent = await world.send(owner.wallet, program.getGrantRevokeInstructionAsync(revoke));
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({ action: Action.GrantRevoked, subject: reader.profile });
    expect(await world.exists(grant)).toBe(false);
    await world.refused("AccountOwnedByWrongProgram", reader.wallet, receipt);
  });
});

describe("the terms of a grant", () => {
  test("change without a new keyring, from the members that the owner knew", async () => {
    const { owner, reader, folder, grant } = await chart();
    const now = await world.net.now();
    const { membersVersion, keyringDigest } = await world.folderRead(folder);
    const change = (terms: Partial<program.TermsArgs>, known = membersVersion, by = owner) =>
      world
        .terms(terms)
        .then((terms) =>
          program.getGrantUpdateInstructionAsync({ ...acting(by), folder, grant, membersVersion: known, terms }),
        );
    await world.refused("FolderChanged", owner.wallet, change({}, membersVersion + 1));
    await world.refused("EndsTooEarly", owner.wallet, change({ untilSecs: now }));
    await world.refused("NotOwner", reader.wallet, change({}, membersVersion, reader));
    const sent = await world.send(
      owner.wallet,
      change({ fromSecs: now - 7n, untilSecs: now + 50n, purpose: PURPOSES.COC }),
    );
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({
      action: Action.GrantUpdated,
      fromSecs: now - 7n,
      untilSecs: now + 50n,
    });
    expect(await world.grantRead(grant)).toMatchObject({ untilSecs: now + 50n, purpose: PURPOSES.COC });
    expect(await world.folderRead(folder)).toMatchObject({
      membersVersion: membersVersion + 1,
      earliestUntilSecs: now + 50n,
      keyringDigest,
    });
    await world.net.travel(51);
    await world.refused("GrantEnded", owner.wallet, change({ untilSecs: now + 1000n }, membersVersion + 1));
  });
});

describe("a grant whose time is over", () => {
  test("is cleared away by anybody, and its rent goes back to its payer", async () => {
    const now = await world.net.now();
    const { owner, folder, grant } = await chart({ untilSecs: now + 10n });
    const anybody = await world.net.wallet();
    const expire = (change = {}) =>
      program.getGrantExpireInstructionAsync({ folder, grant, rentPayer: owner.wallet.address, ...change });
    await world.refused("GrantNotEnded", anybody, expire());
    await world.net.travel(11);
    await world.refused("WrongRentPayer", anybody, expire({ rentPayer: anybody.address }));
    const [rent, before] = [await world.lamports(grant), await world.lamports(owner.wallet.address)];
    const sent = await world.send(anybody, expire());
    expect(onlyEvent(sent, "Audited").entry).toMatchObject({ action: Action.GrantExpired, actor: NOBODY });
    expect(await world.lamports(owner.wallet.address)).toBe(before + rent);
    expect(await world.exists(grant)).toBe(false);
    expect(await world.folderRead(folder)).toMatchObject({ grants: 0, rotateDue: 1 });
  });

  test("asks for no second rotation when it is cleared away after one", async () => {
    const now = await world.net.now();
    const { owner, folder, grant } = await chart({ untilSecs: now + 10n });
    await world.net.travel(11);
    const { epoch, membersVersion, keyringDigest: expected } = await world.folderRead(folder);
    const rotate = program.getFolderRotateInstructionAsync({
      ...acting(owner),
      folder,
      epoch,
      membersVersion,
      earliestUntilSecs: program.NO_END,
      keyring: { expected, blob: blob() },
    });
    await world.send(owner.wallet, rotate);
    await world.send(
      owner.wallet,
      program.getGrantExpireInstructionAsync({ folder, grant, rentPayer: owner.wallet.address }),
    );
    expect(await world.folderRead(folder)).toMatchObject({ rotateDue: 0, grants: 0 });
    await world.record(owner, folder);
  });

  test("of a record that was made again does not open the new one", async () => {
    const [owner, reader] = [await world.person(), await world.person()];
    const folder = await world.folder(owner);
    const { wallet, profile } = owner;
    // A folder grant outlives the folder's records, not the folder: that cannot be closed under it.
    const grant = await world.grant(owner, folder, reader);
    const close = { authority: wallet, owner: profile, folder, rentPayer: wallet.address };
    await world.refused("FolderInUse", wallet, program.getFolderCloseInstructionAsync(close));
    // Whoever could conjure such a grant still gains nothing by it: it names the slot that its scope was made in.
    const account = await program.fetchGrant(world.chain.rpc, grant);
    const forged = { ...account.data, scopeCreatedSlot: account.data.scopeCreatedSlot + 1n };
    world.net.accountSet(grant, {
      lamports: Number(account.lamports),
      data: new Uint8Array(program.getGrantEncoder().encode(forged)),
      owner: program.ACESO_PROGRAM_ADDRESS,
    });
    const record = await world.record(owner, folder);
    await world.refused("ScopeRecreated", reader.wallet, open(reader, { folder, record, grant }));
  });
});
