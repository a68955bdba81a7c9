import type { Address } from "@solana/kit";
import { addressFrom, bytesRandom } from "aceso";
import { PeerStatus } from "aceso/market";
import * as program from "aceso/program";
import { beforeAll, describe, expect, test } from "vitest";
import { NOBODY, onlyEvent } from "../../world.js";
import { BOND_MIN, EPOCH_SECS, Fair, LOCK_FLOOR, PRICES, type Stall, TERMS } from "./market.js";
import { SPL_TOKEN, TOKEN_2022, mintMake } from "./token.js";

const { PeerAction } = program;
const held = ({ person, peer }: Stall) => ({ authority: person.wallet, profile: person.profile, peer });

describe.each([
  ["SPL Token", SPL_TOKEN],
  ["Token-2022", TOKEN_2022],
])("a peer that is paid in %s", (_, tokenProgram: Address) => {
  let fair: Fair;
  beforeAll(async () => {
    fair = await Fair.start(tokenProgram);
  });
  const update = (stall: Stall, change: object = {}) =>
    program.getPeerUpdateInstructionAsync({
      ...held(stall),
      operator: stall.operator.address,
      ...PRICES,
      endpoint: "http://127.0.0.1:8443",
      shareKey: new Uint8Array(32),
      ...change,
    });
  const withdraw = (stall: Stall, amount: bigint, change: object = {}) =>
    program.getPeerBondWithdrawInstructionAsync({
      ...held(stall),
      ...fair.till,
      destination: stall.tokens,
      amount,
      ...change,
    });
  const payout = (stall: Stall, account?: Address, change: object = {}) =>
    program.getPeerPayoutSetInstructionAsync({ ...held(stall), ...(account ? { payout: account } : {}), ...change });
  const drain = (stall: Stall, change: object = {}) =>
    program.getPeerDrainInstructionAsync({ ...held(stall), ...change });
  const retire = (stall: Stall, change: object = {}) =>
    program.getPeerRetireInstructionAsync({
      ...held(stall),
      ...fair.till,
      destination: stall.tokens,
      rentPayer: stall.person.wallet.address,
      ...change,
    });

  test("registers with vault and ledger", async () => {
    const { world } = fair;
    const [person, operator] = [await fair.customer(), await world.net.wallet()];
    const sent = await world.send(person.wallet, fair.register(person, operator.address));
    const [peer] = await program.findPeerPda({ profile: person.profile });
    const [vault] = await program.findVaultPda({ peer });
    const { data } = await program.fetchPeer(world.chain.rpc, peer);
    expect(data).toMatchObject({
      profile: person.profile,
      operator: operator.address,
      mint: fair.mint.address,
      tokenProgram,
      vault,
      payout: NOBODY,
      ...PRICES,
      lockFloor: LOCK_FLOOR,
      bondMin: BOND_MIN,
      status: PeerStatus.Active,
      leases: 0,
      live: 0,
    });
    const endpoint = Uint8Array.from(data.endpoint).subarray(0, data.endpointLen);
    expect(new TextDecoder().decode(endpoint)).toBe("https://peer.example:8443");
    expect(await fair.tokensOf(vault)).toBe(0n);
    const ledger = (await program.fetchLedger(world.chain.rpc, (await program.findLedgerPda({ peer }))[0])).data;
    const empty = { peer, epochSecs: EPOCH_SECS, terms: TERMS, total: 0n, slots: 0, capacity: 0 };
    expect(ledger).toMatchObject({ ...empty, peerCreatedSlot: data.meta.createdSlot });
    const books = { bond: 0n, locked: 0n, escrow: 0n, owed: 0n, earned: 0n };
    expect(onlyEvent(sent, "PeerChanged")).toEqual({
      action: PeerAction.Registered,
      peer,
      profile: person.profile,
      mint: fair.mint.address,
      ...books,
      amount: 0n,
    });
    await world.refused("AlreadyExists", person.wallet, fair.register(person, operator.address));
  });

  test("is refused without a price, a URL, a listed mint, or the profile's wallet", async () => {
    const { world } = fair;
    const [person, other] = [await fair.customer(), await fair.customer()];
    const refuse = (reason: string, change: object) =>
      world.refused(reason, person.wallet, fair.register(person, NOBODY, change));
    await refuse("PriceOutOfBounds", { priceFlat: 0n, pricePerGib: 0n });
    for (const endpoint of ["", "https://", "ftp://a.example", "https://a b", "https://ä.example"])
      await refuse("EndpointInvalid", { endpoint });
    await refuse("EndpointInvalid", { endpoint: `https://${"a".repeat(121)}` });
    await refuse("MintNotAccepted", { mint: (await mintMake(world, tokenProgram)).address });
    await refuse("WrongTokenProgram", { tokenProgram: tokenProgram === SPL_TOKEN ? TOKEN_2022 : SPL_TOKEN });
    await refuse("NotAuthority", { profile: other.profile });
    const { admin } = world.net;
    await world.send(admin, program.getConfigPauseInstructionAsync({ admin, flags: program.PAUSE_MARKET }));
    await refuse("Paused", {});
    await world.send(admin, program.getConfigPauseInstructionAsync({ admin, flags: 0 }));
  });

  test("changes what it says of itself", async () => {
    const { world } = fair;
    const [stall, stranger] = [await fair.stall(0n), await fair.customer()];
    const shareKey = bytesRandom(32);
    const sent = await world.send(stall.person.wallet, update(stall, { priceFlat: 7n, shareKey }));
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject({ action: PeerAction.Updated, amount: 0n });
    expect(await fair.peerRead(stall)).toMatchObject({ priceFlat: 7n, shareKey, endpointLen: 21 });
    await world.refused("PriceOutOfBounds", stall.person.wallet, update(stall, { priceFlat: 0n, pricePerGib: 0n }));
    await world.refused("EndpointInvalid", stall.person.wallet, update(stall, { endpoint: "gopher://a" }));
    const strangers = { authority: stranger.wallet };
    await world.refused("NotAuthority", stranger.wallet, update(stall, strangers));
    await world.refused("WrongPeer", stranger.wallet, update(stall, { ...strangers, profile: stranger.profile }));
  });

  test("is given bond by anybody, and takes it back alone", async () => {
    const { world } = fair;
    const [stall, friend] = [await fair.stall(0n), await fair.customer(500n)];
    const funded = { funder: friend.wallet, source: friend.tokens };
    const sent = await world.send(friend.wallet, fair.bondAdd(stall, 400n, funded));
    const bonded = { action: PeerAction.BondAdded, bond: 400n, amount: 400n };
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject(bonded);
    expect([await fair.tokensOf(friend.tokens), await fair.tokensOf(stall.vault)]).toEqual([100n, 400n]);

    const [other, { wallet }] = [await fair.stall(10n), stall.person];
    await world.refused("AmountZero", friend.wallet, fair.bondAdd(stall, 0n, funded));
    await world.refused("WrongVault", friend.wallet, fair.bondAdd(stall, 1n, { ...funded, vault: other.vault }));
    await world.refused("VaultToItself", friend.wallet, fair.bondAdd(stall, 1n, { ...funded, source: stall.vault }));
    const { address: mint } = await mintMake(world, tokenProgram);
    await world.refused("WrongMint", friend.wallet, fair.bondAdd(stall, 1n, { ...funded, mint }));
    const wrong = { ...funded, tokenProgram: tokenProgram === SPL_TOKEN ? TOKEN_2022 : SPL_TOKEN };
    await world.refused("WrongTokenProgram", friend.wallet, fair.bondAdd(stall, 1n, wrong));

    await world.refused("BondTooSmall", wallet, withdraw(stall, 401n));
    await world.refused("AmountZero", wallet, withdraw(stall, 0n));
    await world.refused("WrongTokenOwner", wallet, withdraw(stall, 1n, { destination: friend.tokens }));
    await world.refused("WrongTokenAccount", wallet, withdraw(stall, 1n, { destination: stall.peer }));
    await world.refused("NotAuthority", friend.wallet, withdraw(stall, 1n, { authority: friend.wallet }));
    const before = await fair.tokensOf(stall.tokens);
    const taken = await world.send(wallet, withdraw(stall, 150n));
    expect(onlyEvent(taken, "PeerChanged")).toMatchObject({ action: PeerAction.BondWithdrawn, bond: 250n });
    expect(await fair.tokensOf(stall.tokens)).toBe(before + 150n);
    expect(await fair.books(stall)).toEqual({ books: 250n, vault: 250n });
  });

  test("names where settlements pay to, or nowhere", async () => {
    const { world } = fair;
    const [stall, friend] = [await fair.stall(0n), await fair.customer()];
    const { wallet } = stall.person;
    const sent = await world.send(wallet, payout(stall, friend.tokens)); // anybody's
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject({ action: PeerAction.PayoutSet });
    expect((await fair.peerRead(stall)).payout).toBe(friend.tokens);
    await world.refused("VaultToItself", wallet, payout(stall, stall.vault));
    await world.refused("WrongTokenAccount", wallet, payout(stall, fair.mint.address));
    await world.refused("NotAuthority", friend.wallet, payout(stall, friend.tokens, { authority: friend.wallet }));
    await world.send(wallet, payout(stall));
    expect((await fair.peerRead(stall)).payout).toBe(NOBODY);
  });

  test("gives notice, once, and gets no more leases", async () => {
    const { world } = fair;
    const [stall, owner] = [await fair.stall(), await fair.customer()];
    const goods = await fair.offered(owner, stall);
    const other = await fair.stall(0n);
    await world.refused("WrongPeer", stall.person.wallet, drain(stall, { ledger: other.ledger }));
    const sent = await world.send(stall.person.wallet, drain(stall));
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject({ action: PeerAction.Draining });
    const { status, drainEpoch } = await fair.peerRead(stall);
    expect([status, drainEpoch]).toEqual([PeerStatus.Draining, (await fair.epoch()) + BigInt(TERMS.noticeEpochs)]);
    await world.refused("PeerDraining", stall.person.wallet, drain(stall));
    await world.refused("PeerDraining", stall.operator, fair.accept(goods));
    await world.refused("PeerDraining", owner.wallet, fair.open(await fair.goods(owner, stall)));
  });

  test("retires once no lease is left, with all tokens and all rent", async () => {
    const { world } = fair;
    const [stall, owner, friend] = [await fair.stall(), await fair.customer(), await fair.customer()];
    const { wallet } = stall.person;
    const goods = await fair.offered(owner, stall);
    await world.refused("PeerInUse", wallet, retire(stall));
    const decline = program.getLeaseDeclineInstructionAsync({
      operator: stall.operator,
      peer: stall.peer,
      lease: goods.lease,
    });
    await world.send(stall.operator, decline);
    await world.refused("PeerInUse", wallet, retire(stall)); // the owner's refund is not claimed
    await world.send(owner.wallet, fair.claim(goods), fair.close(goods));

    await world.refused("WrongTokenOwner", wallet, retire(stall, { destination: friend.tokens }));
    await world.refused("WrongRentPayer", wallet, retire(stall, { rentPayer: friend.wallet.address }));
    await world.refused("NotAuthority", friend.wallet, retire(stall, { authority: friend.wallet }));
    const rents = await Promise.all([stall.peer, stall.vault, stall.ledger].map((at) => world.lamports(at)));
    const [tokens, lamports] = [await fair.tokensOf(stall.tokens), await world.lamports(wallet.address)];
    const sent = await world.send(wallet, retire(stall));
    expect(onlyEvent(sent, "PeerChanged")).toMatchObject({
      action: PeerAction.Retired,
      amount: 1_000_000n,
      bond: 0n,
      earned: 0n,
    });
    expect(await fair.tokensOf(stall.tokens)).toBe(tokens + 1_000_000n);
    const rent = rents.reduce((sum, lamports) => sum + lamports, 0n);
    expect(await world.lamports(wallet.address)).toBe(lamports + rent - sent.feeLamports);
    for (const at of [stall.peer, stall.vault, stall.ledger]) expect(await world.exists(at)).toBe(false);
    await world.send(wallet, fair.register(stall.person, addressFrom(bytesRandom(32)))); // and may come back
  });
});
