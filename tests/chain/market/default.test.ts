import type { KeyPairSigner } from "@solana/kit";
import { bytesRandom } from "aceso";
import { LeaseStatus, PeerStatus, leafNamed, proofMake } from "aceso/market";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, onlyEvent } from "../../world.js";
import { EPOCH_SECS, Fair, type Goods, LOCK_FLOOR, PRICE, type Stall, TERMS } from "./market.js";
import { TOKEN_2022 } from "./token.js";

const { EndReason, LeaseAction, PeerAction } = program;
const DEPOSIT = BigInt(TERMS.spotDepositLamports);

const giveUp = ({ stall, lease }: Pick<Goods, "stall" | "lease">, k: number) =>
  program.getDebtDefaultInstructionAsync({ peer: stall.peer, lease, k });
const peerDefault = ({ peer }: Stall) => program.getPeerDefaultInstructionAsync({ peer });
const spotOpen = ({ stall, lease }: Goods, checker: KeyPairSigner, offset: bigint) =>
  program.getSpotOpenInstructionAsync({ checker, peer: stall.peer, lease, offset });
const spotDefault = ({ stall, lease }: Goods, checker: KeyPairSigner["address"]) =>
  program.getSpotDefaultInstructionAsync({ peer: stall.peer, lease, checker });

/** A peer with leases of two owners, which answers the challenges of one of them only. */
async function half(fair: Fair) {
  const [stall, ann, bob] = [await fair.stall(), await fair.customer(), await fair.customer()];
  const [kept, lost] = [await fair.live(ann, stall), await fair.live(bob, stall)];
  // Draw until both are named.
  for (;;) {
    await fair.drawNext();
    const all = await Promise.all([0, 1, 2].map((k) => fair.proof(stall, k)));
    const ks = (goods: Goods) => all.flatMap(({ lease, proof }) => (lease === goods.lease ? [proof.k] : []));
    if (ks(kept).length > 0 && ks(lost).length > 0) {
      for (const k of ks(kept)) await fair.world.send(ann.wallet, fair.submit(stall, [all[k]!]));
      return { stall, ann, bob, kept, lost, missed: ks(lost), answered: ks(kept) };
    }
    await fair.prove(stall);
  }
}

describe("an unanswered challenge", () => {
  test("costs the lease that it names, and no other", async () => {
    const fair = await Fair.start(TOKEN_2022);
    const { world } = fair;
    const { stall, ann, bob, kept, lost, missed, answered } = await half(fair);
    const anybody = await world.net.wallet();
    const k = missed[0]!;
    await world.refused("GraceNotOver", anybody, giveUp(lost, k));
    await fair.drawNext();
    await world.refused("GraceNotOver", anybody, giveUp(lost, k));
    await fair.drawNext();
    await world.refused("ChallengeNamesOther", anybody, giveUp(kept, k));
    await world.refused("ChallengeClosed", anybody, giveUp(kept, answered[0]!));
    await world.refused("ChallengeUnknown", anybody, giveUp(lost, TERMS.challenges));
    await world.refused("PeerNotDefaulted", anybody, peerDefault(stall)); // it has answered some

    const escrow = (await fair.leaseRead(lost)).escrow;
    const sent = await world.send(anybody, giveUp(lost, k));
    const event = onlyEvent(sent, "LeaseChanged");
    expect(event).toMatchObject({ action: LeaseAction.Ended, end: EndReason.Defaulted, lock: 0n, escrow: 0n });
    expect(event.owed).toBe(escrow + LOCK_FLOOR - event.paid); // what was proven before is paid
    for (const other of missed.slice(1)) {
      const dropped = await world.send(anybody, giveUp(lost, other));
      expect(onlyEvent(dropped, "LeaseChanged")).toMatchObject({ action: LeaseAction.ChallengeDropped, paid: 0n });
    }
    expect(await fair.leaseRead(kept)).toMatchObject({ status: LeaseStatus.Live, lock: LOCK_FLOOR });
    expect(await fair.peerRead(stall)).toMatchObject({ status: PeerStatus.Active, locked: LOCK_FLOOR, live: 1 });
    expect((await fair.ledgerRead(stall)).losses.filter((at) => at !== 0n).length).toBe(1);

    // Challenges that name the lost lease need no grace: there is nothing left to prove or to lose.
    for (let debt = await fair.debt(stall); debt; debt = await fair.debt(stall))
      for (const k of debt.open) {
        const found = await fair.proof(stall, k);
        const is = found.lease === lost.lease;
        await world.send(anybody, is ? giveUp(lost, k) : fair.submit(stall, [found]));
      }
    await world.send(anybody, fair.claim(lost));
    expect(await fair.tokensOf(bob.tokens)).toBe(1_000_000n - PRICE * 10n + event.owed);
    await world.send(anybody, fair.apply(stall, [lost.lease]));
    await world.send(anybody, fair.close(lost));
    await world.refused("WrongPeer", anybody, giveUp({ ...kept, stall: await fair.stall() }, 0));
    const { books, vault } = await fair.books(stall);
    expect(vault).toBe(books);
    expect(await fair.tokensOf(ann.tokens)).toBe(1_000_000n - PRICE * 10n);
  });
});

describe("a peer defaults whole", () => {
  test("when it answers nothing of an epoch: every owner gets the lock", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, anybody] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const goods = [await fair.live(owner, stall, 800, 2), await fair.live(owner, stall)];
    for (let draws = 0; draws <= TERMS.graceDraws; draws++) {
      await world.refused("PeerNotDefaulted", anybody, peerDefault(stall));
      await fair.drawNext();
    }
    await world.refused("PeerDefaultDue", anybody, fair.end(goods[0]!)); // not the lock back to the peer
    const offer = await fair.offered(owner, stall);
    const sent = await world.send(anybody, peerDefault(stall));
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject({ action: PeerAction.Defaulted, locked: LOCK_FLOOR * 2n });
    await world.refused("PeerDefaulted", anybody, peerDefault(stall));
    await world.refused("PeerDefaulted", anybody, fair.submit(stall, [await fair.proof(stall, 0)]));
    await world.refused("PeerDefaulted", anybody, giveUp(goods[0]!, 0));
    await world.refused("PeerDefaulted", stall.operator, fair.accept(offer));
    await world.refused("PeerDefaulted", owner.wallet, fair.open(await fair.goods(owner, stall)));
    await world.refused("PeerDefaulted", stall.person.wallet, fair.bondAdd(stall, 1n));

    const whole = { end: EndReason.PeerDefaulted, paid: 0n, lock: 0n };
    const first = onlyEvent(await world.send(anybody, fair.end(goods[0]!)), "LeaseChanged");
    expect(first).toMatchObject({ ...whole, owed: PRICE * 2n + LOCK_FLOOR });
    // Its owner need not know the right word.
    const second = onlyEvent(await world.send(owner.wallet, fair.cancel(goods[1]!)), "LeaseChanged");
    expect(second).toMatchObject({ ...whole, owed: PRICE * 10n + LOCK_FLOOR });
    await world.send(owner.wallet, fair.cancel(offer));
    for (const ended of [...goods, offer]) await world.send(anybody, fair.claim(ended), fair.close(ended));
    expect(await fair.tokensOf(owner.tokens)).toBe(1_000_000n + LOCK_FLOOR * 2n);
    expect(await fair.peerRead(stall)).toMatchObject({ leases: 0, locked: 0n, escrow: 0n, owed: 0n });

    // What was not locked is still the peer's.
    const retire = program.getPeerRetireInstructionAsync({
      authority: stall.person.wallet,
      profile: stall.person.profile,
      peer: stall.peer,
      ...fair.till,
      destination: stall.tokens,
      rentPayer: stall.person.wallet.address,
    });
    await world.send(stall.person.wallet, retire);
    expect(await fair.tokensOf(stall.tokens)).toBe(1_000_000n - LOCK_FLOOR * 2n);
  });

  test("when it owes for longer than anybody remembers", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, anybody] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const goods = await fair.live(owner, stall);
    await fair.draw();
    const old = await fair.proof(stall, 0);
    for (let draws = 0; draws < 64; draws++) await fair.drawNext();
    await world.refused("DrawForgotten", anybody, fair.submit(stall, [old]));
    await expect(fair.debt(stall)).rejects.toThrow("It can only be defaulted");
    await world.send(anybody, peerDefault(stall));
    const event = onlyEvent(await world.send(anybody, fair.end(goods)), "LeaseChanged");
    expect(event).toMatchObject({ paid: 0n, owed: PRICE * 10n + LOCK_FLOOR });
  }, 120_000);

  test("when it loses more leases in 30 days than its terms allow", async () => {
    const fair = await Fair.start(undefined, { lossesMax: 0 });
    const { world } = fair;
    const { stall, lost, missed } = await half(fair);
    const anybody = await world.net.wallet();
    for (let draws = 0; draws < TERMS.graceDraws; draws++) await fair.drawNext();
    await world.send(anybody, giveUp(lost, missed[0]!));
    await world.send(anybody, peerDefault(stall));
    expect((await fair.peerRead(stall)).status).toBe(PeerStatus.Defaulted);
  });
});

describe("a spot check", () => {
  test("is answered for its deposit", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, checker] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const goods = await fair.offered(owner, stall);
    await world.refused("LeaseNotLive", checker, spotOpen(goods, checker, 0n));
    await world.send(stall.operator, fair.accept(goods));
    await world.refused("OutOfBounds", checker, spotOpen(goods, checker, 2048n));
    await world.refused("SpotNotOpen", checker, spotDefault(goods, checker.address));
    const rent = await world.lamports(goods.lease);
    const sent = await world.send(checker, spotOpen(goods, checker, 1001n));
    const opened = { action: LeaseAction.SpotOpened, counterparty: checker.address };
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject(opened);
    expect(await world.lamports(goods.lease)).toBe(rent + DEPOSIT);
    const now = await world.net.now();
    expect(await fair.leaseRead(goods)).toMatchObject({
      spotChecker: checker.address,
      spotOffset: 1001n,
      spotDepositLamports: DEPOSIT,
      spotUntilSecs: now + BigInt(TERMS.windowSecs) + BigInt(TERMS.graceDraws) * EPOCH_SECS,
      spotUntilDraws: BigInt(TERMS.graceDraws) + 1n,
    });
    await world.refused("SpotOpen", checker, spotOpen(goods, checker, 0n));
    await world.refused("SpotNotDue", checker, spotDefault(goods, checker.address));

    const proof = await proofMake(goods.bytes, leafNamed({ storedLen: 1300n }, 1001n));
    const answerer = (await world.net.wallet(1)).address;
    const answer = (change: object = {}) =>
      program.getSpotAnswerInstructionAsync({ lease: goods.lease, answerer, ...proof, ...change });
    await world.refused("ProofWrong", checker, answer({ leaf: bytesRandom(proof.leaf.length) }));
    await world.refused("LeafLength", checker, answer({ leaf: bytesRandom(3) }));
    await world.refused("PathLength", checker, answer({ path: [] }));
    await world.refused("ToOneself", checker, answer({ answerer: goods.lease }));
    const answered = await world.send(checker, answer());
    const event = { action: LeaseAction.SpotAnswered, counterparty: answerer };
    expect(onlyEvent(answered, "LeaseChanged")).toMatchObject(event);
    expect(await world.lamports(answerer)).toBe(1_000_000_000n + DEPOSIT);
    expect(await fair.leaseRead(goods)).toMatchObject({ spotChecker: NOBODY, status: LeaseStatus.Live });
    await world.refused("SpotNotOpen", checker, answer());
    await fair.epochsPass(10n);
    await world.refused("LeaseTermOver", checker, spotOpen(goods, checker, 0n));
  });

  test("that nobody answers costs the lease", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, checker] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const [goods, other] = [await fair.live(owner, stall, 1300, 3), await fair.live(owner, stall)];
    const anybody = await world.net.wallet();
    await world.send(checker, spotOpen(goods, checker, 5n));
    for (let draws = 0; draws <= TERMS.graceDraws; draws++) {
      await world.refused("SpotNotDue", anybody, spotDefault(goods, checker.address));
      await fair.drawNext(); // it answers challenges, and not the check
      await fair.prove(stall);
    }
    // Its term is over, but while the check is open its lock stays.
    await world.refused("SpotOpen", anybody, fair.end(goods));
    await world.net.travel(TERMS.windowSecs + 1);
    await world.refused("WrongChecker", anybody, spotDefault(goods, anybody.address));
    const before = await world.lamports(checker.address);
    const event = onlyEvent(await world.send(anybody, spotDefault(goods, checker.address)), "LeaseChanged");
    const lost = { action: LeaseAction.Ended, end: EndReason.Defaulted, counterparty: checker.address };
    expect(event).toMatchObject(lost);
    expect(event.owed + event.paid).toBe(PRICE * 3n + LOCK_FLOOR);
    expect(await world.lamports(checker.address)).toBe(before + DEPOSIT);
    expect(await fair.leaseRead(other)).toMatchObject({ status: LeaseStatus.Live });
  });

  test("is dropped, with the deposit back, when the lease ends otherwise", async () => {
    const fair = await Fair.start();
    const { world } = fair;
    const [stall, owner, checker] = [await fair.stall(), await fair.customer(), await world.net.wallet()];
    const goods = await fair.live(owner, stall);
    await world.send(checker, spotOpen(goods, checker, 5n));
    await world.send(owner.wallet, fair.cancel(goods), fair.claim(goods), fair.apply(stall, [goods.lease]));
    await world.refused("SpotOpen", owner.wallet, fair.close(goods));
    const before = await world.lamports(checker.address);
    const sent = await world.send(owner.wallet, spotDefault(goods, checker.address));
    expect(onlyEvent(sent, "LeaseChanged")).toMatchObject({
      action: LeaseAction.SpotDropped,
      end: EndReason.Cancelled,
    });
    expect(await world.lamports(checker.address)).toBe(before + DEPOSIT);
    await world.send(owner.wallet, fair.close(goods));
  });
});
