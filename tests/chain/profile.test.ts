import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, World, ZEROS, blob, id, onlyEvent } from "../world.js";

const world = await World.start();
const { ProfileAction } = program;

describe("a profile", () => {
  test("is made by a wallet, and paid by a sponsor", async () => {
    const [sponsor, wallet] = [await world.net.wallet(), await world.net.wallet(0)];
    const [profileId, bundle] = [id(), blob()];
    const create = () =>
      program.getProfileCreateInstructionAsync({ payer: sponsor, authority: wallet, id: profileId, bundle });
    const sent = await world.send(sponsor, create());

    const [profile] = await program.findProfilePda({ creator: wallet.address, id: profileId });
    const account = await world.profileRead(profile);
    expect(account).toMatchObject({
      meta: { payer: sponsor.address, createdSlot: sent.slot, layout: 1 },
      authority: wallet.address,
      pendingAuthority: NOBODY,
      creator: wallet.address,
      id: profileId,
      bundleDigest: bundle.digest,
      bundleLen: bundle.len,
      keyVersion: 1,
      folders: 0,
      delegates: 0,
      retired: 0,
    });
    expect(onlyEvent(sent, "ProfileChanged")).toEqual({
      action: ProfileAction.Created,
      profile,
      authority: wallet.address,
      pendingAuthority: NOBODY,
      keyVersion: 1,
      bundle,
    });
    expect(await world.lamports(wallet.address)).toBe(0n);
    await world.refused("AlreadyExists", sponsor, create());
  });

  test("is one of many that a wallet may have", async () => {
    const wallet = await world.net.wallet();
    const make = () =>
      program.getProfileCreateInstructionAsync({ payer: wallet, authority: wallet, id: id(), bundle: blob() });
    const sent = await world.send(wallet, make(), make());
    expect(sent.events.map(({ name }) => name)).toEqual(["ProfileChanged", "ProfileChanged"]);
  });

  test("needs a bundle that exists", async () => {
    const wallet = await world.net.wallet();
    const make = (bundle: program.BlobArgs) =>
      program.getProfileCreateInstructionAsync({ payer: wallet, authority: wallet, id: id(), bundle });
    await world.refused("DigestMissing", wallet, make({ digest: ZEROS, len: 1 }));
    await world.refused("BlobLength", wallet, make(blob(0)));
    await world.refused("BlobLength", wallet, make(blob(program.MAX_BLOB_LEN + 1)));
    await world.send(wallet, make(blob(program.MAX_BLOB_LEN)));
  });

  test("stands at no other address than its wallet and id give", async () => {
    const [wallet, other] = [await world.net.wallet(), await world.net.wallet()];
    const profileId = id();
    const [profile] = await program.findProfilePda({ creator: other.address, id: profileId });
    const squat = program.getProfileCreateInstructionAsync({
      payer: wallet,
      authority: wallet,
      profile,
      id: profileId,
      bundle: blob(),
    });
    await world.refused("ConstraintSeeds", wallet, squat);
  });
});

describe("the keys of a profile", () => {
  test("are replaced by its wallet, from the version that it knows", async () => {
    const patient = await world.person();
    const rotate = (expectedVersion: number, bundle = blob(), authority = patient.wallet) =>
      program.getProfileKeysRotateInstructionAsync({ authority, profile: patient.profile, expectedVersion, bundle });
    const bundle = blob();
    const sent = await world.send(patient.wallet, rotate(1, bundle));
    expect(onlyEvent(sent, "ProfileChanged")).toMatchObject({
      action: ProfileAction.KeysRotated,
      keyVersion: 2,
      bundle,
    });
    expect(await world.profileRead(patient.profile)).toMatchObject({ keyVersion: 2, bundleDigest: bundle.digest });

    await world.refused("KeysChanged", patient.wallet, rotate(1));
    await world.refused("BlobUnchanged", patient.wallet, rotate(2, bundle));
    await world.refused("NotAuthority", patient.wallet, rotate(2, blob(), await world.net.wallet()));
  });
});

describe("the wallet of a profile", () => {
  test("is replaced in two steps, with a bundle that the new one has signed", async () => {
    const patient = await world.person();
    const heir = await world.net.wallet();
    const propose = (candidate: string, authority = patient.wallet) =>
      program.getProfileAuthorityProposeInstructionAsync({
        authority,
        profile: patient.profile,
        candidate: candidate as typeof heir.address,
      });
    const accept = (candidate: typeof heir, expectedVersion = 1, bundle = blob()) =>
      program.getProfileAuthorityAcceptInstructionAsync({
        candidate,
        profile: patient.profile,
        expectedVersion,
        bundle,
      });
    await world.refused("NotAuthority", heir, propose(heir.address, heir));
    await world.refused("ToOneself", patient.wallet, propose(patient.wallet.address));
    await world.refused("NotProposed", heir, accept(heir));

    const proposed = await world.send(patient.wallet, propose(heir.address));
    expect(onlyEvent(proposed, "ProfileChanged")).toMatchObject({
      action: ProfileAction.AuthorityProposed,
      authority: patient.wallet.address,
      pendingAuthority: heir.address,
    });
    await world.send(patient.wallet, propose(NOBODY)); // takes it back
    await world.refused("NotProposed", heir, accept(heir));

    await world.send(patient.wallet, propose(heir.address));
    await world.refused("KeysChanged", heir, accept(heir, 2));
    await world.refused("BlobUnchanged", heir, accept(heir, 1, patient.bundle));
    await world.refused("NotProposed", patient.wallet, accept(await world.net.wallet()));
    const accepted = await world.send(heir, accept(heir));
    expect(onlyEvent(accepted, "ProfileChanged")).toMatchObject({
      action: ProfileAction.AuthorityAccepted,
      authority: heir.address,
      pendingAuthority: NOBODY,
      keyVersion: 2,
    });
    await world.refused("NotAuthority", patient.wallet, propose(patient.wallet.address));
  });
});

describe("a profile that is retired", () => {
  test("does nothing any more, and its address stays taken", async () => {
    const patient = await world.person();
    const { wallet, profile } = patient;
    const retire = (authority = wallet) => program.getProfileRetireInstructionAsync({ authority, profile });
    await world.refused("NotAuthority", wallet, retire(await world.net.wallet()));
    const sent = await world.send(wallet, retire());
    expect(onlyEvent(sent, "ProfileChanged")).toMatchObject({ action: ProfileAction.Retired, profile });
    expect(await world.profileRead(profile)).toMatchObject({ retired: 1 });

    const rotate = { authority: wallet, profile, expectedVersion: 1, bundle: blob() };
    const propose = { authority: wallet, profile, candidate: NOBODY };
    await world.refused("ProfileRetired", wallet, retire());
    await world.refused("ProfileRetired", wallet, program.getProfileKeysRotateInstructionAsync(rotate));
    await world.refused("ProfileRetired", wallet, program.getProfileAuthorityProposeInstructionAsync(propose));
    const { id: takenId } = await world.profileRead(profile);
    const again = { payer: wallet, authority: wallet, id: takenId, bundle: blob() };
    await world.refused("AlreadyExists", wallet, program.getProfileCreateInstructionAsync(again));
  });

  test("must have neither folders nor delegates", async () => {
    const patient = await world.person();
    const { wallet, profile } = patient;
    const folder = await world.folder(patient);
    const retire = () => program.getProfileRetireInstructionAsync({ authority: wallet, profile });
    await world.refused("ProfileInUse", wallet, retire());
    const close = { authority: wallet, owner: profile, folder, rentPayer: wallet.address };
    await world.send(wallet, program.getFolderCloseInstructionAsync(close), retire());
  });
});
