import { getBase58Decoder } from "@solana/kit";
import { type TransactionRead, bytesJoin, eventDecode, eventsOf, eventsRead } from "aceso";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { NOBODY, World, onlyEvent } from "../world.js";

const TAG = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];
const DISCRIMINATOR = program.EVENTS.find(({ name }) => name === "RequestChanged")!.discriminator;
const event: program.RequestChangedEventArgs = {
  action: program.RequestAction.Expired,
  request: NOBODY,
  owner: NOBODY,
  requester: NOBODY,
  scope: NOBODY,
  depositLamports: 5n,
  keptLamports: 1n,
};
const body = program.getRequestChangedEventEncoder().encode(event);
const data = bytesJoin([TAG, DISCRIMINATOR, body]);

function transaction(bytes: Uint8Array, change: { program?: string; err?: unknown; loaded?: boolean } = {}) {
  const at = (change.program ?? program.ACESO_PROGRAM_ADDRESS) as typeof NOBODY;
  return {
    transaction: { message: { accountKeys: change.loaded ? [NOBODY] : [NOBODY, at] } },
    meta: {
      err: change.err ?? null,
      loadedAddresses: { writable: [], readonly: change.loaded ? [at] : [] },
      innerInstructions: [{ index: 0, instructions: [{ programIdIndex: 1, data: getBase58Decoder().decode(bytes) }] }],
    },
  } as unknown as TransactionRead;
}

describe("events", () => {
  test("are decoded by tag and discriminator", () => {
    expect(eventDecode(data)).toEqual({ name: "RequestChanged", data: event });
    expect(eventDecode(bytesJoin([TAG, [1, 2, 3, 4, 5, 6, 7, 8], body]))).toBeUndefined();
    expect(eventDecode(bytesJoin([DISCRIMINATOR, body]))).toBeUndefined();
    expect(eventDecode(new Uint8Array())).toBeUndefined();
  });

  test("count only when our program called itself in a transaction that was executed", () => {
    expect(eventsOf(eventsRead(transaction(data)), "RequestChanged")).toEqual([event]);
    expect(eventsRead(transaction(data, { loaded: true }))).toHaveLength(1);
    expect(eventsRead(transaction(data, { program: NOBODY }))).toEqual([]);
    expect(eventsRead(transaction(data, { err: { InstructionError: [0, "Custom"] } }))).toEqual([]);
    expect(eventsRead({ ...transaction(data), meta: null })).toEqual([]);
  });

  test("cannot be forged: the program takes them from nobody but itself", async () => {
    const world = await World.start();
    const wallet = await world.net.wallet();
    const [eventAuthority] = await program.findEventAuthorityPda();
    const forged = (role: 0 | 2) => ({
      programAddress: program.ACESO_PROGRAM_ADDRESS,
      accounts: [role === 0 ? { address: eventAuthority, role } : { address: wallet.address, role, signer: wallet }],
      data,
    });
    // Nobody can sign for the event authority; without its signature, or with another account's, it is refused.
    await world.refused("ConstraintSigner", wallet, forged(0));
    await world.refused("ConstraintSeeds", wallet, forged(2));
    const person = await world.person();
    const sent = await world.send(
      person.wallet,
      program.getProfileRetireInstructionAsync({ authority: person.wallet, profile: person.profile }),
    );
    expect(onlyEvent(sent, "ProfileChanged").profile).toBe(person.profile);
  });
});
