import { generateKeyPairSigner } from "@solana/kit";
import { MARKET_DEFAULT } from "aceso/localnet";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, World, onlyEvent } from "../../world.js";
import { SPL_TOKEN, TOKEN_2022, mintForge, mintMake } from "./token.js";

const world = await World.start();
const { admin } = world.net;
const { MarketAction } = program;
const terms = { ...MARKET_DEFAULT.terms, spotDepositLamports: 50_000n };
const [configAt] = await program.findConfigPda();
const marketRead = async () => (await program.fetchConfig(world.chain.rpc, configAt)).data.market;
const listed = async () => (await marketRead()).mints.filter(({ mint }) => mint !== NOBODY);

const open = (change: object = {}, epochSecs = 86_400n, signer = admin) =>
  program.getMarketOpenInstructionAsync({
    payer: signer,
    admin: signer,
    epochSecs,
    terms: { ...terms, ...change },
  });
const update = (change: object = {}, signer = admin) =>
  program.getMarketUpdateInstructionAsync({ admin: signer, terms: { ...terms, ...change } });
const mintSet = (mint: string, signer = admin, lockFloor = 5n, bondMin = 10n) =>
  program.getMarketMintSetInstructionAsync({ admin: signer, mint: mint as typeof NOBODY, lockFloor, bondMin });
const mintRemove = (mint: string, signer = admin) =>
  program.getMarketMintRemoveInstructionAsync({ admin: signer, mint: mint as typeof NOBODY });

describe.sequential("the storage market's settings", () => {
  test("do nothing before it is open", async () => {
    expect((await marketRead()).epochSecs).toBe(0n);
    await world.refused("MarketNotOpen", admin, update());
    const { address } = await mintMake(world, SPL_TOKEN);
    await world.refused("MarketNotOpen", admin, mintSet(address));
    const person = await world.person();
    const register = program.getPeerRegisterInstructionAsync({
      payer: person.wallet,
      authority: person.wallet,
      profile: person.profile,
      mint: address,
      tokenProgram: SPL_TOKEN,
      operator: person.wallet.address,
      priceFlat: 1n,
      pricePerGib: 0n,
      endpoint: "https://a.example",
      shareKey: new Uint8Array(32),
    });
    await world.refused("MarketNotOpen", person.wallet, register);
    await world.refused("AccountOwnedByWrongProgram", admin, program.getBeaconArmInstructionAsync({}));
  });

  test("are within the program's bounds", async () => {
    const bad: [object, bigint?][] = [
      [{}, 59n],
      [{}, program.MAX_EPOCH_SECS + 1n],
      [{ challenges: 0 }],
      [{ challenges: program.MAX_CHALLENGES + 1 }],
      [{ graceDraws: 1 }],
      [{ graceDraws: 15 }],
      [{ lossesMax: 4 }],
      [{ beaconKind: 1 }],
      [{ windowSecs: 21_599 }],
      [{ windowSecs: 43_201 }],
      [{ lockEpochs: 0 }],
      [{ lockEpochs: 366 }],
      [{ noticeEpochs: 0 }],
      [{ noticeEpochs: 91 }],
      [{ offerTtlSecs: 3_599 }],
      [{ offerTtlSecs: 604_801 }],
      [{ spotDepositLamports: 19_999n }],
      [{ spotDepositLamports: 100_000_001n }],
    ];
    for (const [change, epochSecs] of bad) await world.refused("OutOfBounds", admin, open(change, epochSecs));
  });

  test("are opened once, by the admin, with epochs of one length for good", async () => {
    const stranger = await world.net.wallet();
    await world.refused("NotAdmin", stranger, open({}, 86_400n, stranger));
    const sent = await world.send(admin, open());
    const nothing = { mint: NOBODY, lockFloor: 0n, bondMin: 0n };
    expect(onlyEvent(sent, "MarketChanged")).toEqual({
      action: MarketAction.Opened,
      epochSecs: 86_400n,
      terms,
      ...nothing,
    });
    expect(await marketRead()).toMatchObject({ epochSecs: 86_400n, terms });
    const [beacon] = await program.findBeaconPda();
    const { data } = await program.fetchBeacon(world.chain.rpc, beacon);
    expect(data).toMatchObject({ epochSecs: 86_400n, arms: 0n, draws: 0n, targetSlot: 0n });
    await world.refused("MarketAlreadyOpen", admin, open());
  });

  test("change for peers to come", async () => {
    const stranger = await world.net.wallet();
    await world.refused("NotAdmin", stranger, update({}, stranger));
    await world.refused("OutOfBounds", admin, update({ challenges: 33 }));
    const sent = await world.send(admin, update({ challenges: 12 }));
    expect(onlyEvent(sent, "MarketChanged")).toMatchObject({ action: MarketAction.Updated, terms: { challenges: 12 } });
    expect((await marketRead()).terms).toEqual({ ...terms, challenges: 12 });
  });
});

describe.sequential("a mint", () => {
  test.each([
    ["SPL Token", SPL_TOKEN],
    ["Token-2022, with a pointer to its metadata", TOKEN_2022],
  ])("of %s is listed with what it demands, changed and taken out", async (_, tokenProgram) => {
    const { address: mint } = await mintMake(world, tokenProgram);
    const stranger = await world.net.wallet();
    await world.refused("NotAdmin", stranger, mintSet(mint, stranger));
    const sent = await world.send(admin, mintSet(mint));
    const demanded = { mint, lockFloor: 5n, bondMin: 10n };
    expect(onlyEvent(sent, "MarketChanged")).toMatchObject({ action: MarketAction.MintSet, ...demanded });
    expect(await listed()).toEqual([demanded]);
    await world.send(admin, mintSet(mint, admin, 7n, 0n));
    expect(await listed()).toEqual([{ mint, lockFloor: 7n, bondMin: 0n }]);

    await world.refused("NotAdmin", stranger, mintRemove(mint, stranger));
    const removed = await world.send(admin, mintRemove(mint));
    const left = { action: MarketAction.MintRemoved, mint, lockFloor: 7n, bondMin: 0n };
    expect(onlyEvent(removed, "MarketChanged")).toMatchObject(left);
    expect(await listed()).toEqual([]);
    await world.refused("MintNotAccepted", admin, mintRemove(mint));
  });

  test.each([
    [1, "MintTransferFee"],
    [3, "MintCloseAuthority"],
    [4, "MintConfidentialTransfer"],
    [6, "MintDefaultAccountState"],
    [9, "MintNonTransferable"],
    [10, "MintInterestBearing"],
    [12, "MintPermanentDelegate"],
    [14, "MintTransferHook"],
    [16, "MintConfidentialTransferFee"],
    [24, "MintConfidentialMintBurn"],
    [25, "MintScaledUiAmount"],
    [26, "MintPausable"],
    [28, "MintPermissionedBurn"],
    [99, "MintExtensionUnknown"],
  ])("with extension %i is refused by name: %s", async (type, reason) => {
    const { address } = await generateKeyPairSigner();
    mintForge(world, address, type);
    await world.refused(reason, admin, mintSet(address));
  });

  test("is a mint", async () => {
    await world.refused("NotMint", admin, mintSet(NOBODY));
    await world.refused("NotMint", admin, mintSet(configAt));
    const { address } = await generateKeyPairSigner();
    mintForge(world, address, 18, SPL_TOKEN); // SPL Token has no extensions
    await world.refused("NotMint", admin, mintSet(address));
  });

  test("finds no place behind eight others", async () => {
    const mints = [];
    for (let n = 0; n <= program.MAX_MINTS; n++) mints.push((await mintMake(world, SPL_TOKEN)).address);
    for (const mint of mints.slice(1)) await world.send(admin, mintSet(mint));
    await world.refused("MintListFull", admin, mintSet(mints[0]!));
    await world.send(admin, mintRemove(mints[4]!));
    await world.send(admin, mintSet(mints[0]!));
    expect((await listed()).map(({ mint }) => mint)).toContain(mints[0]);
  });
});
