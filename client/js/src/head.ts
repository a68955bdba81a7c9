import type { Address } from "@solana/kit";
import { addressFrom } from "./bytes.js";
import { timeRead } from "./chain.js";
import { keyringOpen } from "./folder.js";
import { format } from "./format.js";
import {
  type Folder,
  type Record as RecordData,
  fetchAllMaybeGrant,
  fetchFolder,
  fetchRecord,
} from "./generated/accounts/index.js";
import { findGrantPda } from "./generated/pdas/index.js";
import { type ResealedArgs, type SealedTo, resealed, sealedTo } from "./generated/types/index.js";
import {
  type Contact,
  type Identity,
  type Place,
  addressBytes,
  blobStore,
  contactOwn,
  contactRead,
  keysFor,
  programBytes,
  recipientOf,
  writerKey,
  writerOf,
} from "./identity.js";
import { writerRequire } from "./writer.js";
import type { WasmManifest, WasmTarget } from "./wasm-types.js";

/** How somebody opens a record: as its owner, or by a grant on its folder or on itself. */
export type Access = "owner" | "folder" | "record";

export async function headOpen(place: Place, who: Identity, record: Address, data: RecordData, access: Access) {
  const { folder, owner, author } = data;
  await writerRequire(place, { at: record, folder, owner, writer: data.headBy, author });
  const bytes = await place.store.get({ digest: Uint8Array.from(data.headDigest), len: data.headLen });
  const claims = await format((m) => m.headClaims(bytes));
  const about = {
    program: programBytes(),
    record: addressBytes(record),
    version: data.version,
    writer: await writerKey(place, data.headBy, claims),
  };
  if (access === "record") {
    const own = keysFor(who, claims.grants);
    return format((m) => m.headOpen(bytes, { ...about, as: "reader", ...own }));
  }
  if (data.epoch === 0) {
    const own = keysFor(who, [{ profile: addressBytes(data.owner), keyVersion: data.inboxKeyVersion }]);
    return format((m) => m.headOpen(bytes, { ...about, as: "owner", ...own }));
  }
  const keyring = await keyringOpen(place, data.folder, who);
  try {
    const seed = keyring.seed(data.epoch);
    const own = { who: addressBytes(data.folder), whoVersion: data.epoch, seed };
    return await format((m) => m.headOpen(bytes, { ...about, as: "folder", ...own }));
  } finally {
    keyring.free();
  }
}

/** Whose key a new head is sealed to, and what the program is told of it. */
export interface Target {
  readonly target: WasmTarget;
  readonly targetKey: Uint8Array;
  readonly sealedTo: SealedTo;
}

/**
 * The folder's epoch key; or, while a rotation is due, the owner's own (the inbox): what were sealed to the epoch now,
 * somebody who has left could read.
 */
export async function targetFind(
  place: Place,
  writer: Identity,
  address: Address,
  folder: Folder,
  epochKey: Uint8Array,
): Promise<Target> {
  if (folder.rotateDue === 0 && (await timeRead(place.chain)) <= folder.earliestUntilSecs) {
    const { epoch, keyringDigest } = folder;
    const target = { kind: "folder", folder: addressBytes(address), epoch } as const;
    return { target, targetKey: epochKey, sealedTo: sealedTo("Epoch", { epoch, keyringDigest }) };
  }
  const isOwner = writer.profile === folder.owner;
  const contact = isOwner ? await contactOwn(place, writer) : await contactRead(place, folder.owner);
  const { keyVersion, bundleDigest, xwing } = contact;
  const target = { kind: "inbox", owner: addressBytes(folder.owner), keyVersion } as const;
  return { target, targetKey: xwing, sealedTo: sealedTo("Inbox", { keyVersion, bundleDigest }) };
}

/** Seals a head and stores it. */
export async function headStore(
  place: Place,
  writer: Identity,
  record: Address,
  to: Target,
  manifest: WasmManifest,
  readers: readonly Contact[] = [],
) {
  const draft = {
    program: programBytes(),
    record: addressBytes(record),
    writer: writerOf(writer),
    target: to.target,
    targetKey: to.targetKey,
    grants: readers.map(recipientOf),
    manifest,
  };
  const head = await format((m) => m.headSeal(draft));
  return blobStore(place, head.bytes);
}

/** What grants access to one reader more: the folder's keyring, or the record's head. */
export async function reseal(
  place: Place,
  owner: Identity,
  folder: Address,
  record: Address | undefined,
  reader: Contact,
): Promise<ResealedArgs> {
  const { data } = await fetchFolder(place.chain.rpc, folder);
  const keyring = await keyringOpen(place, folder, owner);
  try {
    if (record)
      return await headWith(place, owner, record, await targetFind(place, owner, folder, data, keyring.public), reader);
    const more = await format(() => keyring.withReaderAdded(writerOf(owner), recipientOf(reader)));
    const blob = await blobStore(place, more.bytes);
    more.free();
    return resealed("Keyring", { epoch: data.epoch, swap: { expected: data.keyringDigest, blob } });
  } finally {
    keyring.free();
  }
}

/** The record's head under a fresh key, for all who have a grant on it and for one reader more. */
async function headWith(place: Place, owner: Identity, record: Address, to: Target, reader: Contact) {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const { manifest } = await headOpen(place, owner, record, data, "owner");
  const others = (await readersStanding(place, record, data)).filter(({ profile }) => profile !== reader.profile);
  const blob = await headStore(place, owner, record, to, manifest, [...others, reader]);
  const { version, membersVersion, headDigest } = data;
  const change = { version, membersVersion, swap: { expected: headDigest, blob } };
  return resealed("Head", { change, sealedTo: to.sealedTo });
}

/** Those who are in the record's head and whose grant on the record still stands. */
export async function readersStanding(place: Place, record: Address, data: RecordData): Promise<Contact[]> {
  const bytes = await place.store.get({ digest: Uint8Array.from(data.headDigest), len: data.headLen });
  const listed = (await format((m) => m.headClaims(bytes))).grants.map(({ profile }) => addressFrom(profile));
  const pdas = await Promise.all(listed.map((reader) => findGrantPda({ scope: record, reader })));
  const grants = await fetchAllMaybeGrant(
    place.chain.rpc,
    pdas.map(([pda]) => pda),
  );
  const now = await timeRead(place.chain);
  const standing = listed.filter((_, index) => {
    const grant = grants[index];
    return grant?.exists && grant.data.untilSecs >= now;
  });
  return Promise.all(standing.map((profile) => contactRead(place, profile)));
}
