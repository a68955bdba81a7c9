// Proofs of leaves of stored bytes that fit in memory: client/format/SPEC.md, "Proof tree". The root is the WASM's.
import { bytesJoin, sha256 } from "./bytes.js";
import { AcesoError } from "./errors.js";
import { format } from "./format.js";
import { LEAF_BYTES } from "./generated/tables/constants.js";
import { leafCount } from "./price.js";

/** A leaf and its siblings, from the leaf up. */
export interface LeafProof {
  readonly leaf: Uint8Array;
  readonly path: Uint8Array[];
}

/** What is on chain for these bytes: their length and proof tree under one hash. */
export function proofRoot(stored: Uint8Array): Promise<Uint8Array> {
  return format((module) => module.proofRoot(stored));
}

/** The proof that leaf number `index` is what it is. */
export async function proofMake(stored: Uint8Array, index: bigint): Promise<LeafProof> {
  const count = Number(leafCount(BigInt(stored.length)));
  let at = Number(index);
  if (at >= count) throw new AcesoError(`There is no leaf ${index}: these bytes have ${count}.`);
  const size = Number(LEAF_BYTES);
  const leafOf = (leaf: number) => stored.subarray(leaf * size, (leaf + 1) * size);
  let level = await Promise.all(Array.from({ length: count }, (_, leaf) => sha256(bytesJoin([[0], leafOf(leaf)]))));
  const path: Uint8Array[] = [];
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    if (sibling) path.push(sibling); // a last node without one is its own parent
    level = await Promise.all(pairs(level).map(([l, r]) => (r ? sha256(bytesJoin([[1], l, r])) : l)));
    at >>= 1;
  }
  return { leaf: leafOf(Number(index)), path };
}

/** Refuses what is not leaf number `index` of `len` stored bytes under that root. */
export function proofVerify(root: Uint8Array, len: bigint, index: bigint, { leaf, path }: LeafProof): Promise<void> {
  return format((module) => module.proofVerify(root, Number(len), Number(index), leaf, bytesJoin(path)));
}

function pairs(level: Uint8Array[]): [Uint8Array, Uint8Array | undefined][] {
  return Array.from({ length: Math.ceil(level.length / 2) }, (_, n) => [level[2 * n]!, level[2 * n + 1]]);
}
