// Asking for a chart, and answering, with the reason in words that only the owner reads.
import {
  FormatError,
  MemoryStore,
  type Pin,
  type Place,
  bytesEqual,
  chainConnect,
  contactRead,
  folderCreate,
  grantCreate,
  profileCreate,
  recordOpen,
  recordPut,
  recordUpdate,
  requestApprove,
  requestCreate,
  requestReason,
} from "aceso";
import * as program from "aceso/program";
import { type RpcTransport, type Address, createDefaultRpcTransport } from "@solana/kit";
import { describe, expect, test } from "vitest";
import { World } from "../world.js";

const world = await World.start();
const store = new MemoryStore();
const place: Place = { chain: world.chain, store };
const newcomer = async () => profileCreate(place, await world.net.wallet(), () => {});
const text = (words: string) => new TextEncoder().encode(words);

describe("a request", () => {
  test.each(["folder", "record"] as const)("is read by the owner and approved for a %s", async (kind) => {
    const [patient, surgeon, stranger] = [await newcomer(), await newcomer(), await newcomer()];
    const folder = await folderCreate(place, patient);
    const record = await recordPut(place, patient, folder, text("MRI"), { title: "MRI" });
    const scope = kind === "record" ? { folder, record } : { folder };
    const reason = "Operation on Tuesday – bitte um Einsicht 🙏";
    const ask = { scope, purpose: "TREAT", durationSecs: 500n, reason } as const;
    const request = await requestCreate(place, surgeon, patient.profile, ask);
    expect(await requestReason(place, patient, request)).toBe(reason);
    await expect(requestReason(place, stranger, request)).rejects.toThrow(FormatError);

    const grant = await requestApprove(place, patient, request, scope);
    expect(await world.exists(request)).toBe(false);
    const { fromSecs, untilSecs, purpose: granted } = await world.grantRead(grant);
    expect([untilSecs - fromSecs, granted]).toEqual([500n, program.PURPOSES.TREAT]);
    expect(bytesEqual((await recordOpen(place, surgeon, record)).content, text("MRI"))).toBe(true);
  });

  test("has a reason whose length tells nothing", async () => {
    const [patient, surgeon] = [await newcomer(), await newcomer()];
    const lengths = [];
    for (const reason of ["", "x".repeat(1000), "x".repeat(16_384)]) {
      const ask = { purpose: "COC", durationSecs: 60n, reason } as const;
      const request = await requestCreate(place, surgeon, patient.profile, ask);
      lengths.push((await program.fetchRequest(world.chain.rpc, request)).data.reasonLen);
      expect(await requestReason(place, patient, request)).toBe(reason);
    }
    expect(lengths).toEqual([1024 + 1137, 1024 + 1137, 17 * 1024 + 1137]);
  });
});

describe("a new version", () => {
  test("opens for those who read the folder and those who read the record", async () => {
    const [patient, reader, friend] = [await newcomer(), await newcomer(), await newcomer()];
    const folder = await folderCreate(place, patient);
    const record = await recordPut(place, patient, folder, text("draft"), { title: "Letter", tags: ["a"] });
    await grantCreate(place, patient, { folder }, reader.profile, { purpose: "TREAT" });
    await grantCreate(place, patient, { folder, record }, friend.profile, { purpose: "FAMRQT" });
    expect(await recordUpdate(place, patient, record, text("final"), { title: "Final letter" })).toBe(2);
    for (const who of [patient, reader, friend]) {
      const { content, manifest } = await recordOpen(place, who, record);
      expect(new TextDecoder().decode(content)).toBe("final");
      expect(manifest).toMatchObject({ version: 2, title: "Final letter", tags: ["a"], previous: { version: 1 } });
    }
  });
});

describe("a node that swaps somebody's keys", () => {
  /** Shows `shown` where the account `asked` was asked for. */
  function liar(asked: Address, shown: Address): RpcTransport {
    const honest = createDefaultRpcTransport({ url: world.net.rpcUrl });
    return ((request: Parameters<RpcTransport>[0]) => {
      const payload = JSON.parse(JSON.stringify(request.payload).replaceAll(asked, shown)) as unknown;
      return honest({ ...request, payload });
    }) as RpcTransport;
  }

  test("is caught by the wallet's signature, by pins, and by a second node", async () => {
    const [patient, thief] = [await newcomer(), await newcomer()];
    const lying = chainConnect(liar(patient.profile, thief.profile));
    // The thief's whole account in place of the patient's: its bundle is about another profile.
    await expect(contactRead({ ...place, chain: lying }, patient.profile)).rejects.toThrow(FormatError);

    // With a bundle that the thief's own wallet has signed for the patient's profile only memory helps, or another node.
    const pins = new Map<Address, Pin>();
    const seen = await contactRead({ ...place, pins }, patient.profile);
    const wallet = patient.wallet.address;
    expect(pins.get(patient.profile)).toEqual({ keyVersion: 1, fingerprint: seen.fingerprint, wallet });
    expect(seen.fingerprint).toMatch(/^(\d{5} ){11}\d{5}$/);
    pins.set(patient.profile, { keyVersion: 1, fingerprint: "other", wallet });
    await expect(contactRead({ ...place, pins }, patient.profile)).rejects.toThrow("other keys");
    pins.set(patient.profile, { keyVersion: 2, fingerprint: seen.fingerprint, wallet });
    await expect(contactRead({ ...place, pins }, patient.profile)).rejects.toThrow("other keys");

    await contactRead({ ...place, second: world.chain }, patient.profile);
    await expect(contactRead({ ...place, second: lying }, patient.profile)).rejects.toThrow("Two nodes");
  });
});
