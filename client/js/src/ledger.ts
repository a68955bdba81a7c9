// What a peer has to prove: its ledger, the tree of weights behind it, and the leaves that challenges name.
import { type Address, fetchEncodedAccount, getAddressEncoder } from "@solana/kit";
import { bytesJoin, sha256 } from "./bytes.js";
import type { Chain } from "./chain.js";
import { AcesoError } from "./errors.js";
import { type Beacon, type Ledger, decodeLedger, fetchBeacon, getLedgerSize } from "./generated/accounts/index.js";
import { findBeaconPda, findLedgerPda } from "./generated/pdas/index.js";
import { CHALLENGE_LABEL } from "./generated/tables/constants.js";
import type { Draw } from "./generated/types/index.js";
import { leafCount } from "./price.js";

/** A ledger with the nodes of its tree; node n, from 1, is at n - 1. */
export interface LedgerTree extends Ledger {
  readonly address: Address;
  readonly nodes: readonly bigint[];
}

/** What a peer owes proofs for. */
export interface Debt {
  /** Number of the armed epoch, and the epoch itself. */
  readonly seq: bigint;
  readonly epoch: bigint;
  readonly draw: Draw;
  /** Weight that challenges fall into: that of the set when the epoch was armed. */
  readonly range: bigint;
  /** Proofs credit the epoch until this second. */
  readonly untilSecs: bigint;
  /** Open challenges can be given up by anyone. */
  readonly isPastGrace: boolean;
  /** Challenges neither answered nor given up. */
  readonly open: number[];
}

/** A challenge: the lease in `slot` of the tree is to prove leaf `rest` mod its leaf count. */
export interface Challenge {
  readonly k: number;
  readonly slot: number;
  readonly rest: bigint;
}

export async function beaconRead(chain: Chain): Promise<Beacon> {
  return (await fetchBeacon(chain.rpc, (await findBeaconPda())[0])).data;
}

export async function ledgerRead(chain: Chain, peer: Address): Promise<LedgerTree> {
  const [address] = await findLedgerPda({ peer });
  const account = await fetchEncodedAccount(chain.rpc, address);
  if (!account.exists) throw new AcesoError(`${peer} has no ledger. Is it a peer, and of this cluster?`);
  return { ...decodeLedger(account).data, address, nodes: nodesRead(account.data) };
}

/** The nodes behind the header, which codama knows nothing of. */
export function nodesRead(data: Uint8Array): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const start = getLedgerSize();
  return Array.from({ length: (data.length - start) >> 3 }, (_, n) => view.getBigUint64(start + n * 8, true));
}

/** The slot that `offset` falls into when the weights of all slots are laid end to end, and how far into it. */
export function fenwickFind(nodes: readonly bigint[], slots: number, offset: bigint): { slot: number; rest: bigint } {
  let [before, rest] = [0, offset];
  for (let step = 2 ** Math.floor(Math.log2(Math.max(slots, 1))); step >= 1; step /= 2) {
    const sum = before + step <= slots ? nodes[before + step - 1] : undefined;
    if (sum === undefined || sum > rest) continue;
    before += step;
    rest -= sum;
  }
  if (before >= slots) throw new AcesoError(`The tree of weights ends before ${offset}. Fetch the ledger again.`);
  return { slot: before, rest };
}

/** Where challenge `k` falls in a range: the same for all who know the seed. */
export async function challengeOffset(
  seed: ArrayLike<number>,
  peer: Address,
  k: number,
  range: bigint,
): Promise<bigint> {
  const label = new TextEncoder().encode(CHALLENGE_LABEL);
  const hash = await sha256(bytesJoin([label, seed, getAddressEncoder().encode(peer), [k]]));
  const view = new DataView(hash.buffer);
  return ((view.getBigUint64(8, true) << 64n) | view.getBigUint64(0, true)) % range;
}

/** The oldest epoch that a peer owes proofs for, as the program will see it; nothing when none is drawn and owed. */
export function debtOf(ledger: LedgerTree, beacon: Beacon): Debt | undefined {
  const seq = ledger.nextSeq;
  // Without weight nothing is owed, and epochs that nobody has pinned yet count as the set stands.
  if ((seq === ledger.pinned && ledger.total === 0n) || seq >= beacon.draws) return undefined;
  const place = Number(seq % BigInt(beacon.ring.length));
  const draw = beacon.ring[place];
  if (!draw || beacon.arms - seq > BigInt(beacon.ring.length))
    throw new AcesoError(
      "The peer's debt is older than the beacon remembers. It can only be defaulted (peer_default).",
    );
  const closed = ledger.answered | ledger.defaulted;
  return {
    seq,
    epoch: draw.epoch,
    draw,
    range: seq < ledger.pinned ? ledger.ranges[place]! : ledger.total,
    untilSecs: draw.drawnAtSecs + BigInt(ledger.terms.windowSecs),
    isPastGrace: beacon.draws - seq - 1n >= BigInt(ledger.terms.graceDraws),
    open: Array.from({ length: ledger.terms.challenges }, (_, k) => k).filter((k) => ((closed >>> k) & 1) === 0),
  };
}

/** The slot and the leaf that challenge `k` of a debt names. */
export async function challengeFind(ledger: LedgerTree, debt: Debt, k: number): Promise<Challenge> {
  const offset = await challengeOffset(Uint8Array.from(debt.draw.seed), ledger.peer, k, debt.range);
  return { k, ...fenwickFind(ledger.nodes, ledger.slots, offset) };
}

/** Number of the leaf that a challenge, or a spot check at `rest`, names of a lease. */
export const leafNamed = (lease: { storedLen: bigint }, rest: bigint): bigint => rest % leafCount(lease.storedLen);

/** Whether an epoch is credited, among the last 4,096 up to the newest credited one. */
export function isCredited(ledger: Ledger, epoch: bigint): boolean {
  const bits = BigInt(ledger.credited.length) * 64n;
  if (epoch >= ledger.creditedUntil || epoch + bits < ledger.creditedUntil) return false;
  return ((ledger.credited[Number((epoch % bits) >> 6n)]! >> (epoch & 63n)) & 1n) === 1n;
}
