import type { Address } from "@solana/kit";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, type Person, World, acting, blob, content, id, onlyEvent } from "../world.js";

const world = await World.start();
const { CAN_ALL, CAN_CREATE, CAN_GRANT, CAN_REVOKE, CAN_ROTATE, NO_END } = program;

interface Terms {
  capabilities?: number;
  untilSecs?: bigint;
  folder?: Address;
  authority?: Person["wallet"];
}

const add = (owner: Person, delegate: Person, terms: Terms = {}) =>
  program.getDelegateAddInstructionAsync({
    payer: owner.wallet,
    authority: terms.authority ?? owner.wallet,
    owner: owner.profile,
    profile: delegate.profile,
    folder: terms.folder,
    capabilities: terms.capabilities ?? CAN_CREATE,
    untilSecs: terms.untilSecs ?? NO_END,
  });
const addressOf = async (owner: Person, delegate: Person) =>
  (await program.findDelegatePda({ owner: owner.profile, profile: delegate.profile }))[0];
const remove = async (owner: Person, delegate: Person, by: Person, folder?: Address) =>
  program.getDelegateRemoveInstructionAsync({
    ...acting(by),
    delegate: await addressOf(owner, delegate),
    owner: owner.profile,
    folder,
    rentPayer: owner.wallet.address,
  });
const file = async (owner: Person, by: Person, folder: Address) =>
  program.getRecordCreateInstructionAsync({
    payer: by.wallet,
    ...acting(by, { delegate: await addressOf(owner, by) }),
    owner: owner.profile,
    folder,
    id: id(),
    content: content(),
    head: blob(),
    sealedTo: await world.epochOf(folder),
  });

describe("a delegation", () => {
  test("is given by the owner, and says what and until when", async () => {
    const [patient, laboratory] = [await world.person(), await world.person()];
    const folder = await world.folder(patient);
    const untilSecs = (await world.net.now()) + 60n;
    const sent = await world.send(patient.wallet, add(patient, laboratory, { folder, untilSecs }));
    const delegate = await addressOf(patient, laboratory);
    const common = { owner: patient.profile, profile: laboratory.profile, folder, capabilities: CAN_CREATE, untilSecs };
    expect(onlyEvent(sent, "DelegateChanged")).toEqual({ action: program.DelegateAction.Added, delegate, ...common });
    const account = (await program.fetchDelegate(world.chain.rpc, delegate)).data;
    const { meta } = await world.folderRead(folder);
    expect(account).toMatchObject({ ...common, folderCreatedSlot: meta.createdSlot });
    expect(await world.profileRead(patient.profile)).toMatchObject({ delegates: 1 });

    await world.refused("AlreadyExists", patient.wallet, add(patient, laboratory));
    const retire = { authority: patient.wallet, profile: patient.profile };
    const close = { authority: patient.wallet, owner: patient.profile, folder, rentPayer: patient.wallet.address };
    await world.refused(
      "ProfileInUse",
      patient.wallet,
      program.getFolderCloseInstructionAsync(close),
      program.getProfileRetireInstructionAsync(retire),
    );
  });

  test("is refused with terms that mean nothing", async () => {
    const [patient, laboratory, stranger] = [await world.person(), await world.person(), await world.person()];
    const theirs = await world.folder(stranger);
    const refuse = (reason: string, terms: Terms, who = laboratory) =>
      world.refused(reason, patient.wallet, add(patient, who, terms));
    await refuse("CapabilityUnknown", { capabilities: 0 });
    await refuse("CapabilityUnknown", { capabilities: CAN_ALL + 1 });
    await refuse("EndsTooEarly", { untilSecs: await world.net.now() });
    await refuse("ToOneself", {}, patient);
    await refuse("NotOwner", { folder: theirs });
    await refuse("NotAuthority", { authority: stranger.wallet });
    await world.send(
      laboratory.wallet,
      program.getProfileRetireInstructionAsync({ authority: laboratory.wallet, profile: laboratory.profile }),
    );
    await refuse("ProfileRetired", {});
  });

  test("of every folder lets file in folders made later, until its last second", async () => {
    const [patient, laboratory] = [await world.person(), await world.person()];
    const untilSecs = (await world.net.now()) + 1000n;
    await world.send(patient.wallet, add(patient, laboratory, { untilSecs }));
    const folder = await world.folder(patient);
    const sent = await world.send(laboratory.wallet, file(patient, laboratory, folder));
    const { entry, links } = onlyEvent(sent, "Audited");
    expect(entry).toMatchObject({ action: program.Action.RecordCreated, actor: laboratory.profile });
    expect(await world.recordRead(links[0]!.scope)).toMatchObject({
      owner: patient.profile,
      author: laboratory.profile,
    });

    await world.net.travel(1000n);
    await world.send(laboratory.wallet, file(patient, laboratory, folder));
    await world.net.travel(1n);
    await world.refused("DelegateEnded", laboratory.wallet, file(patient, laboratory, folder));
  });

  test("of one folder is for that folder, that owner and that delegate", async () => {
    const [patient, laboratory, other] = [await world.person(), await world.person(), await world.person()];
    const [folder, second] = [await world.folder(patient), await world.folder(patient)];
    await world.send(patient.wallet, add(patient, laboratory, { folder }));
    await world.refused("WrongDelegate", laboratory.wallet, file(patient, laboratory, second));
    const borrowed = { ...(await file(patient, laboratory, folder)) };
    await world.send(laboratory.wallet, borrowed);
    const delegate = await addressOf(patient, laboratory);
    const build = async (accounts: { delegate?: Address }) =>
      program.getRecordCreateInstructionAsync({
        payer: other.wallet,
        ...acting(other, accounts),
        owner: patient.profile,
        folder,
        id: id(),
        content: content(),
        head: blob(),
        sealedTo: await world.epochOf(folder),
      });
    await world.refused("WrongDelegate", other.wallet, build({ delegate }));
    await world.refused("NotOwner", other.wallet, build({}));
  });

  test("to file does not let rotate, grant or revoke", async () => {
    const [patient, laboratory, friend] = [await world.person(), await world.person(), await world.person()];
    const folder = await world.folder(patient);
    await world.send(patient.wallet, add(patient, laboratory, { folder, capabilities: CAN_CREATE }));
    const grant = await world.grant(patient, folder, friend);
    const as = acting(laboratory, { delegate: await addressOf(patient, laboratory) });
    const { epoch, membersVersion, keyringDigest: expected } = await world.folderRead(folder);
    const swap = { expected, blob: blob() };
    const rotate = { ...as, folder, epoch, membersVersion, earliestUntilSecs: NO_END, keyring: swap };
    const revoke = { ...as, folder, grant, rentPayer: patient.wallet.address };
    const update = { ...as, folder, grant, membersVersion, terms: await world.terms() };
    const wallet = laboratory.wallet;
    await world.refused("CapabilityMissing", wallet, program.getFolderRotateInstructionAsync(rotate));
    await world.refused("CapabilityMissing", wallet, program.getGrantRevokeInstructionAsync(revoke));
    await world.refused("CapabilityMissing", wallet, program.getGrantUpdateInstructionAsync(update));
  });

  test("to rotate or grant is worth nothing without a live grant on the folder", async () => {
    const [patient, nurse, friend] = [await world.person(), await world.person(), await world.person()];
    const folder = await world.folder(patient);
    await world.send(
      patient.wallet,
      add(patient, nurse, { folder, capabilities: CAN_GRANT | CAN_ROTATE | CAN_REVOKE }),
    );
    const delegate = await addressOf(patient, nurse);
    const grantTo = async (actorGrant?: Address) =>
      program.getGrantCreateInstructionAsync({
        payer: nurse.wallet,
        ...acting(nurse, { delegate, ...(actorGrant ? { actorGrant } : {}) }),
        owner: patient.profile,
        folder,
        reader: friend.profile,
        scope: folder,
        readerBundleDigest: friend.bundle.digest,
        terms: await world.terms(),
        resealed: await world.keyringSwap(folder),
      });
    await world.refused("DelegateNotReader", nurse.wallet, grantTo());
    const own = await world.grant(patient, folder, nurse, { untilSecs: program.NO_END });
    await world.send(nurse.wallet, grantTo(own));
    const [grant] = await program.findGrantPda({ scope: folder, reader: friend.profile });
    expect(await world.grantRead(grant)).toMatchObject({ grantedBy: nurse.profile, reader: friend.profile });
    // The owner's last keyring is kept until the owner has seen the delegate's.
    const { keyringBy, previousKeyringLen } = await world.folderRead(folder);
    expect([keyringBy, previousKeyringLen]).toEqual([nurse.profile, 1000]);

    // What it was given itself, it can neither widen nor prolong.
    const { membersVersion: members } = await world.folderRead(folder);
    const widen = {
      ...acting(nurse, { delegate, actorGrant: own }),
      folder,
      grant: own,
      membersVersion: members,
      terms: await world.terms({ permissions: program.PERMIT_ALL }),
    };
    await world.refused("ToOneself", nurse.wallet, program.getGrantUpdateInstructionAsync(widen));

    const revoke = { ...acting(nurse, { delegate }), folder, grant, rentPayer: nurse.wallet.address };
    await world.send(nurse.wallet, program.getGrantRevokeInstructionAsync(revoke));
    const { epoch, membersVersion, keyringDigest: expected } = await world.folderRead(folder);
    const rotate = program.getFolderRotateInstructionAsync({
      ...acting(nurse, { delegate, actorGrant: own }),
      folder,
      epoch,
      membersVersion,
      earliestUntilSecs: NO_END,
      keyring: { expected, blob: blob() },
    });
    await world.send(nurse.wallet, rotate);
    expect(await world.folderRead(folder)).toMatchObject({ epoch: epoch + 1, rotateDue: 0, keyringBy: nurse.profile });
  });

  test("ends by the owner or the delegate, and gives the rent back", async () => {
    const [patient, laboratory, stranger] = [await world.person(), await world.person(), await world.person()];
    await world.send(patient.wallet, add(patient, laboratory));
    const delegate = await addressOf(patient, laboratory);
    await world.refused("NotOwner", stranger.wallet, remove(patient, laboratory, stranger));
    const toThief = {
      ...acting(laboratory),
      delegate,
      owner: patient.profile,
      rentPayer: laboratory.wallet.address,
    };
    await world.refused("WrongRentPayer", laboratory.wallet, program.getDelegateRemoveInstructionAsync(toThief));

    const [rent, before] = [await world.lamports(delegate), await world.lamports(patient.wallet.address)];
    const sent = await world.send(laboratory.wallet, remove(patient, laboratory, laboratory));
    expect(onlyEvent(sent, "DelegateChanged")).toMatchObject({
      action: program.DelegateAction.Removed,
      folder: NOBODY,
    });
    expect(await world.exists(delegate)).toBe(false);
    expect(await world.lamports(patient.wallet.address)).toBe(before + rent);
    expect(await world.profileRead(patient.profile)).toMatchObject({ delegates: 0 });
    const folder = await world.folder(patient);
    await world.refused("AccountOwnedByWrongProgram", laboratory.wallet, file(patient, laboratory, folder));
  });

  test("that knew a folder's key makes it due for rotation when it ends", async () => {
    const [patient, nurse] = [await world.person(), await world.person()];
    const [folder, second] = [await world.folder(patient), await world.folder(patient)];
    await world.send(patient.wallet, add(patient, nurse, { folder, capabilities: CAN_ROTATE }));
    await world.refused("WrongFolder", patient.wallet, remove(patient, nurse, patient));
    await world.refused("WrongFolder", patient.wallet, remove(patient, nurse, patient, second));
    const sent = await world.send(patient.wallet, remove(patient, nurse, patient, folder));
    expect(sent.events.map(({ name }) => name)).toEqual(["Audited", "DelegateChanged"]);
    expect(await world.folderRead(folder)).toMatchObject({ rotateDue: 1, membersVersion: 1, auditCount: 2n });
  });
});
