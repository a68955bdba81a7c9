import { type Address, type Signature, getAddressEncoder, getU64Encoder } from "@solana/kit";
import { type Chain, transactionRead } from "./chain.js";
import { AcesoError } from "./errors.js";
import { eventsOf, eventsRead } from "./events.js";
import { AUDIT_LABEL } from "./generated/tables/constants.js";
import { type AuditedEvent, type Entry, getEntryEncoder } from "./generated/types/index.js";
import { bytesEqual, bytesJoin, sha256 } from "./bytes.js";

/** How a node lied about a trail. */
export type AuditFault =
  /** An entry that the program wrote is missing. */
  | "dropped"
  /** Entries are there, in another order than the program wrote them. */
  | "reordered"
  /** An entry is there that the program did not write like this. */
  | "invented";

export class AuditError extends AcesoError {
  override name = "AuditError";
  constructor(
    readonly fault: AuditFault,
    /** Place of the first wrong entry in the trail; the first entry is 1. */
    readonly place: bigint,
    sentence: string,
  ) {
    super(`${sentence} Do not trust this node: ask another one.`);
  }
}

/** What the account of a folder or record says of its own trail. */
export interface AuditAccount {
  readonly address: Address;
  readonly meta: { readonly createdSlot: bigint };
  readonly auditHead: Uint8Array;
  readonly auditCount: bigint;
}

/** An account from codama (`{ address, data }`) as the trail needs it. */
export function auditAccount(account: {
  address: Address;
  data: { meta: { createdSlot: bigint }; auditHead: unknown; auditCount: bigint };
}): AuditAccount {
  return {
    address: account.address,
    meta: account.data.meta,
    auditHead: Uint8Array.from(account.data.auditHead as Iterable<number>),
    auditCount: account.data.auditCount,
  };
}

/** Head of an empty trail: SHA-256(label ‖ address ‖ creation slot). */
export function auditGenesis(scope: Address, createdSlot: bigint): Promise<Uint8Array> {
  const label = new TextEncoder().encode(AUDIT_LABEL);
  return sha256(bytesJoin([label, getAddressEncoder().encode(scope), getU64Encoder().encode(createdSlot)]));
}

/** Head of a trail with one entry more: SHA-256(head ‖ entry). */
export function auditExtend(head: Uint8Array, entry: Entry): Promise<Uint8Array> {
  return sha256(bytesJoin([head, getEntryEncoder().encode(entry)]));
}

/**
 * Recomputes a trail from the events that a node shows, in the order shown, and compares it with the account.
 * Returns the entries, which are then exactly those that the program wrote; throws an AuditError that names the lie.
 */
export async function auditVerify(account: AuditAccount, events: readonly AuditedEvent[]): Promise<Entry[]> {
  // What an earlier account at this address went through is another trail.
  const shown = events
    .filter(({ entry }) => entry.slot >= account.meta.createdSlot)
    .flatMap(({ entry, links }) =>
      links.filter(({ scope }) => scope === account.address).map((link) => ({ entry, link })),
    );
  const counts = new Set(shown.map(({ link }) => link.count));
  let head = await auditGenesis(account.address, account.meta.createdSlot);
  let place = 0n;
  for (const { entry, link } of shown) {
    place += 1n;
    if (link.count !== place) {
      if (!counts.has(place)) throw new AuditError("dropped", place, `Entry ${place} of the trail is missing.`);
      if (link.count < place && counts.size < shown.length)
        throw new AuditError("invented", place, `Entry ${link.count} of the trail is shown twice.`);
      throw new AuditError("reordered", place, `Entry ${link.count} stands where entry ${place} belongs.`);
    }
    head = await auditExtend(head, entry);
    if (!bytesEqual(head, Uint8Array.from(link.head as Iterable<number>)))
      throw new AuditError("invented", place, `Entry ${place} is not the one that the program wrote.`);
  }
  if (place < account.auditCount)
    throw new AuditError("dropped", place + 1n, `Entry ${place + 1n} of ${account.auditCount} is missing.`);
  if (place > account.auditCount)
    throw new AuditError(
      "invented",
      account.auditCount + 1n,
      `The trail has ${account.auditCount} entries, not ${place}.`,
    );
  // Whoever rewrites entries can rewrite the heads beside them; the account's is the one that counts.
  if (!bytesEqual(head, account.auditHead))
    throw await rewrittenName(
      account,
      shown.map(({ entry }) => entry),
    );
  return shown.map(({ entry }) => entry);
}

/** The entries fit each other but not the account. If two of them only changed places, say so. */
async function rewrittenName(account: AuditAccount, entries: Entry[]): Promise<AuditError> {
  const first = await auditGenesis(account.address, account.meta.createdSlot);
  for (let i = 0; i + 1 < entries.length; i++) {
    const swapped = entries.with(i, entries[i + 1]!).with(i + 1, entries[i]!);
    let head = first;
    for (const entry of swapped) head = await auditExtend(head, entry);
    if (bytesEqual(head, account.auditHead))
      return new AuditError("reordered", BigInt(i + 1), `Entries ${i + 1} and ${i + 2} have changed places.`);
  }
  return new AuditError("invented", BigInt(entries.length), "An entry of the trail is not what the program wrote.");
}

/** All events that a node shows for a folder or record, oldest first. Nodes prune: an old trail may come short. */
export async function auditFetch(chain: Chain, scope: Address): Promise<AuditedEvent[]> {
  const signatures: Signature[] = [];
  for (let before: Signature | undefined; ;) {
    const page = await chain.rpc
      .getSignaturesForAddress(scope, { limit: 1000, commitment: "confirmed", ...(before ? { before } : {}) })
      .send();
    signatures.push(...page.filter(({ err }) => err === null).map(({ signature }) => signature));
    before = page.at(-1)?.signature;
    if (page.length < 1000) break;
  }
  const events: AuditedEvent[] = [];
  for (const signature of signatures.toReversed()) {
    const transaction = await transactionRead(chain, signature);
    if (transaction) events.push(...eventsOf(eventsRead(transaction), "Audited"));
  }
  return events.filter(({ links }) => links.some((link) => link.scope === scope));
}
