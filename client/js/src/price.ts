// What a lease costs and weighs, as programs/aceso/README.md, "Storage market", fixes it.
import { LEAF_BYTES, LEAVES_PER_GIB, MAX_STORED_LEN, MIN_WEIGHT_LEAVES } from "./generated/tables/constants.js";
import type { MarketTerms } from "./generated/types/index.js";
import { AcesoError } from "./errors.js";

/** `status` of a peer. */
export const PeerStatus = { Active: 0, Draining: 1, Defaulted: 2 } as const;

/** `status` of a lease. Why it has ended: `EndReason`. */
export const LeaseStatus = { Offered: 0, Live: 1, Ended: 2 } as const;

/** Number of the epoch at that time. Ask the chain for the time, not this computer. */
export const epochAt = (unixSecs: bigint, epochSecs: bigint): bigint => unixSecs / epochSecs;

/** Leaves of so many stored bytes. */
export const leafCount = (storedLen: bigint): bigint => ceilDiv(storedLen, LEAF_BYTES);

/** Leaves that so many bytes are billed and drawn by: 1 MiB's at least. */
export function leaseWeight(storedLen: bigint): bigint {
  if (storedLen < 1n || storedLen > MAX_STORED_LEN)
    throw new AcesoError(`A lease holds 1 to ${MAX_STORED_LEN} bytes, not ${storedLen}.`);
  const leaves = leafCount(storedLen);
  return leaves > MIN_WEIGHT_LEAVES ? leaves : MIN_WEIGHT_LEAVES;
}

/** What a lease of that weight costs in each epoch, in base units of the peer's mint. */
export function leasePrice(peer: { priceFlat: bigint; pricePerGib: bigint }, weight: bigint): bigint {
  return peer.priceFlat + ceilDiv(weight * peer.pricePerGib, LEAVES_PER_GIB);
}

/** What a peer loses to the owner when it loses the lease. The terms are those of the peer's ledger. */
export function leaseLock(peer: { lockFloor: bigint }, terms: Pick<MarketTerms, "lockEpochs">, price: bigint): bigint {
  const lock = price * BigInt(terms.lockEpochs);
  return lock > peer.lockFloor ? lock : peer.lockFloor;
}

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
