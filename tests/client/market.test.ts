import { getU64Encoder } from "@solana/kit";
import { addressFrom, bytesJoin, bytesRandom } from "aceso";
import {
  challengeOffset,
  epochAt,
  fenwickFind,
  leafCount,
  leaseLock,
  leasePrice,
  leaseWeight,
  nodesRead,
  proofMake,
  proofRoot,
  proofVerify,
} from "aceso/market";
import { MAX_STORED_LEN, getLedgerSize } from "aceso/program";
import { describe, expect, test } from "vitest";

test("a lease weighs 1 MiB at least, and its price is rounded up", () => {
  expect([1n, 512n, 513n, 1n << 20n].map(leafCount)).toEqual([1n, 1n, 2n, 2048n]);
  expect([1n, 1n << 20n, (1n << 20n) + 1n, MAX_STORED_LEN].map(leaseWeight)).toEqual([2048n, 2048n, 2049n, 1n << 25n]);
  for (const len of [0n, MAX_STORED_LEN + 1n]) expect(() => leaseWeight(len)).toThrow("A lease holds");
  expect(leasePrice({ priceFlat: 10n, pricePerGib: 1n }, 2048n)).toBe(11n);
  expect(leasePrice({ priceFlat: 0n, pricePerGib: 2n ** 40n }, 1n << 25n)).toBe(2n ** 44n);
  expect(leaseLock({ lockFloor: 100n }, { lockEpochs: 30 }, 3n)).toBe(100n);
  expect(leaseLock({ lockFloor: 100n }, { lockEpochs: 30 }, 4n)).toBe(120n);
  expect(epochAt(86_399n, 86_400n)).toBe(0n);
});

test("an offset falls into the slot that the weights say, emptied slots or not", () => {
  const slots = 37;
  const weights = Array.from({ length: slots }, (_, n) => (n % 5 === 3 ? 0n : BigInt(1 + ((n * 7) % 11))));
  const covers = (n: number) => n & -n;
  const nodes = weights.map((_, at) =>
    weights.slice(at + 1 - covers(at + 1), at + 1).reduce((sum, weight) => sum + weight, 0n),
  );
  // As they lie behind the header of the account, with room for more, of which nothing is said.
  const u64 = (value: bigint) => getU64Encoder().encode(value);
  const data = bytesJoin([new Uint8Array(getLedgerSize()), ...nodes.map(u64), bytesRandom(88)]);
  const read = nodesRead(data);
  expect([read.length, read.slice(0, slots)]).toEqual([slots + 11, nodes]);
  let offset = 0n;
  weights.forEach((weight, slot) => {
    for (let rest = 0n; rest < weight; rest++, offset++)
      expect(fenwickFind(read, slots, offset)).toEqual({ slot, rest });
  });
  expect(() => fenwickFind(read, slots, offset)).toThrow("ends before");
  expect(() => fenwickFind([], 0, 0n)).toThrow("ends before");
});

test("a challenge is the same for all who know the seed", async () => {
  const [seed, peer] = [new Uint8Array(32).fill(7), addressFrom(new Uint8Array(32).fill(9))];
  const offsets = await Promise.all([0, 1, 2].map((k) => challengeOffset(seed, peer, k, 1n << 40n)));
  expect(new Set(offsets).size).toBe(3);
  expect(await challengeOffset(seed, peer, 1, 1n << 40n)).toBe(offsets[1]);
  expect(await challengeOffset(seed, peer, 1, 1n)).toBe(0n);
});

describe("a proof of a leaf", () => {
  test.each([1, 511, 512, 513, 1024, 1025, 2560, 3000, 512 * 33 + 5])(
    "of %i bytes is what the WASM expects",
    async (len) => {
      const stored = bytesRandom(len);
      const root = await proofRoot(stored);
      const count = leafCount(BigInt(len));
      for (let index = 0n; index < count; index++)
        await proofVerify(root, BigInt(len), index, await proofMake(stored, index));
      const first = await proofMake(stored, 0n);
      await expect(proofVerify(root, BigInt(len), count, first)).rejects.toThrow();
      await expect(proofVerify(root, BigInt(len + 1), 0n, first)).rejects.toThrow();
      await expect(proofMake(stored, count)).rejects.toThrow("There is no leaf");
    },
  );
});
