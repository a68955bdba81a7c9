import type { Address } from "@solana/kit";
import { bytesEqual, bytesRandom, sha256 } from "./bytes.js";
import { timeRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { folderRead } from "./folder.js";
import { contentOpen, contentSeal, format } from "./format.js";
import { type Record as RecordData, fetchMaybeGrant, fetchRecord } from "./generated/accounts/index.js";
import {
  getGrantOpenInstructionAsync,
  getRecordCreateInstructionAsync,
  getRecordUpdateInstructionAsync,
} from "./generated/instructions/index.js";
import { findDelegatePda, findGrantPda, findRecordPda } from "./generated/pdas/index.js";
import { headOpen, headStore, readersStanding, targetFind } from "./head.js";
import { type Identity, type Place, addressBytes, blobStore, payerOf } from "./identity.js";
import type { WasmManifest } from "./wasm-types.js";

/** What a record says of itself; sealed, like the content. */
export interface Description {
  readonly title: string;
  readonly fileName?: string;
  readonly mediaType?: string;
  readonly fhirType?: string;
  readonly tags?: string[];
  readonly note?: string;
}

export interface OpenedRecord {
  readonly content: Uint8Array;
  readonly manifest: WasmManifest;
}

export class NoGrantError extends AcesoError {
  override name = "NoGrantError";
}

/**
 * Seals bytes, stores them, and files the record: into a folder of one's own, or, with a delegation that has
 * `CAN_CREATE`, into another's, which the filer cannot read.
 */
export async function recordPut(
  place: Place,
  author: Identity,
  folder: Address,
  content: Uint8Array,
  description: Description,
): Promise<Address> {
  const { data, claims } = await folderRead(place, folder);
  const id = bytesRandom(16);
  const [record] = await findRecordPda({ owner: data.owner, id });
  const manifest = await contentStore(place, record, 1, content, description);
  const to = await targetFind(place, author, folder, data, claims.public);
  const payer = payerOf(place, author);
  const create = await getRecordCreateInstructionAsync({
    payer,
    ...(await actingFor(author, data.owner)),
    owner: data.owner,
    folder,
    id,
    content: { digest: manifest.content.digest, len: BigInt(manifest.content.len) },
    head: await headStore(place, author, record, to, manifest),
    sealedTo: to.sealedTo,
  });
  await transactionSend(place.chain, payer, [create]);
  return record;
}

/** Files the next version of a record of one's own. Older versions stay, for readers who may open the history. */
export async function recordUpdate(
  place: Place,
  owner: Identity,
  record: Address,
  content: Uint8Array,
  description: Partial<Description> = {},
): Promise<number> {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const current = await headOpen(place, owner, record, data, "owner");
  const version = data.version + 1;
  const { title, fileName, mediaType, fhirType, tags, note } = current.manifest;
  const about = { title, fileName, mediaType, fhirType, tags, note, ...description };
  const fresh = await contentStore(place, record, version, content, about);
  const head = { digest: Uint8Array.from(data.headDigest), len: data.headLen };
  const manifest = { ...fresh, previous: { version: data.version, head, headKey: current.headKey } };
  const folder = await folderRead(place, data.folder);
  const to = await targetFind(place, owner, data.folder, folder.data, folder.claims.public);
  const blob = await headStore(place, owner, record, to, manifest, await readersStanding(place, record, data));
  const update = await getRecordUpdateInstructionAsync({
    ...(await actingFor(owner, data.owner)),
    owner: data.owner,
    folder: data.folder,
    record,
    change: { version: data.version, membersVersion: data.membersVersion, swap: { expected: data.headDigest, blob } },
    content: { digest: manifest.content.digest, len: BigInt(manifest.content.len) },
    sealedTo: to.sealedTo,
  });
  await transactionSend(place.chain, payerOf(place, owner), [update]);
  return version;
}

/** Seals content under a fresh key and stores it: the manifest that describes it. */
async function contentStore(
  place: Place,
  record: Address,
  version: number,
  content: Uint8Array,
  description: Description,
): Promise<WasmManifest> {
  const contentKey = await format((m) => m.secretGenerate());
  const sealed = await contentSeal(Uint8Array.from(addressBytes(record)), contentKey, content);
  const address = await blobStore(place, sealed);
  return {
    version,
    fileName: "",
    mediaType: "application/octet-stream",
    fhirType: "",
    codes: [],
    tags: [],
    note: "",
    ...description,
    createdSecs: Math.floor(Date.now() / 1000),
    plaintextSha256: await sha256(content),
    plaintextLen: content.length,
    contentKey,
    content: address,
  };
}

/**
 * Opens a record: as its owner, or with a grant, for which a receipt is written before the content is fetched.
 * Everything is verified.
 */
export async function recordOpen(place: Place, who: Identity, record: Address): Promise<OpenedRecord> {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const { grant, access } = await accessFind(place, who, record, data);
  const { manifest } = await headOpen(place, who, record, data, access);
  const address = { digest: Uint8Array.from(data.contentDigest), len: Number(data.contentLen) };
  if (!bytesEqual(manifest.content.digest, address.digest) || manifest.content.len !== address.len)
    throw new AcesoError(
      "The head describes other content than the chain names. Its writer is at fault: ask the owner.",
    );
  if (grant) await receiptWrite(place, who, record, data, grant);
  const sealed = await place.store.get(address);
  const key = Uint8Array.from(manifest.contentKey);
  const content = await contentOpen(Uint8Array.from(addressBytes(record)), key, manifest.plaintextLen, sealed);
  if (!bytesEqual(await sha256(content), manifest.plaintextSha256))
    throw new AcesoError("The content is not what its author sealed. Ask the author to file it again.");
  return { content, manifest };
}

/** What a record says of itself, without a receipt: for listings. */
export async function recordDescribe(place: Place, who: Identity, record: Address): Promise<WasmManifest> {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const { access } = await accessFind(place, who, record, data);
  return (await headOpen(place, who, record, data, access)).manifest;
}

/** `authority`, `actor` and, for who is not the owner, the delegation. */
export async function actingFor(who: Identity, owner: Address) {
  const acting = { authority: who.wallet, actor: who.profile };
  if (who.profile === owner) return acting;
  return { ...acting, delegate: (await findDelegatePda({ owner, profile: who.profile }))[0] };
}

/** By which right somebody opens a record. Of several grants one that is live, or else one whose refusal says why. */
async function accessFind(place: Place, who: Identity, record: Address, { owner, folder, epoch }: RecordData) {
  if (owner === who.profile) return { access: "owner" as const };
  // What lies in the owner's inbox is sealed to no epoch: a grant on the folder does not open it yet.
  const scopes = epoch === 0 ? [record] : [record, folder];
  const found = await Promise.all(
    scopes.map(async (scope) => {
      const [address] = await findGrantPda({ scope, reader: who.profile });
      const access = scope === record ? ("record" as const) : ("folder" as const);
      return { access, grant: await fetchMaybeGrant(place.chain.rpc, address) };
    }),
  );
  const now = await timeRead(place.chain);
  const granted = found.flatMap(({ access, grant }) => (grant.exists ? [{ access, grant }] : []));
  const live = granted.find(({ grant: { data } }) => data.fromSecs <= now && now <= data.untilSecs);
  const chosen = live ?? granted[0];
  if (!chosen) {
    const why =
      epoch === 0
        ? "The record still lies in its owner's inbox. Ask the owner to take it in, or for a grant on this record."
        : "There is no grant for you on this record or its folder. Ask the owner for one.";
    throw new NoGrantError(why);
  }
  return { access: chosen.access, grant: chosen.grant.address };
}

async function receiptWrite(place: Place, who: Identity, record: Address, data: RecordData, grant: Address) {
  const { folder, version, headDigest } = data;
  const open = { authority: who.wallet, reader: who.profile, grant, folder, record, version, headDigest };
  await transactionSend(place.chain, payerOf(place, who), [await getGrantOpenInstructionAsync(open)]);
}
