import { ACESO_PROGRAM_ADDRESS } from "aceso/program";
import * as program from "aceso/program";
import { SETTINGS_DEFAULT } from "aceso/localnet";
import { describe, expect, test } from "vitest";
import { NOBODY, World, blob, id, onlyEvent } from "../world.js";

const world = await World.start({ settings: null });
const [config] = await program.findConfigPda();
const { admin } = world.net;
const configRead = async () => (await program.fetchConfig(world.chain.rpc, config)).data;
const init = (signer = admin, change = {}) =>
  program.getConfigInitInstructionAsync({ payer: signer, admin: signer, ...SETTINGS_DEFAULT, ...change });

describe.sequential("the program's configuration", () => {
  test("is made once, by whoever may upgrade the program", async () => {
    const stranger = await world.net.wallet();
    const refusal = await world.refused("NotUpgradeAuthority", stranger, init(stranger));
    expect(refusal.account).toBe("program_data");
    expect(refusal.sentence).toBe("This wallet may not upgrade the program, so it cannot set it up.");
    await world.refused("OutOfBounds", admin, init(admin, { requestTtlSecs: 3599n }));

    const sent = await world.send(admin, init());
    expect(onlyEvent(sent, "ConfigChanged")).toEqual({
      action: program.ConfigAction.Created,
      admin: admin.address,
      pendingAdmin: NOBODY,
      settings: SETTINGS_DEFAULT,
      paused: 0,
      paidLamports: 0n,
    });
    expect(await configRead()).toMatchObject({
      ...SETTINGS_DEFAULT,
      admin: admin.address,
      feesLamports: 0n,
      paused: 0,
    });
    await world.refused("AlreadyExists", admin, init());
  });

  test("is changed within the program's bounds, by the admin only", async () => {
    const settings = { requestDepositLamports: 2_000_000n, requestFeeLamports: 2_000_000n, requestTtlSecs: 3600n };
    const update = (signer: typeof admin, change = {}) =>
      program.getConfigUpdateInstructionAsync({ admin: signer, ...settings, ...change });
    const sent = await world.send(admin, update(admin));
    expect(onlyEvent(sent, "ConfigChanged")).toMatchObject({ action: program.ConfigAction.Updated, settings });
    expect(await configRead()).toMatchObject(settings);

    await world.refused("NotAdmin", admin, update(await world.net.wallet()));
    await world.refused("OutOfBounds", admin, update(admin, { requestFeeLamports: 2_000_001n }));
    await world.refused("OutOfBounds", admin, update(admin, { requestTtlSecs: program.MAX_REQUEST_TTL_SECS + 1n }));
    const deposit = program.MAX_REQUEST_DEPOSIT_LAMPORTS + 1n;
    await world.refused("OutOfBounds", admin, update(admin, { requestDepositLamports: deposit }));
  });

  test("pauses what lets people in", async () => {
    const pause = (flags: number, signer = admin) => program.getConfigPauseInstructionAsync({ admin: signer, flags });
    const wallet = await world.net.wallet();
    const join = () =>
      program.getProfileCreateInstructionAsync({ payer: wallet, authority: wallet, id: id(), bundle: blob() });

    const sent = await world.send(admin, pause(program.PAUSE_PROFILE));
    expect(onlyEvent(sent, "ConfigChanged")).toMatchObject({ action: program.ConfigAction.Paused, paused: 1 });
    const refusal = await world.refused("Paused", wallet, join());
    expect(refusal.message).toContain("Revoking, closing and refunds still work.");
    await world.refused("NotAdmin", wallet, pause(0, wallet));
    await world.refused("PauseFlagUnknown", admin, pause(program.PAUSE_ALL + 1));

    await world.send(admin, pause(0));
    await world.send(wallet, join());
  });

  test("is handed over in two steps", async () => {
    const heir = await world.net.wallet();
    const propose = (candidate: string, signer = admin) =>
      program.getConfigAdminProposeInstructionAsync({ admin: signer, candidate: candidate as typeof heir.address });
    const accept = (candidate: typeof heir) => program.getConfigAdminAcceptInstructionAsync({ candidate });

    await world.refused("NotProposed", heir, accept(heir));
    await world.refused("NotAdmin", heir, propose(heir.address, heir));
    const proposed = await world.send(admin, propose(heir.address));
    expect(onlyEvent(proposed, "ConfigChanged")).toMatchObject({
      action: program.ConfigAction.AdminProposed,
      admin: admin.address,
      pendingAdmin: heir.address,
    });
    await world.send(admin, propose(NOBODY)); // takes it back
    await world.refused("NotProposed", heir, accept(heir));

    await world.send(admin, propose(heir.address));
    await world.refused("NotProposed", admin, accept(await world.net.wallet()));
    const accepted = await world.send(heir, accept(heir));
    expect(onlyEvent(accepted, "ConfigChanged")).toMatchObject({
      action: program.ConfigAction.AdminAccepted,
      admin: heir.address,
      pendingAdmin: NOBODY,
    });
    await world.refused("NotAdmin", admin, propose(admin.address));
    expect(await configRead()).toMatchObject({ admin: heir.address, pendingAdmin: NOBODY });
  });

  test("is at the address that the seeds give, and no other account passes for it", async () => {
    const wallet = await world.net.wallet();
    const build = (configAddress: typeof config) =>
      program.getProfileCreateInstructionAsync({
        payer: wallet,
        authority: wallet,
        config: configAddress,
        id: id(),
        bundle: blob(),
      });
    await world.refused("AccountOwnedByWrongProgram", wallet, build(wallet.address));
    await world.refused("AccountOwnedByWrongProgram", wallet, build(ACESO_PROGRAM_ADDRESS));
  });
});
