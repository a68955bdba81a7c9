import { createHash } from "node:crypto";
import { type Address, getAddressEncoder } from "@solana/kit";
import { bytesRandom } from "aceso";
import { LeaseStatus, beaconRead, isCredited, proofRoot } from "aceso/market";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { ZEROS, onlyEvent } from "../../world.js";
import { Fair, PRICE, TERMS } from "./market.js";
import { freeze } from "./token.js";

const { BeaconAction, EndReason, PeerAction } = program;

describe.sequential("the beacon", () => {
  test("arms the present epoch once, and draws the same seed whoever asks", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const anybody = await world.net.wallet();
    await world.refused("NothingArmed", anybody, fair.beaconDraw());
    await world.refused("NothingArmed", anybody, fair.rearm());
    const epoch = await fair.epoch();
    const armed = onlyEvent(await world.send(anybody, fair.arm()), "BeaconChanged");
    expect(armed).toMatchObject({ action: BeaconAction.Armed, epoch, seq: 0n, seed: ZEROS });
    await world.refused("DrawPending", anybody, fair.arm());

    const [hashes, salt] = [new Map<bigint, Uint8Array>(), bytesRandom(8)];
    const hashOf = (slot: bigint) => {
      if (!hashes.has(slot)) hashes.set(slot, createHash("sha256").update(salt).update(`${slot}`).digest());
      return Uint8Array.from(hashes.get(slot)!);
    };
    await fair.slotsPass(-1n, hashOf);
    await world.refused("TargetAhead", anybody, fair.beaconDraw());
    await world.refused("TargetDrawable", anybody, fair.rearm());
    await fair.slotsPass(600n, hashOf); // 512 later ones: whether one before is missing, nobody can tell
    await world.refused("TargetForgotten", anybody, fair.beaconDraw());
    const rearmed = onlyEvent(await world.send(anybody, fair.rearm()), "BeaconChanged");
    expect(rearmed).toMatchObject({ action: BeaconAction.Rearmed, epoch, seq: 0n });

    await fair.slotsPass(40n, hashOf);
    const { targetSlot } = await beaconRead(fair.chain);
    const [beacon] = await program.findBeaconPda();
    const other = program.getBeaconDrawInstructionAsync({ slotHashes: beacon });
    await world.refused("ConstraintAddress", anybody, other);
    const drawn = onlyEvent(await world.send(anybody, fair.beaconDraw()), "BeaconChanged");
    const seed = createHash("sha256")
      .update(program.BEACON_LABEL)
      .update(Buffer.from(getAddressEncoder().encode(program.ACESO_PROGRAM_ADDRESS)))
      .update(Buffer.from(new BigUint64Array([epoch]).buffer))
      .update(hashOf(targetSlot + 1n)) // the target's own slot was skipped
      .digest();
    expect(drawn).toMatchObject({ action: BeaconAction.Drawn, epoch, seq: 0n, seed: Uint8Array.from(seed) });
    expect(await beaconRead(fair.chain)).toMatchObject({ arms: 1n, draws: 1n, targetSlot: 0n, armedEpoch: epoch });

    await world.refused("EpochArmed", anybody, fair.arm());
    await fair.drawNext();
    expect(await beaconRead(fair.chain)).toMatchObject({ arms: 2n, draws: 2n, armedEpoch: epoch + 1n });
  });
});

describe("a peer", () => {
  test("is paid for the epochs that it proves, and only those", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, ann, bob] = [await fair.stall(), await fair.customer(), await fair.customer()];
    const anybody = await world.net.wallet();
    const leases = [await fair.live(ann, stall, 1300, 4), await fair.live(bob, stall, 500, 10)];
    const named = leases.map(({ lease }) => lease);
    await expect(fair.proof(stall, 0)).rejects.toThrow("nothing is owed");
    const bare = { lease: named[0]!, proof: { k: 0, leaf: bytesRandom(512), path: [] } };
    await world.refused("NoProofOwed", anybody, fair.submit(stall, [bare]));

    // The first epoch is proven in time.
    await fair.draw();
    const epoch = await fair.epoch();
    const { proof, lease } = await fair.proof(stall, 1);
    const refuse = (reason: string, change: object, at = lease) =>
      world.refused(reason, anybody, fair.submit(stall, [{ lease: at, proof: { ...proof, ...change } }]));
    await world.refused("ProofsWithoutLeases", anybody, fair.submit(stall, []));
    await refuse("ChallengeUnknown", { k: TERMS.challenges });
    await refuse(
      "ChallengeNamesOther",
      {},
      named.find((at) => at !== lease),
    );
    await refuse("ChallengeNamesOther", {}, stall.peer);
    await refuse("LeafLength", { leaf: new Uint8Array(511) });
    await refuse("ProofWrong", { leaf: proof.leaf.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) });
    await refuse("PathLength", { path: [...proof.path, bytesRandom(32)] });

    const sent = await world.send(anybody, fair.submit(stall, [{ lease, proof }]));
    const accepted = { peer: stall.peer, seq: 0n, epoch, answered: 0b010, credited: false };
    expect(onlyEvent(sent, "ProofsAccepted")).toEqual(accepted);
    await refuse("ChallengeClosed", {});
    expect((await fair.debt(stall))!.open).toEqual([0, 2]);
    await fair.prove(stall);
    expect(await fair.debt(stall)).toBeUndefined();
    await refuse("NoProofOwed", {});
    const credited = await fair.ledgerRead(stall);
    expect([isCredited(credited, epoch), isCredited(credited, epoch + 1n), credited.nextSeq]).toEqual([
      true,
      false,
      1n,
    ]);

    // The second one too late: it clears the debt, and earns nothing.
    await fair.drawNext();
    await world.net.travel(TERMS.windowSecs + 1);
    await world.refused("PeerNotDefaulted", anybody, program.getPeerDefaultInstructionAsync({ peer: stall.peer }));
    await fair.prove(stall);
    expect(isCredited(await fair.ledgerRead(stall), epoch + 1n)).toBe(false);

    // The third in time.
    await fair.drawNext();
    await fair.prove(stall);
    const booked = await world.send(anybody, fair.settle(stall, [...named, named[0]!])); // one of them twice
    const paid = (amount: bigint) => named.map((lease) => ({ lease, amount }));
    expect(onlyEvent(booked, "LeasesSettled")).toEqual({
      peer: stall.peer,
      paid: PRICE * 4n,
      transferred: 0n,
      leases: [...paid(PRICE * 2n), { lease: named[0], amount: 0n }],
    });
    expect((await fair.peerRead(stall)).earned).toBe(PRICE * 4n);
    expect(await fair.leaseRead(leases[0]!)).toMatchObject({ escrow: PRICE * 2n, settledEpoch: epoch + 3n });

    // The money goes where the peer says, when somebody names that account.
    const payout = await fair.tokens(stall.person.wallet.address);
    await world.refused("WrongPayout", anybody, fair.settle(stall, named, payout));
    await world.refused("NotLease", anybody, fair.settle(stall, [payout]));
    const set = { authority: stall.person.wallet, profile: stall.person.profile, peer: stall.peer, payout };
    const changed = await world.send(stall.person.wallet, program.getPeerPayoutSetInstructionAsync(set));
    expect(onlyEvent(changed, "PeerChanged")).toMatchObject({ action: PeerAction.PayoutSet });
    await world.send(fair.mint.issuer, freeze(fair.mint, payout));
    await expect(world.send(anybody, fair.settle(stall, named, payout))).rejects.toThrow(); // frozen: stays booked
    await world.send(fair.mint.issuer, freeze(fair.mint, payout, false));
    await world.send(anybody, fair.settle(stall, [], payout));
    expect([await fair.tokensOf(payout), (await fair.peerRead(stall)).earned]).toEqual([PRICE * 4n, 0n]);

    // Ann's term runs out; the epoch that was not proven is hers.
    await world.refused("LeaseTermNotOver", anybody, fair.end(leases[0]!));
    await fair.drawNext();
    await world.refused("LeaseTermNotOver", anybody, fair.end(leases[0]!));
    await fair.prove(stall);
    await fair.epochsPass();
    const ended = onlyEvent(await world.send(anybody, fair.end(leases[0]!)), "LeaseChanged");
    expect(ended).toMatchObject({ end: EndReason.Term, paid: PRICE, owed: PRICE, lock: 0n });
    await world.refused("LeaseNotLive", anybody, fair.end(leases[0]!));
    await world.send(anybody, fair.claim(leases[0]!));
    expect(await fair.tokensOf(ann.tokens)).toBe(1_000_000n - PRICE * 3n);

    // Its weight leaves the set as soon as nothing is owed.
    await world.refused("LeaseInSet", anybody, fair.close(leases[0]!));
    await world.refused("LeaseNotEnded", anybody, fair.apply(stall, [named[1]!]));
    await world.refused("LeaseNotInSet", anybody, fair.apply(stall, []));
    await fair.draw();
    await world.refused("ProofsOwed", anybody, fair.apply(stall, [named[0]!]));
    await fair.prove(stall); // the ended lease is challenged like the other: its bytes are still there
    const applied = await world.send(anybody, fair.apply(stall, [named[0]!]));
    expect(onlyEvent(applied, "SetApplied")).toEqual({ peer: stall.peer, removed: 1, total: 2048n });
    await world.refused("LeaseNotInSet", anybody, fair.apply(stall, [named[0]!]));
    await world.send(anybody, fair.close(leases[0]!));
    expect(await fair.leaseRead(leases[1]!)).toMatchObject({ status: LeaseStatus.Live, slot: 1 });
    const { books, vault } = await fair.books(stall);
    expect(vault).toBe(books);
  });

  test("proves several challenges in one transaction", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner] = [await fair.stall(), await fair.customer()];
    for (const len of [60, 70, 80]) await fair.live(owner, stall, len);
    await fair.draw();
    const proofs = await Promise.all([2, 0, 1].map((k) => fair.proof(stall, k)));
    const sent = await world.send(owner.wallet, fair.submit(stall, proofs));
    expect(onlyEvent(sent, "ProofsAccepted")).toMatchObject({ answered: 0b111, credited: true });
  });

  test("takes leases that were accepted after the arming into the next epoch", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, anybody] = [await fair.stall(), await fair.customer(), await fair.world.net.wallet()];
    const first = await fair.live(owner, stall);
    await world.send(anybody, fair.arm());
    const late = await fair.live(owner, stall);
    const epoch = await fair.epoch();
    expect((await fair.leaseRead(first)).fromEpoch).toBe(epoch);
    expect((await fair.leaseRead(late)).fromEpoch).toBe(epoch + 1n);
    const early = { lease: first.lease, proof: { k: 0, leaf: bytesRandom(512), path: [] } };
    await world.refused("NotDrawn", anybody, fair.submit(stall, [early]));
    await fair.slotsPass(40n);
    await world.send(anybody, fair.beaconDraw());
    expect((await fair.debt(stall))!.range).toBe(2048n);
    for (let k = 0; k < TERMS.challenges; k++) expect((await fair.proof(stall, k)).lease).toBe(first.lease);
    await fair.prove(stall);
    await world.send(anybody, fair.settle(stall, [first.lease, late.lease]));
    expect((await fair.peerRead(stall)).earned).toBe(PRICE);
  });

  test("has room for more leases than one growth of its ledger", async () => {
    const fair = await Fair.start(undefined, { lockEpochs: 1 });
    const [stall, owner] = [await fair.stall(), await fair.customer()];
    const { world } = fair;
    const folder = await world.folder(owner);
    const before = await world.lamports(stall.ledger);
    // All packs of one folder, accepted in one slot after the other: the 129th makes the ledger grow again.
    const at = async (number: number): Promise<Address> => {
      const seeds = { scope: folder, peer: stall.peer, kind: program.LeaseKind.Pack, number };
      return (await program.findLeasePda(seeds))[0];
    };
    const bytes = bytesRandom(100);
    const [root, digest] = [await proofRoot(bytes), bytesRandom(32)];
    for (let number = 0; number < 130; number++) {
      const goods = { owner, stall, folder, root, digest, bytes, epochs: 1, lease: await at(number) };
      fair.stored.set(goods.lease, bytes);
      await world.send(owner.wallet, fair.open(goods, { kind: program.LeaseKind.Pack, number }), fair.accept(goods));
    }
    const ledger = await fair.ledgerRead(stall);
    expect([ledger.slots, ledger.capacity, ledger.nodes.length, ledger.total]).toEqual([130, 256, 256, 130n * 2048n]);
    expect(ledger.nodes[127]).toBe(128n * 2048n);
    expect(await world.lamports(stall.ledger)).toBeGreaterThan(before);
    await fair.draw();
    expect((await fair.debt(stall))!.range).toBe(130n * 2048n);
    await fair.prove(stall);
    expect(await fair.debt(stall)).toBeUndefined();
  }, 120_000);

  test("is released from its leases when its notice is over", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, anybody] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const goods = await fair.live(owner, stall);
    const held = { authority: stall.person.wallet, profile: stall.person.profile, peer: stall.peer };
    await world.send(stall.person.wallet, program.getPeerDrainInstructionAsync(held));
    await fair.draw();
    await world.refused("LeaseTermNotOver", anybody, fair.end(goods));
    await fair.prove(stall);
    await fair.drawNext();
    await fair.prove(stall);
    await world.refused("LeaseTermNotOver", anybody, fair.end(goods)); // challenged until the last day of its notice
    await fair.drawNext();
    await world.refused("LeaseTermNotOver", anybody, fair.end(goods)); // and owes this one first
    await fair.prove(stall);
    const sent = await world.send(anybody, fair.end(goods));
    const released = { end: EndReason.Released, paid: PRICE * 3n, owed: PRICE * 7n };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject(released);
    expect(await fair.peerRead(stall)).toMatchObject({ bond: 1_000_000n, locked: 0n, earned: PRICE * 3n });
  });
});
