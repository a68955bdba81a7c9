import type { Address } from "@solana/kit";
import type { OpenedKeyring } from "./wasm-types.js";
import { addressFrom, bytesRandom } from "./bytes.js";
import { timeRead, transactionSend } from "./chain.js";
import { FormatError, format } from "./format.js";
import { type Folder, fetchAllMaybeGrant, fetchFolder } from "./generated/accounts/index.js";
import { getFolderCreateInstructionAsync, getFolderRotateInstructionAsync } from "./generated/instructions/index.js";
import { findFolderPda, findGrantPda } from "./generated/pdas/index.js";
import { NO_END } from "./generated/tables/constants.js";
import {
  type Contact,
  type Identity,
  type Place,
  addressBytes,
  blobStore,
  contactOwn,
  contactRead,
  keysFor,
  payerOf,
  programBytes,
  recipientOf,
  writerKey,
  writerOf,
} from "./identity.js";
import { writerRequire } from "./writer.js";

/** Makes a folder that only its owner reads. */
export async function folderCreate(place: Place, owner: Identity): Promise<Address> {
  const id = bytesRandom(16);
  const [folder] = await findFolderPda({ owner: owner.profile, id });
  const contact = await contactOwn(place, owner);
  const opened = await format((m) => m.keyringCreate(keyringDraft(folder, owner, contact, [])));
  const keyring = await blobStore(place, opened.bytes);
  opened.free();
  const payer = payerOf(place, owner);
  const create = { payer, authority: owner.wallet, owner: owner.profile, id, keyring };
  await transactionSend(place.chain, payer, [await getFolderCreateInstructionAsync(create)]);
  return folder;
}

/** A folder's account with its keyring, verified: what somebody needs who files into it. */
export async function folderRead(place: Place, address: Address) {
  const { data } = await fetchFolder(place.chain.rpc, address);
  const { bytes, writer } = await keyringRead(place, address, data);
  const claims = await format((m) => m.keyringVerify(bytes, programBytes(), addressBytes(address), data.epoch, writer));
  return { data, claims };
}

/** Opens a folder's keyring as its owner or a reader. Call `free()` on it: it holds the seeds of all epochs. */
export async function keyringOpen(place: Place, address: Address, who: Identity): Promise<OpenedKeyring> {
  const { data } = await fetchFolder(place.chain.rpc, address);
  const { bytes, claims, writer } = await keyringRead(place, address, data);
  const query = {
    program: programBytes(),
    folder: addressBytes(address),
    epoch: data.epoch,
    writer,
    ...keysFor(who, [claims.owner, ...claims.readers]),
  };
  return format((m) => m.keyringOpen(bytes, query));
}

/**
 * Begins a new epoch for the owner and those readers whose grants still stand: whoever has left reads nothing that
 * is filed from now on. Heads filed before are resealed as they change.
 */
export async function folderRotate(place: Place, owner: Identity, folder: Address): Promise<void> {
  const { data } = await fetchFolder(place.chain.rpc, folder);
  const keyring = await keyringOpen(place, folder, owner);
  try {
    const listed = keyring.claims().readers.map(({ profile }) => addressFrom(profile));
    const pdas = await Promise.all(listed.map((reader) => findGrantPda({ scope: folder, reader })));
    const grants = await fetchAllMaybeGrant(
      place.chain.rpc,
      pdas.map(([pda]) => pda),
    );
    const now = await timeRead(place.chain);
    const live = grants.filter((grant) => grant.exists).filter(({ data }) => data.untilSecs >= now);
    const readers = await Promise.all(live.map((grant) => contactRead(place, grant.data.reader)));
    const contact = await contactOwn(place, owner);
    const next = await format(() => keyring.rotate(keyringDraft(folder, owner, contact, readers)));
    const blob = await blobStore(place, next.bytes);
    next.free();
    const rotate = await getFolderRotateInstructionAsync({
      authority: owner.wallet,
      actor: owner.profile,
      folder,
      epoch: data.epoch,
      membersVersion: data.membersVersion,
      earliestUntilSecs: live.reduce(
        (first, { data: { untilSecs } }) => (untilSecs < first ? untilSecs : first),
        NO_END,
      ),
      keyring: { expected: data.keyringDigest, blob },
    });
    await transactionSend(place.chain, payerOf(place, owner), [rotate]);
  } finally {
    keyring.free();
  }
}

export function keyringDraft(folder: Address, writer: Identity, owner: Contact, readers: Contact[]) {
  return {
    program: programBytes(),
    folder: addressBytes(folder),
    writer: writerOf(writer),
    owner: recipientOf(owner),
    readers: readers.map(recipientOf),
  };
}

/** A keyring with the key of its writer, who has to be somebody that may write it, for the folder's owner. */
async function keyringRead(place: Place, at: Address, { owner, ...folder }: Folder) {
  await writerRequire(place, { at, folder: at, owner, writer: folder.keyringBy });
  const bytes = await place.store.get({ digest: Uint8Array.from(folder.keyringDigest), len: folder.keyringLen });
  const claims = await format((m) => m.keyringClaims(bytes));
  if (addressFrom(claims.owner.profile) !== owner)
    throw new FormatError("OtherObject", `The keyring of ${at} is not for ${owner}, its owner. Ask another node.`);
  return { bytes, claims, writer: await writerKey(place, folder.keyringBy, claims) };
}
