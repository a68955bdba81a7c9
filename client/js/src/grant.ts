import type { Address } from "@solana/kit";
import { addressFrom } from "./bytes.js";
import { type Sent, timeRead, transactionSend } from "./chain.js";
import { keyringOpen } from "./folder.js";
import { format } from "./format.js";
import { fetchAllMaybeGrant, fetchFolder, fetchGrant, fetchRecord } from "./generated/accounts/index.js";
import { getGrantCreateInstructionAsync, getGrantRevokeInstructionAsync } from "./generated/instructions/index.js";
import { findGrantPda } from "./generated/pdas/index.js";
import { NO_END, PERMIT_OPEN, PURPOSES, type PurposeCode } from "./generated/tables/constants.js";
import { type ResealedArgs, resealed, sealedTo } from "./generated/types/index.js";
import {
  type Identity,
  type Place,
  addressBytes,
  blobStore,
  contactRead,
  payerOf,
  programBytes,
  recipientOf,
  writerOf,
} from "./identity.js";
import { headOpen } from "./record.js";

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
  const blobs = scope.record
    ? await headFor(place, owner, scope.record, reader)
    : await keyringFor(place, owner, scope.folder, reader);
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
    terms: {
      purpose: PURPOSES[terms.purpose],
      permissions: terms.permissions ?? PERMIT_OPEN,
      fromSecs: terms.fromSecs ?? (await timeRead(place.chain)),
      untilSecs: terms.untilSecs ?? NO_END,
    },
    resealed: blobs,
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

/** The folder's keyring with one reader more. */
async function keyringFor(place: Place, owner: Identity, folder: Address, reader: Address): Promise<ResealedArgs> {
  const { data } = await fetchFolder(place.chain.rpc, folder);
  const keyring = await keyringOpen(place, folder, owner);
  try {
    const contact = await contactRead(place, reader);
    const more = await format(() => keyring.withReaderAdded(writerOf(owner), recipientOf(contact)));
    const blob = await blobStore(place, more.bytes);
    more.free();
    return resealed("Keyring", { epoch: data.epoch, swap: { expected: data.keyringDigest, blob } });
  } finally {
    keyring.free();
  }
}

/** The record's head under a fresh key, with packets for all who have a grant on it and for one reader more. */
async function headFor(place: Place, owner: Identity, record: Address, reader: Address): Promise<ResealedArgs> {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const folder = await fetchFolder(place.chain.rpc, data.folder);
  const { manifest } = await headOpen(place, owner, record, data, "owner");
  const bytes = await place.store.get({ digest: Uint8Array.from(data.headDigest), len: data.headLen });
  const listed = (await format((m) => m.headClaims(bytes))).grants.map(({ profile }) => addressFrom(profile));
  const readers = [...new Set([...listed, reader])];
  const standing = await grantsStanding(place, record, readers, reader);
  const contacts = await Promise.all(standing.map((profile) => contactRead(place, profile)));
  const keyring = await keyringOpen(place, data.folder, owner);
  try {
    const head = await format((m) =>
      m.headSeal({
        program: programBytes(),
        record: addressBytes(record),
        writer: writerOf(owner),
        target: { kind: "folder", folder: addressBytes(data.folder), epoch: folder.data.epoch },
        targetKey: keyring.public,
        grants: contacts.map(recipientOf),
        manifest,
      }),
    );
    const { version, membersVersion } = data;
    const swap = { expected: data.headDigest, blob: await blobStore(place, head.bytes) };
    const { epoch, keyringDigest } = folder.data;
    const change = { version, membersVersion, swap };
    return resealed("Head", { change, sealedTo: sealedTo("Epoch", { epoch, keyringDigest }) });
  } finally {
    keyring.free();
  }
}

/** Those whose grant on the record still stands, and the one who gets one now. */
async function grantsStanding(place: Place, record: Address, readers: Address[], added: Address): Promise<Address[]> {
  const pdas = await Promise.all(readers.map((reader) => findGrantPda({ scope: record, reader })));
  const grants = await fetchAllMaybeGrant(
    place.chain.rpc,
    pdas.map(([pda]) => pda),
  );
  return readers.filter((reader, index) => reader === added || grants[index]?.exists);
}
