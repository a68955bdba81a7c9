import { readFileSync } from "node:fs";
import { type BlobStore, BlobMismatchError, BlobMissingError, KuboStore, MemoryStore } from "aceso";
import { addressOf, addressVerify, bytesEqual, bytesRandom, cidOf } from "aceso";
import { describe, expect, test } from "vitest";

interface Fixtures {
  cases: {
    name: string;
    op: string;
    parts: string[];
    expect: string;
    value: { cid: string; digest: string; len: number };
  }[];
}
const fixtures = JSON.parse(readFileSync("client/format/testdata/fixtures.json", "utf8")) as Fixtures;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const MIB = 1 << 20;

describe("addresses", () => {
  test("are those of Kubo", async () => {
    expect(cidOf(await addressOf(new Uint8Array()))).toBe(
      "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    );
  });

  test.each([0, 1, MIB - 1, MIB])("of %i bytes are one raw block", async (len) => {
    expect(cidOf(await addressOf(new Uint8Array(len)))).toMatch(/^bafkrei/);
  });

  test.each([MIB + 1, 3 * MIB])("of %i bytes are a node over leaves", async (len) => {
    expect(cidOf(await addressOf(new Uint8Array(len)))).toMatch(/^bafybei/);
  });

  test("refuse other bytes", async () => {
    const bytes = bytesRandom(2 * MIB + 5);
    const address = await addressOf(bytes);
    await addressVerify(address, bytes);
    const flipped = bytes.with(MIB + 3, bytes[MIB + 3]! ^ 1);
    await expect(addressVerify(address, flipped)).rejects.toThrow(BlobMismatchError);
    await expect(addressVerify(address, bytes.subarray(1))).rejects.toThrow(BlobMismatchError);
  });

  test("agree with the Rust client's fixtures", async () => {
    const small = fixtures.cases.filter(
      ({ op, expect: outcome, value }) => op === "address" && outcome === "ok" && value.len <= 8 * MIB,
    );
    expect(small.length).toBeGreaterThan(0);
    for (const { parts, value } of small) {
      const address = await addressOf(partsRead(parts));
      expect([cidOf(address), hex(address.digest), address.len]).toEqual([value.cid, value.digest, value.len]);
    }
  });
});

/** Bytes in hexadecimal, one after the other. */
const partsRead = (parts: string[]) => new Uint8Array(Buffer.from(parts.join(""), "hex"));

const kubo = process.env["ACESO_KUBO_API"];
const stores: [string, (() => BlobStore) | undefined][] = [
  ["in memory", () => new MemoryStore()],
  ["Kubo", kubo ? () => new KuboStore(kubo, 3000) : undefined],
];

describe.each(stores)("the store: %s", (_, make) => {
  test.skipIf(!make).each([0, 1, 5000, MIB, MIB + 1, 3 * MIB + 17])("gives back %i bytes", async (len) => {
    const store = make!();
    const bytes = Uint8Array.from({ length: len }, (_, index) => (index * 31 + len) & 255);
    const address = await store.put(bytes);
    expect(bytesEqual(await store.get(address), bytes)).toBe(true); // toEqual takes seconds for megabytes
    await store.remove(address);
    await store.remove(address);
  });

  test.skipIf(!make)("says that it does not have a blob", async () => {
    const address = await addressOf(bytesRandom(100));
    await expect(make!().get(address)).rejects.toThrow(BlobMissingError);
  });
});

describe("a store that lies", () => {
  test("is caught", async () => {
    const store = new MemoryStore();
    const address = await store.put(bytesRandom(5000));
    store.blobs.set(cidOf(address), bytesRandom(5000));
    await expect(store.get(address)).rejects.toThrow(BlobMismatchError);
  });

  test("or is not there, is told apart", async () => {
    const store = new KuboStore("http://127.0.0.1:1");
    await expect(store.put(bytesRandom(10))).rejects.toThrow("does not answer");
  });
});
