import type { Address } from "@solana/kit";
import type { WasmManifest } from "./wasm-types.js";
import { bytesEqual, bytesRandom, sha256 } from "./bytes.js";
import { timeRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { contentOpen, contentSeal, format } from "./format.js";
import { folderRead, keyringOpen } from "./folder.js";
import { type Record as RecordData, fetchMaybeGrant, fetchRecord } from "./generated/accounts/index.js";
import { getGrantOpenInstructionAsync, getRecordCreateInstructionAsync } from "./generated/instructions/index.js";
import { findDelegatePda, findGrantPda, findRecordPda } from "./generated/pdas/index.js";
import { sealedTo } from "./generated/types/index.js";
import {
  type Identity,
  type Place,
  addressBytes,
  blobStore,
  contactRead,
  payerOf,
  programBytes,
  writerOf,
} from "./identity.js";

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
  const contentKey = await format((m) => m.secretGenerate());
  const sealed = await contentSeal(Uint8Array.from(addressBytes(record)), contentKey, content);
  const address = await blobStore(place, sealed);
  // A rotation is due: what is sealed to this epoch now, somebody who has left could read. The owner's own key, then.
  const inbox = data.rotateDue === 1 || (await timeRead(place.chain)) > data.earliestUntilSecs;
  const owner = inbox ? await contactRead(place, data.owner) : undefined;
  const plaintextSha256 = await sha256(content);
  const head = await format((m) =>
    m.headSeal({
      program: programBytes(),
      record: addressBytes(record),
      writer: writerOf(author),
      target: owner
        ? { kind: "inbox", owner: addressBytes(data.owner), keyVersion: owner.keyVersion }
        : { kind: "folder", folder: addressBytes(folder), epoch: data.epoch },
      targetKey: owner ? owner.xwing : claims.public,
      grants: [],
      manifest: {
        version: 1,
        fileName: "",
        mediaType: "application/octet-stream",
        fhirType: "",
        codes: [],
        tags: [],
        note: "",
        ...description,
        createdSecs: Math.floor(Date.now() / 1000),
        plaintextSha256,
        plaintextLen: content.length,
        contentKey,
        content: address,
      },
    }),
  );
  const payer = payerOf(place, author);
  const create = await getRecordCreateInstructionAsync({
    payer,
    ...(await actingFor(author, data.owner)),
    owner: data.owner,
    folder,
    id,
    content: { digest: address.digest, len: BigInt(address.len) },
    head: await blobStore(place, head.bytes),
    sealedTo: owner
      ? sealedTo("Inbox", { keyVersion: owner.keyVersion, bundleDigest: owner.bundleDigest })
      : sealedTo("Epoch", { epoch: data.epoch, keyringDigest: data.keyringDigest }),
  });
  await transactionSend(place.chain, payer, [create]);
  return record;
}

/** Opens a record: as its owner, or with a grant, for which a receipt is written first. Everything is verified. */
export async function recordOpen(place: Place, who: Identity, record: Address): Promise<OpenedRecord> {
  const { data } = await fetchRecord(place.chain.rpc, record);
  const access = data.owner === who.profile ? "owner" : await receiptWrite(place, who, record, data);
  const { manifest } = await headOpen(place, who, record, data, access);
  const address = { digest: Uint8Array.from(data.contentDigest), len: Number(data.contentLen) };
  if (!bytesEqual(manifest.content.digest, address.digest) || manifest.content.len !== address.len)
    throw new AcesoError(
      "The head describes other content than the chain names. Its writer is at fault: ask the owner.",
    );
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
  const access = data.owner === who.profile ? "owner" : (await grantFind(place, who, record, data)).access;
  return (await headOpen(place, who, record, data, access)).manifest;
}

type Access = "owner" | "folder" | "record";

export async function headOpen(place: Place, who: Identity, record: Address, data: RecordData, access: Access) {
  const bytes = await place.store.get({ digest: Uint8Array.from(data.headDigest), len: data.headLen });
  const writer = await contactRead(place, data.headBy);
  const about = {
    program: programBytes(),
    record: addressBytes(record),
    version: data.version,
    writer: writer.signing,
  };
  const own = { who: addressBytes(who.profile), whoVersion: who.keyVersion, seed: who.xwingSeed };
  if (access === "record") return format((m) => m.headOpen(bytes, { ...about, as: "reader", ...own }));
  if (data.epoch === 0) return format((m) => m.headOpen(bytes, { ...about, as: "owner", ...own }));
  const keyring = await keyringOpen(place, data.folder, who);
  try {
    const seed = keyring.seed(data.epoch);
    const folder = { who: addressBytes(data.folder), whoVersion: data.epoch, seed };
    return await format((m) => m.headOpen(bytes, { ...about, as: "folder", ...folder }));
  } finally {
    keyring.free();
  }
}

/** `authority`, `actor` and, for who is not the owner, the delegation. */
export async function actingFor(who: Identity, owner: Address) {
  const acting = { authority: who.wallet, actor: who.profile };
  if (who.profile === owner) return acting;
  return { ...acting, delegate: (await findDelegatePda({ owner, profile: who.profile }))[0] };
}

async function grantFind(place: Place, who: Identity, record: Address, { folder }: RecordData) {
  for (const scope of [record, folder]) {
    const [grant] = await findGrantPda({ scope, reader: who.profile });
    const { exists } = await fetchMaybeGrant(place.chain.rpc, grant);
    if (exists) return { grant, access: scope === record ? ("record" as const) : ("folder" as const) };
  }
  throw new NoGrantError("There is no grant for you on this record or its folder. Ask the owner for one.");
}

async function receiptWrite(place: Place, who: Identity, record: Address, data: RecordData): Promise<Access> {
  const { grant, access } = await grantFind(place, who, record, data);
  const { folder, version, headDigest } = data;
  const open = { authority: who.wallet, reader: who.profile, grant, folder, record, version, headDigest };
  await transactionSend(place.chain, payerOf(place, who), [await getGrantOpenInstructionAsync(open)]);
  return access;
}
