import type { Address } from "@solana/kit";
import { type Sent, timeRead, transactionSend } from "./chain.js";
import { fetchGrant } from "./generated/accounts/index.js";
import { getGrantCreateInstructionAsync, getGrantRevokeInstructionAsync } from "./generated/instructions/index.js";
import { findGrantPda } from "./generated/pdas/index.js";
import { NO_END, PERMIT_OPEN, PURPOSES, type PurposeCode } from "./generated/tables/constants.js";
import type { TermsArgs } from "./generated/types/index.js";
import { reseal } from "./head.js";
import { type Identity, type Place, contactRead, payerOf } from "./identity.js";

export interface Terms {
  readonly purpose: PurposeCode;
  /** `PERMIT_*` flags; opening alone by default. */
  readonly permissions?: number;
  /** Unix seconds; by default now. */
  readonly fromSecs?: bigint;
  /** The last second; by default there is none. */
  readonly untilSecs?: bigint;
}

/** What a grant is about: a whole folder, or one record in it. */
export interface Scope {
  readonly folder: Address;
  readonly record?: Address;
}

/** Lets a reader open a folder or a record: the owner's packets and the grant change in one transaction. */
export async function grantCreate(
  place: Place,
  owner: Identity,
  scope: Scope,
  reader: Address,
  terms: Terms,
): Promise<Address> {
  const contact = await contactRead(place, reader);
  const payer = payerOf(place, owner);
  const at = scope.record ?? scope.folder;
  const create = await getGrantCreateInstructionAsync({
    payer,
    authority: owner.wallet,
    actor: owner.profile,
    owner: owner.profile,
    folder: scope.folder,
    ...(scope.record ? { record: scope.record } : {}),
    reader,
    scope: at,
    readerBundleDigest: contact.bundleDigest,
    terms: await termsOf(place, terms),
    resealed: await reseal(place, owner, scope.folder, scope.record, contact),
  });
  await transactionSend(place.chain, payer, [create]);
  return (await findGrantPda({ scope: at, reader }))[0];
}

/** Ends a grant. After one on a folder, call `folderRotate`: until then nothing is sealed to the folder's key. */
export async function grantRevoke(place: Place, owner: Identity, scope: Scope, reader: Address): Promise<Sent> {
  const [grant] = await findGrantPda({ scope: scope.record ?? scope.folder, reader });
  const { data } = await fetchGrant(place.chain.rpc, grant);
  const revoke = await getGrantRevokeInstructionAsync({
    authority: owner.wallet,
    actor: owner.profile,
    folder: scope.folder,
    ...(scope.record ? { record: scope.record } : {}),
    grant,
    rentPayer: data.meta.payer,
  });
  return transactionSend(place.chain, payerOf(place, owner), [revoke]);
}

/** Terms as the program takes them. */
export async function termsOf(place: Place, terms: Terms): Promise<TermsArgs> {
  return {
    purpose: PURPOSES[terms.purpose],
    permissions: terms.permissions ?? PERMIT_OPEN,
    fromSecs: terms.fromSecs ?? (await timeRead(place.chain)),
    untilSecs: terms.untilSecs ?? NO_END,
  };
}
