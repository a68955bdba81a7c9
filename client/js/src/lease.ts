import {
  type AccountMeta,
  AccountRole,
  type Address,
  type Base58EncodedBytes,
  type Instruction,
  getBase58Decoder,
  getBase64Encoder,
} from "@solana/kit";
import { addressOf } from "./address.js";
import { type Chain, type Sent, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { format } from "./format.js";
import { type Lease, LEASE_DISCRIMINATOR, fetchLease, fetchPeer, getLeaseDecoder } from "./generated/accounts/index.js";
import { getLeaseClaimInstructionAsync, getLeaseOpenInstructionAsync } from "./generated/instructions/index.js";
import { findLeasePda } from "./generated/pdas/index.js";
import { ACESO_PROGRAM_ADDRESS } from "./generated/programs/index.js";
import { LeaseKind } from "./generated/types/index.js";
import { type Identity, type Place, addressBytes, payerOf } from "./identity.js";
import { ledgerRead } from "./ledger.js";
import { leaseLock, leasePrice, leaseWeight } from "./price.js";
import { proofRoot } from "./proof.js";

/** Bytes as a lease stores them: their address, and the root that the peer proves. */
export interface StoredCopy {
  readonly digest: Uint8Array;
  readonly len: number;
  readonly root: Uint8Array;
}

/** What a lease covers; left out, the owner's bundle. A pack is of the folder, and has a number. */
export interface LeaseScope {
  readonly folder?: Address;
  readonly record?: Address;
  readonly pack?: number;
}

/** What a lease costs, in base units of `mint`. */
export interface LeaseCost {
  readonly mint: Address;
  /** For each epoch that the peer proves. */
  readonly price: bigint;
  /** Paid in now. What is not proven comes back. */
  readonly total: bigint;
  /** What the peer pays the owner if it loses the bytes. */
  readonly lock: bigint;
}

export interface LeaseOrder {
  readonly peer: Address;
  readonly scope: LeaseScope;
  readonly copy: StoredCopy;
  /** Epochs to pay for. */
  readonly epochs: number;
  /** Token account of the owner's wallet, of the peer's mint. */
  readonly source: Address;
  /** Is shown the cost before anything is signed; the lease is opened only if it agrees. */
  readonly agree: (cost: LeaseCost) => boolean | Promise<boolean>;
}

/** Where a lease of that owner on that scope lies. A copy of a record is masked for it. */
export async function leaseAddress(owner: Address, peer: Address, scope: LeaseScope): Promise<Address> {
  const kind = kindOf(scope);
  const named = scope.record ?? scope.folder ?? owner;
  return (await findLeasePda({ scope: named, peer, kind, number: scope.pack ?? 0 }))[0];
}

/** What so many bytes for so many epochs cost with a peer at its present price. */
export async function leaseCost(chain: Chain, peer: Address, storedLen: bigint, epochs: number): Promise<LeaseCost> {
  const [{ data }, { terms }] = [await fetchPeer(chain.rpc, peer), await ledgerRead(chain, peer)];
  const price = leasePrice(data, leaseWeight(storedLen));
  return { mint: data.mint, price, total: price * BigInt(epochs), lock: leaseLock(data, terms, price) };
}

/** A keyring or bundle as it is stored: as it is. */
export async function copyAsIs(bytes: Uint8Array): Promise<StoredCopy> {
  return { ...(await addressOf(bytes)), root: await proofRoot(bytes) };
}

/** A record's copy for one lease: the sealed content, masked for that lease alone, and the head behind it. */
export async function copyOfRecord(
  lease: Address,
  record: Address,
  contentKey: Uint8Array,
  content: Uint8Array,
  head: Uint8Array,
): Promise<StoredCopy & { bytes: Uint8Array }> {
  return format((module) => {
    const mask = module.maskKey(contentKey, addressBytes(lease), addressBytes(record));
    const builder = new module.CopyBuilder();
    const masked = builder.pushMasked(mask, 0, content);
    builder.push(head);
    const { digest, len, root } = builder.finish();
    const bytes = new Uint8Array(masked.length + head.length);
    bytes.set(masked);
    bytes.set(head, masked.length);
    return { digest, len, root, bytes };
  });
}

/**
 * Offers a peer a lease, at its present price and not more. Then send the peer the bytes: it accepts what it holds. An
 * offer that is not accepted in time is expired by anyone, and claimed back.
 */
export async function leaseOpen(place: Place, owner: Identity, order: LeaseOrder): Promise<Address> {
  const { peer, scope, copy, epochs, source } = order;
  const { data } = await fetchPeer(place.chain.rpc, peer);
  const cost = await leaseCost(place.chain, peer, BigInt(copy.len), epochs);
  if (!(await order.agree(cost))) throw new AcesoError("The lease was not opened: its cost was not agreed to.");
  const lease = await leaseAddress(owner.profile, peer, scope);
  const payer = payerOf(place, owner);
  const open = await getLeaseOpenInstructionAsync({
    payer,
    authority: owner.wallet,
    actor: owner.profile,
    owner: owner.profile,
    ...(scope.folder ? { folder: scope.folder } : {}),
    ...(scope.record ? { record: scope.record } : {}),
    peer,
    funder: owner.wallet,
    source,
    mint: data.mint,
    tokenProgram: data.tokenProgram,
    lease,
    kind: kindOf(scope),
    number: scope.pack ?? 0,
    root: copy.root,
    digest: copy.digest,
    storedLen: copy.len,
    epochs,
    priceMax: cost.price,
  });
  await transactionSend(place.chain, payer, [open]);
  return lease;
}

/** Fetches what a lease owes its owner into a token account of the owner's wallet. Anybody may pay the fee for that. */
export async function leaseClaim(
  place: Place,
  sender: Pick<Identity, "wallet">,
  lease: Address,
  destination: Address,
): Promise<Sent> {
  const { owner, peer } = (await fetchLease(place.chain.rpc, lease)).data;
  const { mint, tokenProgram } = (await fetchPeer(place.chain.rpc, peer)).data;
  const claim = await getLeaseClaimInstructionAsync({ peer, lease, owner, mint, tokenProgram, destination });
  return transactionSend(place.chain, payerOf(place, sender), [claim]);
}

/** The lease in a slot of a peer's tree. Asks the node for all leases of the peer: a daemon keeps an index instead. */
export async function leaseInSlot(chain: Chain, peer: Address, slot: number): Promise<Lease & { address: Address }> {
  const found = (await leasesOf(chain, { peer })).find((lease) => lease.hasSlot === 1 && lease.slot === slot);
  if (!found) throw new AcesoError(`The node shows no lease in slot ${slot} of ${peer}. Ask another node.`);
  return found;
}

/** All leases of a peer, or of an owner. */
export async function leasesOf(
  chain: Chain,
  of: { peer: Address } | { owner: Address },
): Promise<(Lease & { address: Address })[]> {
  const [offset, address] = "peer" in of ? [88n, of.peer] : [56n, of.owner];
  const memcmp = (offset: bigint, bytes: string) => ({
    memcmp: { offset, bytes: bytes as Base58EncodedBytes, encoding: "base58" as const },
  });
  const accounts = await chain.rpc
    .getProgramAccounts(ACESO_PROGRAM_ADDRESS, {
      encoding: "base64",
      commitment: "confirmed",
      filters: [memcmp(0n, getBase58Decoder().decode(LEASE_DISCRIMINATOR)), memcmp(offset, address)],
    })
    .send();
  return accounts.map(({ pubkey, account }) => ({
    address: pubkey,
    ...getLeaseDecoder().decode(getBase64Encoder().encode(account.data[0])),
  }));
}

/**
 * An instruction about several leases, with them behind its own accounts: `lease_settle` and `set_apply` write them,
 * `proof_submit` does not (then `role` is READONLY).
 */
export function withLeases<I extends Instruction>(
  instruction: I,
  leases: readonly Address[],
  role: AccountRole.READONLY | AccountRole.WRITABLE = AccountRole.WRITABLE,
): I {
  const named: AccountMeta[] = leases.map((address) => ({ address, role }));
  return { ...instruction, accounts: [...(instruction.accounts ?? []), ...named] };
}

function kindOf({ folder, record, pack }: LeaseScope): LeaseKind {
  if (record) return LeaseKind.Record;
  if (!folder) return LeaseKind.Bundle;
  return pack === undefined ? LeaseKind.Keyring : LeaseKind.Pack;
}
