import type { Address } from "@solana/kit";
import { eventsOf } from "aceso";
import { SETTINGS_DEFAULT } from "aceso/localnet";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, type Person, World, acting, blob, id, onlyEvent } from "../world.js";

const world = await World.start();
const { PERMIT_ALL, PERMIT_OPEN, PURPOSES, RequestAction, ScopeKind } = program;
const DEPOSIT = BigInt(SETTINGS_DEFAULT.requestDepositLamports);
const FEE = BigInt(SETTINGS_DEFAULT.requestFeeLamports);
const TTL = BigInt(SETTINGS_DEFAULT.requestTtlSecs);

const ask = (change: Partial<program.AskArgs> = {}): program.AskArgs => ({
  scopeKind: ScopeKind.OwnersChoice,
  scope: NOBODY,
  purpose: PURPOSES.TREAT,
  permissions: PERMIT_OPEN,
  durationSecs: 3600n,
  reason: blob(300),
  ttlSecs: 600n,
  depositLamports: DEPOSIT,
  ...change,
});
const create = (owner: Person, requester: Person, change: Partial<program.AskArgs> = {}, requestId = id()) =>
  program.getRequestCreateInstructionAsync({
    payer: requester.wallet,
    authority: requester.wallet,
    requester: requester.profile,
    owner: owner.profile,
    id: requestId,
    ask: ask(change),
  });

/** A cardiologist has asked a patient. */
async function asked(change: Partial<program.AskArgs> = {}) {
  const [owner, requester] = [await world.person(), await world.person()];
  const folder = await world.folder(owner);
  const requestId = id();
  const scoped = change.scopeKind === ScopeKind.Folder ? { ...change, scope: folder } : change;
  const sent = await world.send(requester.wallet, create(owner, requester, scoped, requestId));
  const seeds = { owner: owner.profile, requester: requester.profile, id: requestId };
  return { owner, requester, folder, request: (await program.findRequestPda(seeds))[0], sent };
}
const rentOf = async (request: Address) => (await world.lamports(request)) - DEPOSIT;

async function approve(
  at: { owner: Person; requester: Person; folder: Address; request: Address },
  change: Partial<program.TermsArgs> = {},
  accounts: object = {},
) {
  return program.getRequestApproveInstructionAsync({
    payer: at.owner.wallet,
    ...acting(at.owner),
    owner: at.owner.profile,
    folder: at.folder,
    requester: at.requester.profile,
    request: at.request,
    rentPayer: at.requester.wallet.address,
    scope: at.folder,
    readerBundleDigest: at.requester.bundle.digest,
    terms: await world.terms(change),
    resealed: await world.keyringSwap(at.folder),
    ...accounts,
  });
}
const deny = (by: Person, at: { requester: Person; request: Address }, accounts = {}) =>
  program.getRequestDenyInstructionAsync({
    ...acting(by, accounts),
    request: at.request,
    rentPayer: at.requester.wallet.address,
  });
const cancel = (by: Person, at: { requester: Person; request: Address }) =>
  program.getRequestCancelInstructionAsync({
    authority: by.wallet,
    requester: by.profile,
    request: at.request,
    rentPayer: at.requester.wallet.address,
  });
const expire = (at: { requester: Person; request: Address }, rentPayer = at.requester.wallet.address) =>
  program.getRequestExpireInstructionAsync({ request: at.request, rentPayer });

describe("a request", () => {
  test("lies on the chain with its deposit", async () => {
    const { owner, requester, request, sent } = await asked();
    const now = await world.net.now();
    const { data, lamports } = await program.fetchRequest(world.chain.rpc, request);
    expect(data).toMatchObject({
      owner: owner.profile,
      requester: requester.profile,
      scope: NOBODY,
      scopeKind: ScopeKind.OwnersChoice,
      durationSecs: 3600n,
      createdAtSecs: now,
      expiresAtSecs: now + 600n,
      depositLamports: DEPOSIT,
      feeLamports: FEE,
      purpose: PURPOSES.TREAT,
      permissions: PERMIT_OPEN,
      reasonLen: 300,
    });
    const rent = await world.chain.rpc.getMinimumBalanceForRentExemption(312n).send();
    expect(lamports).toBe(rent + DEPOSIT);
    expect(onlyEvent(sent, "RequestChanged")).toEqual({
      action: RequestAction.Created,
      request,
      owner: owner.profile,
      requester: requester.profile,
      scope: NOBODY,
      depositLamports: DEPOSIT,
      keptLamports: 0n,
    });
  });

  test("is refused with a deposit that is too low, or an ask that means nothing", async () => {
    const [owner, requester] = [await world.person(), await world.person()];
    const refuse = (reason: string, change: Partial<program.AskArgs>, to = owner) =>
      world.refused(reason, requester.wallet, create(to, requester, change));
    const refusal = await refuse("DepositTooLow", { depositLamports: DEPOSIT - 1n });
    expect(refusal.sentence).toBe("The deposit is lower than the program demands.");
    await refuse("OutOfBounds", { depositLamports: program.MAX_REQUEST_DEPOSIT_LAMPORTS + 1n });
    await refuse("OutOfBounds", { ttlSecs: TTL + 1n });
    await refuse("OutOfBounds", { ttlSecs: 0n });
    await refuse("EndsTooEarly", { durationSecs: 0n });
    await refuse("PurposeUnknown", { purpose: 200 });
    await refuse("PermissionUnknown", { permissions: PERMIT_ALL + 1 });
    await refuse("WrongScope", { scopeKind: ScopeKind.Folder });
    await refuse("WrongScope", { scope: owner.profile });
    await refuse("BlobLength", { reason: blob(0) });
    await refuse("ToOneself", {}, requester);
    const { requester: other } = await asked();
    await world.refused("NotAuthority", other.wallet, create(owner, { ...requester, wallet: other.wallet }));
  });

  test("is not made while requests are paused, but is cancelled", async () => {
    const at = await asked();
    const { admin } = world.net;
    const pause = (flags: number) => program.getConfigPauseInstructionAsync({ admin, flags });
    await world.send(admin, pause(program.PAUSE_ALL));
    await world.refused("Paused", at.requester.wallet, create(at.owner, at.requester));
    await world.refused("Paused", at.owner.wallet, approve(at));
    await world.send(at.requester.wallet, cancel(at.requester, at));
    await world.send(admin, pause(0));
  });
});

describe("the owner's answer", () => {
  test("yes makes the grant and gives deposit and rent back to the payer", async () => {
    const at = await asked({ scopeKind: ScopeKind.Folder });
    const { owner, requester, folder, request } = at;
    const [rent, before] = [await rentOf(request), await world.lamports(requester.wallet.address)];
    const sent = await world.send(owner.wallet, approve(at));
    expect(sent.events.map(({ name }) => name)).toEqual(["Audited", "RequestChanged"]);
    expect(eventsOf(sent.events, "RequestChanged")[0]).toMatchObject({
      action: RequestAction.Approved,
      keptLamports: 0n,
    });
    expect(await world.lamports(requester.wallet.address)).toBe(before + rent + DEPOSIT);
    expect(await world.exists(request)).toBe(false);
    const [grant] = await program.findGrantPda({ scope: folder, reader: requester.profile });
    expect(await world.grantRead(grant)).toMatchObject({ reader: requester.profile, grantedBy: owner.profile });
    await world.refused("AccountOwnedByWrongProgram", requester.wallet, cancel(requester, at));
  });

  test("gives what was asked, or less", async () => {
    const at = await asked({ scopeKind: ScopeKind.Folder, durationSecs: 1000n });
    const { wallet } = at.owner;
    const now = await world.net.now();
    await world.refused("ExceedsRequest", wallet, approve(at, { untilSecs: now + 1001n }));
    const inTime = { untilSecs: now + 1000n };
    await world.refused("ExceedsRequest", wallet, approve(at, { ...inTime, permissions: PERMIT_ALL }));
    await world.refused("ExceedsRequest", wallet, approve(at, { ...inTime, purpose: PURPOSES.HMARKT }));
    const other = await world.folder(at.owner);
    await world.refused("WrongScope", wallet, approve({ ...at, folder: other }, inTime));
    await world.send(wallet, approve(at, inTime));
  });

  test("is the owner's, for the requester, in time", async () => {
    const at = await asked();
    const stranger = await world.person();
    await world.refused("NotOwner", stranger.wallet, approve(at, {}, { payer: stranger.wallet, ...acting(stranger) }));
    await world.refused("WrongRequester", at.owner.wallet, approve({ ...at, requester: stranger }));
    const thief = { rentPayer: stranger.wallet.address };
    await world.refused("WrongRentPayer", at.owner.wallet, approve(at, {}, thief));
    await world.refused("NotOwner", stranger.wallet, deny(stranger, at));
    await world.net.travel(601);
    await world.refused("RequestEnded", at.owner.wallet, approve(at));
    await world.send(at.owner.wallet, deny(at.owner, at)); // saying no is always possible
  });

  test("no gives everything back", async () => {
    const at = await asked();
    const [rent, before] = [await rentOf(at.request), await world.lamports(at.requester.wallet.address)];
    const sent = await world.send(at.owner.wallet, deny(at.owner, at));
    expect(onlyEvent(sent, "RequestChanged")).toMatchObject({ action: RequestAction.Denied, keptLamports: 0n });
    expect(await world.lamports(at.requester.wallet.address)).toBe(before + rent + DEPOSIT);
    expect(await world.exists(at.request)).toBe(false);
  });

  test("can be a delegate's", async () => {
    const at = await asked({ scopeKind: ScopeKind.Folder });
    const nurse = await world.person();
    const add = program.getDelegateAddInstructionAsync({
      payer: at.owner.wallet,
      authority: at.owner.wallet,
      owner: at.owner.profile,
      profile: nurse.profile,
      folder: at.folder,
      capabilities: program.CAN_ANSWER,
      untilSecs: program.NO_END,
    });
    await world.send(at.owner.wallet, add);
    const [delegate] = await program.findDelegatePda({ owner: at.owner.profile, profile: nurse.profile });
    const as = { payer: nurse.wallet, ...acting(nurse, { delegate }) };
    await world.refused("DelegateNotReader", nurse.wallet, approve(at, {}, as)); // it could not re-seal the key
    await world.send(nurse.wallet, deny(nurse, at, { delegate }));
  });
});

describe("the requester", () => {
  test("takes the request back with all that was paid", async () => {
    const at = await asked();
    const { requester, owner, request } = at;
    await world.refused("WrongRequester", owner.wallet, cancel(owner, at));
    const [rent, before] = [await rentOf(request), await world.lamports(requester.wallet.address)];
    const sent = await world.send(requester.wallet, cancel(requester, at));
    expect(onlyEvent(sent, "RequestChanged")).toMatchObject({ action: RequestAction.Cancelled, keptLamports: 0n });
    expect(await world.lamports(requester.wallet.address)).toBe(before + rent + DEPOSIT - sent.feeLamports);
  });
});

describe("a request that nobody answered", () => {
  test("is cleared away by anybody; the program keeps its fee, which the admin takes out", async () => {
    const at = await asked();
    const { requester, request } = at;
    const [anybody, { admin }] = [await world.net.wallet(), world.net];
    const [config] = await program.findConfigPda();
    const receiver = (await world.net.wallet(1)).address;
    const withdraw = (signer = admin) => program.getConfigFeesWithdrawInstructionAsync({ admin: signer, receiver });
    await world.refused("NothingToWithdraw", admin, withdraw());
    await world.refused("RequestNotEnded", anybody, expire(at));
    await world.net.travel(600);
    await world.refused("RequestNotEnded", anybody, expire(at)); // its last second
    await world.net.travel(1);
    await world.refused("WrongRentPayer", anybody, expire(at, anybody.address));

    const [rent, before] = [await rentOf(request), await world.lamports(requester.wallet.address)];
    const kept = await world.lamports(config);
    const sent = await world.send(anybody, expire(at));
    expect(onlyEvent(sent, "RequestChanged")).toMatchObject({ action: RequestAction.Expired, keptLamports: FEE });
    expect(await world.lamports(requester.wallet.address)).toBe(before + rent + DEPOSIT - FEE);
    expect(await world.lamports(config)).toBe(kept + FEE);

    await world.refused("NotAdmin", anybody, withdraw(anybody));
    const taken = await world.send(admin, withdraw());
    expect(onlyEvent(taken, "ConfigChanged")).toMatchObject({
      action: program.ConfigAction.FeesWithdrawn,
      paidLamports: FEE,
    });
    expect(await world.lamports(receiver)).toBe(1_000_000_000n + FEE);
    expect(await world.lamports(config)).toBe(kept);
    await world.refused("NothingToWithdraw", admin, withdraw());
  });
});
