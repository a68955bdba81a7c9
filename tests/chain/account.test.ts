import * as program from "aceso/program";
import { fetchEncodedAccount } from "@solana/kit";
import { describe, expect, test } from "vitest";
import { World } from "../world.js";

const world = await World.start();
const { admin } = world.net;
const [config] = await program.findConfigPda();

/** Bytes of Config that a layout before the first would have lacked, and where the layout's number is. */
const LACKS = 56;
const LAYOUT_AT = 8 + 32 + 8 + 1;

const migrate = () => Promise.resolve(program.getAccountMigrateInstruction({ payer: admin, account: config }));

async function configBytes() {
  const account = await fetchEncodedAccount(world.chain.rpc, config);
  if (!account.exists) throw new Error("there is no config");
  return account;
}

describe.sequential("an account of an older layout", () => {
  test("is widened to the newest one, and keeps every byte that it had", async () => {
    const newest = await configBytes();
    const older = newest.data.slice(0, -LACKS);
    older[LAYOUT_AT] = 0;
    world.net.accountSet(config, { lamports: Number(newest.lamports), data: older, owner: newest.programAddress });

    await world.send(admin, migrate());
    expect((await configBytes()).data).toEqual(newest.data);
  });

  test("is refused when it is in the newest layout already", async () => {
    await world.refused("LayoutCurrent", admin, migrate());
  });
});
