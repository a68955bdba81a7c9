import type { Address } from "@solana/kit";
import { MemoryStore, bytesRandom } from "aceso";
import {
  LeaseStatus,
  copyAsIs,
  copyOfRecord,
  leaseAddress,
  leaseClaim,
  leaseCost,
  leaseOpen,
  leasesOf,
  peerBondAdd,
  peerRegister,
  proofMake,
  proofRoot,
  proofVerify,
} from "aceso/market";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, ZEROS, acting, onlyEvent } from "../../world.js";
import { Fair, type Goods, LOCK_FLOOR, PRICE, PRICES, TERMS } from "./market.js";
import { freeze } from "./token.js";

const fair = await Fair.start();
const { world } = fair;
const { EndReason, LeaseAction, LeaseKind } = program;

const decline = ({ stall, lease }: Goods, operator = stall.operator) =>
  program.getLeaseDeclineInstructionAsync({ operator, peer: stall.peer, lease });
const expire = ({ stall, lease }: Goods) => program.getLeaseExpireInstructionAsync({ peer: stall.peer, lease });
const extend = ({ stall, lease, owner }: Goods, epochs: number, change: object = {}) =>
  program.getLeaseExtendInstructionAsync({
    ...acting(owner),
    peer: stall.peer,
    lease,
    funder: owner.wallet,
    source: owner.tokens,
    ...fair.till,
    epochs,
    ...change,
  });
const amend = ({ lease, owner }: Goods, amendment: program.AmendmentArgs, change: object = {}) =>
  program.getLeaseAmendInstructionAsync({ ...acting(owner), lease, amendment, ...change });
const amendAccept = ({ stall, lease }: Goods, amendment: program.AmendmentArgs, operator = stall.operator) =>
  program.getLeaseAmendAcceptInstructionAsync({ operator, peer: stall.peer, lease, amendment });
const pause = (flags: number) => program.getConfigPauseInstructionAsync({ admin: world.net.admin, flags });

describe("an offer", () => {
  test("is paid in at the peer's price", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.goods(owner, stall, 1300, 10);
    const cost = await leaseCost(fair.chain, stall.peer, 1300n, 10);
    expect(cost).toEqual({ mint: fair.mint.address, price: PRICE, total: PRICE * 10n, lock: LOCK_FLOOR });
    const before = await fair.tokensOf(owner.tokens);
    const sent = await world.send(owner.wallet, fair.open(goods));
    expect(onlyEvent(sent, "LeaseChanged")).toEqual({
      action: LeaseAction.Opened,
      end: EndReason.None,
      lease: goods.lease,
      peer: stall.peer,
      owner: owner.profile,
      scope: goods.folder,
      root: goods.root,
      storedLen: 1300n,
      price: PRICE,
      fromEpoch: 0n,
      untilEpoch: 0n,
      escrow: cost.total,
      owed: 0n,
      lock: 0n,
      paid: cost.total,
      counterparty: owner.wallet.address,
    });
    expect(await fair.tokensOf(owner.tokens)).toBe(before - cost.total);
    expect(await fair.peerRead(stall)).toMatchObject({ leases: 1, live: 0, escrow: cost.total, locked: 0n });
    expect(await fair.leaseRead(goods)).toMatchObject({
      kind: LeaseKind.Keyring,
      number: 0,
      status: LeaseStatus.Offered,
      digest: goods.digest,
      weight: 2048n,
      epochs: 10,
      hasSlot: 0,
      offerUntilSecs: (await world.net.now()) + BigInt(TERMS.offerTtlSecs),
    });
    await world.refused("AlreadyExists", owner.wallet, fair.open(goods));
  });

  test("is refused where the program cannot hold to it", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.goods(owner, stall);
    const refuse = (reason: string, change: object) => world.refused(reason, owner.wallet, fair.open(goods, change));
    await refuse("PriceAboveMax", { priceMax: PRICE - 1n });
    await refuse("LeaseTerm", { epochs: 0 });
    await refuse("LeaseTerm", { epochs: program.MAX_LEASE_EPOCHS + 1 });
    await refuse("StoredLength", { storedLen: 0n });
    await refuse("StoredLength", { storedLen: program.MAX_STORED_LEN + 1n });
    await refuse("DigestMissing", { root: ZEROS });
    await refuse("DigestMissing", { digest: ZEROS });
    const numbered = { scope: goods.folder, peer: stall.peer, kind: LeaseKind.Keyring, number: 1 };
    await refuse("LeaseNumber", { number: 1, lease: (await program.findLeasePda(numbered))[0] });
    await refuse("ConstraintSeeds", { kind: LeaseKind.Pack });
    await refuse("WrongScope", { folder: undefined });
    await refuse("WrongScope", { kind: LeaseKind.Record });
    const stranger = await fair.customer();
    await refuse("WrongOwner", { folder: await world.folder(stranger) });
    await refuse("NotOwner", acting(stranger));
    const poor = await fair.tokens(owner.wallet.address, 1n);
    await expect(world.send(owner.wallet, fair.open(goods, { source: poor }))).rejects.toThrow(); // the token program's
    await refuse("WrongVault", { vault: (await fair.stall()).vault });

    const bare = await fair.stall(0n);
    await world.refused("BondBelowMinimum", owner.wallet, fair.open(await fair.goods(owner, bare)));
    const own = { ...stall.person };
    await world.refused("ToOneself", own.wallet, fair.open(await fair.goods(own as never, stall)));
    await world.send(world.net.admin, pause(program.PAUSE_MARKET));
    await refuse("Paused", {});
    await world.send(world.net.admin, pause(0));
  });

  test("is accepted by the operator, who names what it holds", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.offered(owner, stall);
    const refuse = (reason: string, change: object) =>
      world.refused(reason, stall.operator, fair.accept(goods, change));
    await refuse("NotOperator", { operator: owner.wallet });
    await refuse("LeaseChanged", { root: bytesRandom(32) });
    await refuse("LeaseChanged", { storedLen: 1299n });
    await refuse("LeaseChanged", { price: PRICE + 1n });
    await refuse("LeaseChanged", { epochs: 11 });
    const other = await fair.stall();
    await refuse("WrongPeer", { peer: other.peer, ledger: other.ledger, operator: other.operator });
    const sent = await world.send(stall.operator, fair.accept(goods));
    const epoch = await fair.epoch();
    const from = { fromEpoch: epoch, untilEpoch: epoch + 10n };
    const event = { action: LeaseAction.Accepted, lock: LOCK_FLOOR, escrow: PRICE * 10n, ...from };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject(event);
    const live = { status: LeaseStatus.Live, slot: 0, hasSlot: 1, settledEpoch: epoch, ...from };
    expect(await fair.leaseRead(goods)).toMatchObject(live);
    expect(await fair.peerRead(stall)).toMatchObject({
      live: 1,
      bond: 1_000_000n - LOCK_FLOOR,
      locked: LOCK_FLOOR,
    });
    const ledger = await fair.ledgerRead(stall);
    expect([ledger.total, ledger.slots, ledger.capacity, ledger.nodes.length]).toEqual([2048n, 1, 128, 128]);
    expect(ledger.nodes[0]).toBe(2048n);
    await refuse("LeaseNotOffered", {});
  });

  test("needs free bond for its lock", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall(10_000n)];
    const goods = [
      await fair.offered(owner, stall),
      await fair.offered(owner, stall),
      await fair.offered(owner, stall),
    ];
    await world.send(stall.operator, fair.accept(goods[0]!));
    await world.send(stall.operator, fair.accept(goods[1]!));
    await world.refused("BondTooSmall", stall.operator, fair.accept(goods[2]!));
  });

  test("is turned down, and its owner gets all back", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.offered(owner, stall);
    await world.refused("NotOperator", owner.wallet, decline(goods, owner.wallet));
    const sent = await world.send(stall.operator, decline(goods));
    const event = { action: LeaseAction.Ended, end: EndReason.Declined, escrow: 0n, owed: PRICE * 10n };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject(event);
    await world.refused("LeaseNotOffered", stall.operator, decline(goods));
    await world.refused("LeaseNotOffered", stall.operator, fair.accept(goods));
    await world.refused("LeaseOwes", owner.wallet, fair.close(goods));

    const stranger = await fair.customer();
    await world.refused("WrongTokenOwner", stranger.wallet, fair.claim(goods, stranger.tokens));
    await world.refused("WrongTokenOwner", stranger.wallet, fair.claim(goods, stall.vault));
    await world.refused("WrongOwner", stranger.wallet, fair.claim({ ...goods, owner: { ...owner, ...stranger } }));
    const claimed = await world.send(stranger.wallet, fair.claim(goods)); // whoever pays the fee
    const paid = { action: LeaseAction.Claimed, paid: PRICE * 10n, owed: 0n, counterparty: owner.tokens };
    expect(onlyEvent(claimed, "LeaseChanged")).toMatchObject(paid);
    expect(await fair.tokensOf(owner.tokens)).toBe(1_000_000n);
    await world.refused("NothingOwed", stranger.wallet, fair.claim(goods));

    const [rent, lamports] = [await world.lamports(goods.lease), await world.lamports(owner.wallet.address)];
    await world.refused("WrongRentPayer", stranger.wallet, fair.close(goods, stranger.wallet.address));
    const closed = await world.send(stranger.wallet, fair.close(goods));
    expect(onlyEvent(closed, "LeaseChanged")).toMatchObject({ action: LeaseAction.Closed });
    expect(await world.lamports(owner.wallet.address)).toBe(lamports + rent);
    expect(await fair.peerRead(stall)).toMatchObject({ leases: 0, escrow: 0n, owed: 0n });
    await world.send(owner.wallet, fair.open(goods)); // the address is free again
  });

  test("runs out, and is cleared away by anybody", async () => {
    const [owner, stall, anybody] = [await fair.customer(), await fair.stall(), await world.net.wallet()];
    const goods = await fair.offered(owner, stall);
    await world.net.travel(TERMS.offerTtlSecs);
    await world.refused("OfferNotExpired", anybody, expire(goods)); // its last second
    await world.net.travel(1);
    await world.refused("OfferExpired", stall.operator, fair.accept(goods));
    const sent = await world.send(anybody, expire(goods));
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject({ end: EndReason.Expired, owed: PRICE * 10n });
    await world.refused("LeaseNotOffered", anybody, expire(goods));
  });

  test("can be claimed to another account when one is frozen", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.offered(owner, stall);
    await world.send(fair.mint.issuer, freeze(fair.mint, owner.tokens));
    await world.send(owner.wallet, fair.cancel(goods)); // moves no token, so nothing stands in its way
    await expect(world.send(owner.wallet, fair.claim(goods))).rejects.toThrow();
    const other = await fair.tokens(owner.wallet.address);
    await world.send(owner.wallet, fair.claim(goods, other));
    expect(await fair.tokensOf(other)).toBe(PRICE * 10n);
  });
});

describe("a live lease", () => {
  test("is extended at its own price, unless the peer asks for more by now", async () => {
    const [owner, stall, friend] = [await fair.customer(), await fair.stall(), await fair.customer()];
    const goods = await fair.offered(owner, stall);
    await world.refused("LeaseNotLive", owner.wallet, extend(goods, 5));
    await world.send(stall.operator, fair.accept(goods));
    const funded = { funder: friend.wallet, source: friend.tokens };
    const sent = await world.send(owner.wallet, extend(goods, 5, funded)); // a friend pays
    const { untilEpoch } = await fair.leaseRead(goods);
    expect(untilEpoch).toBe((await fair.epoch()) + 15n);
    const paid = { action: LeaseAction.Extended, paid: PRICE * 5n, escrow: PRICE * 15n, untilEpoch };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject({ ...paid, counterparty: friend.wallet.address });
    expect(await fair.tokensOf(friend.tokens)).toBe(1_000_000n - PRICE * 5n);

    await world.refused("LeaseTerm", owner.wallet, extend(goods, 0));
    await world.refused("LeaseTerm", owner.wallet, extend(goods, 3_636));
    await world.refused("NotOwner", friend.wallet, extend(goods, 1, { ...acting(friend), ...funded }));
    const raised = {
      authority: stall.person.wallet,
      profile: stall.person.profile,
      peer: stall.peer,
      operator: stall.operator.address,
      ...PRICES,
      priceFlat: PRICES.priceFlat + 1n,
      endpoint: "https://peer.example",
      shareKey: ZEROS,
    };
    await world.send(stall.person.wallet, program.getPeerUpdateInstructionAsync(raised));
    await world.refused("PriceRaised", owner.wallet, extend(goods, 1));
    await world.send(stall.person.wallet, program.getPeerUpdateInstructionAsync({ ...raised, priceFlat: 1n }));
    await fair.epochsPass(15n);
    await world.refused("LeaseTermOver", owner.wallet, extend(goods, 1));
  });

  test("gets other bytes once the peer holds them", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.live(owner, stall);
    const bytes = bytesRandom(5000);
    const next = { root: await proofRoot(bytes), digest: bytesRandom(32), storedLen: 5000n };
    const large = { ...next, storedLen: 2048n * 512n + 1n };
    await world.refused("AmendmentTooLarge", owner.wallet, amend(goods, large));
    await world.refused("DigestMissing", owner.wallet, amend(goods, { ...next, root: ZEROS }));
    await world.refused("NotAuthority", stall.operator, amend(goods, next, { authority: stall.operator }));
    await world.refused("AmendmentChanged", stall.operator, amendAccept(goods, next)); // none is pending

    const sent = await world.send(owner.wallet, amend(goods, next));
    const proposed = { action: LeaseAction.Amended, root: next.root, storedLen: 5000n, price: PRICE };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject(proposed);
    expect(await fair.leaseRead(goods)).toMatchObject({ root: goods.root, nextRoot: next.root, nextLen: 5000n });
    const { root, digest } = goods;
    await world.send(owner.wallet, amend(goods, { root, digest, storedLen: 1300n })); // takes it back
    expect(await fair.leaseRead(goods)).toMatchObject({ nextLen: 0n, nextRoot: ZEROS });

    await world.send(owner.wallet, amend(goods, next));
    await world.refused("NotOperator", owner.wallet, amendAccept(goods, next, owner.wallet));
    await world.refused("AmendmentChanged", stall.operator, amendAccept(goods, { ...next, storedLen: 5001n }));
    const accepted = await world.send(stall.operator, amendAccept(goods, next));
    expect(onlyEvent(accepted, "LeaseChanged")).toMatchObject({ action: LeaseAction.AmendAccepted, root: next.root });
    const inForce = { root: next.root, digest: next.digest, storedLen: 5000n, weight: 2048n, nextLen: 0n };
    expect(await fair.leaseRead(goods)).toMatchObject(inForce);
  });

  test("is cancelled: the lock goes back to the peer and the rest to the owner", async () => {
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const goods = await fair.live(owner, stall);
    await world.refused("LeaseNotEnded", owner.wallet, fair.close(goods));
    const sent = await world.send(owner.wallet, fair.cancel(goods));
    const ended = { action: LeaseAction.Ended, end: EndReason.Cancelled, paid: 0n, owed: PRICE * 10n, lock: 0n };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject({ ...ended, counterparty: owner.profile });
    expect(await fair.peerRead(stall)).toMatchObject({ bond: 1_000_000n, locked: 0n, live: 0 });
    await world.refused("LeaseNotLive", owner.wallet, fair.cancel(goods));
    const { root, digest } = goods;
    await world.refused("LeaseNotLive", owner.wallet, amend(goods, { root, digest, storedLen: 1n }));
    await world.send(owner.wallet, fair.claim(goods));
    await world.refused("LeaseInSet", owner.wallet, fair.close(goods));
    await world.send(owner.wallet, fair.apply(stall, [goods.lease]));
    await world.send(owner.wallet, fair.close(goods));
  });

  test("is in the care of a delegate, too", async () => {
    const [owner, stall, nurse] = [await fair.customer(), await fair.stall(), await fair.customer()];
    const goods = await fair.goods(owner, stall);
    const [delegate] = await program.findDelegatePda({ owner: owner.profile, profile: nurse.profile });
    const add = (capabilities: number) =>
      program.getDelegateAddInstructionAsync({
        payer: owner.wallet,
        authority: owner.wallet,
        owner: owner.profile,
        profile: nurse.profile,
        folder: goods.folder,
        capabilities,
        untilSecs: program.NO_END,
      });
    const remove = () =>
      program.getDelegateRemoveInstructionAsync({
        authority: owner.wallet,
        actor: owner.profile,
        owner: owner.profile,
        folder: goods.folder,
        delegate,
        rentPayer: owner.wallet.address,
      });
    await world.send(owner.wallet, add(program.CAN_CREATE));
    const as = {
      payer: nurse.wallet,
      ...acting(nurse, { delegate }),
      funder: nurse.wallet,
      source: nurse.tokens,
    };
    await world.refused("CapabilityMissing", nurse.wallet, fair.open(goods, as));
    await world.send(owner.wallet, remove());
    await world.send(owner.wallet, add(program.CAN_LEASE));
    await world.send(nurse.wallet, fair.open(goods, as));
    await world.send(stall.operator, fair.accept(goods));
    const there = { ...acting(nurse, { delegate }), folder: goods.folder };
    const funded = { funder: nurse.wallet, source: nurse.tokens };
    await world.send(nurse.wallet, extend(goods, 1, { ...there, ...funded }));
    // Without the folder only a delegate of every folder is known.
    await world.refused("WrongDelegate", nurse.wallet, fair.cancel(goods, acting(nurse, { delegate })));
    const elsewhere = { ...there, folder: await world.folder(owner) };
    await world.refused("WrongScope", nurse.wallet, fair.cancel(goods, elsewhere));
    await world.send(nurse.wallet, fair.cancel(goods, there));
    // What the nurse has paid in is a gift to the owner.
    await world.refused("WrongTokenOwner", nurse.wallet, fair.claim(goods, nurse.tokens));
    await world.send(nurse.wallet, fair.claim(goods));
  });
});

describe("what a lease covers", () => {
  test("records are masked for each lease, packs are numbered, bundles are the profile's", async () => {
    const place = { chain: fair.chain, store: new MemoryStore() };
    const [owner, stall] = [await fair.customer(), await fair.stall()];
    const folder = await world.folder(owner);
    const record = await world.record(owner, folder);
    const other = await fair.stall();
    const identity = { ...owner, keyVersion: 1, xwingSeed: ZEROS, signingSeed: ZEROS };

    const [contentKey, content, head] = [bytesRandom(32), bytesRandom(3000), bytesRandom(700)];
    const copies = [];
    for (const { peer } of [stall, other]) {
      const lease = await leaseAddress(owner.profile, peer, { folder, record });
      const copy = await copyOfRecord(lease, record, contentKey, content, head);
      expect(copy.len).toBe(3700);
      expect(copy.bytes.subarray(3000)).toEqual(head);
      const proof = await proofMake(copy.bytes, 7n); // the last one, which is short
      expect(proof.leaf.length).toBe(3700 - 7 * 512);
      await proofVerify(copy.root, 3700n, 7n, proof);
      await expect(proofVerify(copy.root, 3700n, 6n, proof)).rejects.toThrow();
      const order = { peer, scope: { folder, record }, copy, epochs: 3, source: owner.tokens };
      let shown = 0n;
      const agree = ({ total }: { total: bigint }) => ((shown = total), true);
      expect(await leaseOpen(place, identity, { ...order, agree })).toBe(lease);
      expect(shown).toBe(PRICE * 3n);
      copies.push(copy);
    }
    expect(copies[0]!.root).not.toEqual(copies[1]!.root);

    const bundle = await copyAsIs(bytesRandom(2000));
    const order = { peer: stall.peer, copy: bundle, epochs: 1, source: owner.tokens, agree: () => true };
    const mine = await leaseOpen(place, identity, { ...order, scope: {} });
    for (const pack of [0, 1, 255]) await leaseOpen(place, identity, { ...order, scope: { folder, pack } });
    const refused = leaseOpen(place, identity, { ...order, scope: { folder }, agree: () => false });
    await expect(refused).rejects.toThrow("not agreed to");
    const all = await leasesOf(fair.chain, { owner: owner.profile });
    expect(all.length).toBe(6);
    expect(all.map(({ kind }) => kind).sort()).toEqual([0, 0, 2, 3, 3, 3]);
    expect(all.find(({ address }) => address === mine)!.scope).toBe(owner.profile);
    await world.send(stall.operator, decline({ stall, lease: mine } as Goods));
    await leaseClaim(place, identity, mine, owner.tokens);
  });

  test("a peer begins with two calls", async () => {
    const place = { chain: fair.chain, store: new MemoryStore() };
    const person = await fair.customer();
    const identity = { ...person, keyVersion: 1, xwingSeed: ZEROS, signingSeed: ZEROS };
    const offer = { mint: fair.mint.address, operator: NOBODY, ...PRICES, endpoint: "https://peer.example" };
    const peer: Address = await peerRegister(place, identity, offer);
    await peerBondAdd(place, identity, peer, person.tokens, 20_000n);
    expect((await program.fetchPeer(fair.chain.rpc, peer)).data).toMatchObject({ bond: 20_000n, ...PRICES });
  });
});
