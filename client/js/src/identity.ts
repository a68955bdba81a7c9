import {
  type Address,
  type KeyPairSigner,
  type ReadonlyUint8Array,
  type TransactionSigner,
  createSignableMessage,
  getAddressEncoder,
  getBase58Encoder,
} from "@solana/kit";
import { type BlobAddress, addressOf } from "./address.js";
import { BlobMissingError, type BlobStore } from "./blob.js";
import { addressFrom, bytesEqual, bytesRandom } from "./bytes.js";
import { type Chain, genesisRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { FormatError, format } from "./format.js";
import { fetchProfile } from "./generated/accounts/index.js";
import {
  getProfileCreateInstructionAsync,
  getProfileKeysRotateInstructionAsync,
} from "./generated/instructions/index.js";
import { findProfilePda } from "./generated/pdas/index.js";
import { ACESO_PROGRAM_ADDRESS } from "./generated/programs/index.js";

/** Where this client works. */
export interface Place {
  readonly chain: Chain;
  readonly store: BlobStore;
  /** Pays fees and rent instead of each wallet: a sponsor. */
  readonly payer?: TransactionSigner;
  /** Keys seen before; a `Map` will do, one that is kept is better. Without it a lying node is caught less often. */
  readonly pins?: Pins;
  /** A second node, asked before keys that are seen for the first time, or are new, are believed. */
  readonly second?: Chain;
}

/** What was seen of a profile's keys. */
export interface Pin {
  readonly keyVersion: number;
  readonly fingerprint: string;
  /** The wallet that signed them. */
  readonly wallet: Address;
}

export interface Pins {
  get(profile: Address): Pin | undefined;
  set(profile: Address, pin: Pin): unknown;
}

/** A node contradicts what was seen before, or what a second node says. */
export class NodeLiesError extends AcesoError {
  override name = "NodeLiesError";
}

/** Somebody has other keys than were seen before. Compare the fingerprint with them, then call `contactAccept`. */
export class KeysChangedError extends AcesoError {
  override name = "KeysChangedError";
  constructor(
    readonly profile: Address,
    readonly fingerprint: string,
  ) {
    super(`${profile} has new keys. Compare this fingerprint with its owner, then accept it: ${fingerprint}`);
  }
}

/** A profile with the secrets that open what is sealed to it. Keep it encrypted where it is kept. */
export interface Identity {
  readonly profile: Address;
  readonly wallet: KeyPairSigner;
  readonly keyVersion: number;
  /** 32 bytes: decapsulation key. */
  readonly xwingSeed: Uint8Array;
  /** 32 bytes: signs heads and keyrings. */
  readonly signingSeed: Uint8Array;
  /** Older keys, the newest first: what was sealed to them opens with nothing else. */
  readonly former?: readonly FormerKeys[];
}

export interface FormerKeys {
  readonly keyVersion: number;
  readonly xwingSeed: Uint8Array;
}

/** Somebody's public keys, checked against the chain. */
export interface Contact {
  readonly profile: Address;
  readonly keyVersion: number;
  readonly bundleDigest: ReadonlyUint8Array;
  readonly xwing: Uint8Array;
  readonly signing: Uint8Array;
  /** 12 groups of 5 digits: compare them with the person before the first record goes there. */
  readonly fingerprint: string;
}

export const addressBytes = (address: Address) => getAddressEncoder().encode(address);
export const programBytes = () => addressBytes(ACESO_PROGRAM_ADDRESS);
export const payerOf = (place: Place, identity: Pick<Identity, "wallet">) => place.payer ?? identity.wallet;

/** The keys by which something is signed are not the writer's, as far as anybody vouches for them. */
export class WriterKeyError extends AcesoError {
  override name = "WriterKeyError";
  constructor(
    /** Never had that version; a bundle on the way to it is not stored; a bundle does not vouch for the one before. */
    readonly reason: "Unknown" | "Missing" | "Broken",
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(sentence, options);
  }
}

/**
 * Keeps new secrets before anything on chain depends on them: the call that makes them may fail after the transaction
 * was executed. If that was refused or has expired, what was kept is of no use, and does no harm.
 */
export type IdentityKeep = (identity: Identity) => unknown;

/** Makes keys and a profile; the wallet signs the keys as text and the transaction. */
export async function profileCreate(place: Place, wallet: KeyPairSigner, keep: IdentityKeep): Promise<Identity> {
  const id = bytesRandom(16);
  const [profile] = await findProfilePda({ creator: wallet.address, id });
  const { identity, bundle } = await keysMake(place, wallet, profile, 1);
  await keep(identity);
  const payer = payerOf(place, { wallet });
  const create = await getProfileCreateInstructionAsync({ payer, authority: wallet, id, bundle });
  await transactionSend(place.chain, payer, [create]);
  return identity;
}

/**
 * Publishes new keys, and gives them with the old ones among `former`. The old bundle has to stay stored, because the
 * new one vouches for it. Rotate the folders then, so that they are sealed to the new keys.
 */
export async function profileKeysRotate(place: Place, present: Identity, keep: IdentityKeep): Promise<Identity> {
  const { wallet, profile, ...old } = present;
  const { address } = await bundleOwn(place, present);
  const made = await keysMake(place, wallet, profile, old.keyVersion + 1, address);
  const { keyVersion, xwingSeed, former = [] } = old;
  const identity = { ...made.identity, former: [{ keyVersion, xwingSeed }, ...former] };
  await keep(identity);
  const { bundle } = made;
  const rotate = { authority: wallet, profile, expectedVersion: old.keyVersion, bundle };
  await transactionSend(place.chain, payerOf(place, { wallet }), [await getProfileKeysRotateInstructionAsync(rotate)]);
  return identity;
}

/** Fresh keys and their bundle, stored, which vouches for the one before. */
async function keysMake(
  place: Place,
  wallet: KeyPairSigner,
  profile: Address,
  keyVersion: number,
  previous?: BlobAddress,
) {
  const [xwingSeed, signingSeed] = [await format((m) => m.secretGenerate()), await format((m) => m.secretGenerate())];
  const keys = {
    genesis: getBase58Encoder().encode(await genesisRead(place.chain)),
    program: programBytes(),
    profile: addressBytes(profile),
    keyVersion,
    xwing: await format((m) => m.xwingPublic(xwingSeed)),
    signing: await format((m) => m.signingPublic(signingSeed)),
    wallet: addressBytes(wallet.address),
    previous,
  };
  const text = await format((m) => m.bundleMessage(keys));
  const [signatures] = await wallet.signMessages([createSignableMessage(text)]);
  const signature = signatures?.[wallet.address];
  if (!signature) throw new AcesoError("The wallet did not sign its keys. Try again and approve the text.");
  const bundle = await place.store.put(await format((m) => m.bundleCreate(keys, signature)));
  return { identity: { profile, wallet, keyVersion, xwingSeed, signingSeed }, bundle };
}

/**
 * Public keys of a profile, to seal to: the bundle that the chain names, signed by the wallet that the chain names, and
 * the one that was seen before (KeysChangedError).
 */
export async function contactRead(place: Place, profile: Address): Promise<Contact> {
  const { contact, pin } = await bundleRead(place, profile);
  const seen = place.pins?.get(profile);
  if (seen && seen.fingerprint !== pin.fingerprint) throw new KeysChangedError(profile, pin.fingerprint);
  if (!seen) await pinNew(place, contact, pin);
  return contact;
}

/** One's own public keys as others see them. A node that shows others is refused: what is sealed to them is lost. */
export async function contactOwn(place: Place, who: Identity): Promise<Contact> {
  return (await bundleOwn(place, who)).contact;
}

/** Takes keys that have changed for those of the profile, after somebody has compared the fingerprint with its owner. */
export async function contactAccept(place: Place, profile: Address, fingerprint: string): Promise<Contact> {
  const { contact, pin } = await bundleRead(place, profile);
  if (contact.fingerprint !== fingerprint) throw new KeysChangedError(profile, contact.fingerprint);
  await pinNew(place, contact, pin);
  return contact;
}

async function bundleOwn(place: Place, { profile, keyVersion, ...seeds }: Identity) {
  const read = await bundleRead(place, profile);
  const xwing = await format((m) => m.xwingPublic(seeds.xwingSeed));
  const signing = await format((m) => m.signingPublic(seeds.signingSeed));
  const { contact } = read;
  if (contact.keyVersion !== keyVersion || !bytesEqual(contact.xwing, xwing) || !bytesEqual(contact.signing, signing))
    throw new AcesoError("These are not the keys that the profile has now. Load the newest ones, or ask another node.");
  return read;
}

async function bundleRead(place: Place, profile: Address) {
  const { data } = await fetchProfile(place.chain.rpc, profile);
  const address = { digest: Uint8Array.from(data.bundleDigest), len: data.bundleLen };
  const bytes = await place.store.get(address);
  const expected = {
    genesis: getBase58Encoder().encode(await genesisRead(place.chain)),
    program: programBytes(),
    profile: addressBytes(profile),
    wallet: addressBytes(data.authority),
    keyVersion: data.keyVersion,
  };
  const { keys, fingerprint } = await format((m) => m.bundleOpen(bytes, expected));
  const pin = { keyVersion: keys.keyVersion, fingerprint, wallet: data.authority };
  pinCheck(place, profile, pin);
  const contact: Contact = {
    profile,
    keyVersion: keys.keyVersion,
    bundleDigest: data.bundleDigest,
    xwing: keys.xwing,
    signing: keys.signing,
    fingerprint,
  };
  return { contact, pin, address, bytes, previous: keys.previous };
}

/**
 * The key that a head or keyring of `writer` is signed by, of the version that it claims: back from the bundle that
 * the chain names, each vouching for the one before (SPEC.md, section 8.4). For checking signatures alone.
 */
export async function writerKey(
  place: Place,
  writer: Address,
  claims: { writer: Uint8Array; writerKeyVersion: number },
): Promise<Uint8Array> {
  if (addressFrom(claims.writer) !== writer)
    throw new FormatError("OtherObject", `This is not written by ${writer}, whom the chain names. Ask another node.`);
  const { contact, pin, ...current } = await bundleRead(place, writer);
  const seen = place.pins?.get(writer);
  // New keys of somebody known: the wallet that vouched for the old ones vouches for these, and no node can forge that.
  if (seen && seen.fingerprint !== pin.fingerprint && seen.wallet !== pin.wallet)
    throw new KeysChangedError(writer, pin.fingerprint);
  if (!seen) await pinNew(place, contact, pin);
  const wanted = claims.writerKeyVersion;
  if (wanted === contact.keyVersion) return contact.signing;
  if (wanted < 1 || wanted > contact.keyVersion)
    throw new WriterKeyError("Unknown", `${writer} never had version ${wanted} of its keys. Ask another node.`);
  let { bytes, previous } = current;
  for (let version = contact.keyVersion - 1; ; version -= 1) {
    const older = await bundleBefore(place, writer, version, bytes, previous);
    if (version === wanted) return older.signing;
    ({ bytes, previous } = older);
  }
}

async function bundleBefore(
  place: Place,
  profile: Address,
  version: number,
  newer: Uint8Array,
  address: BlobAddress | undefined,
) {
  const broken = `The keys that ${profile} has now do not vouch for version ${version}. Ask the owner to reseal this.`;
  // All bundles are as long: no store is asked for a large blob because a writer says so.
  if (address?.len !== newer.length) throw new WriterKeyError("Broken", broken);
  const bytes = await place.store.get(address).catch((cause: unknown) => {
    if (!(cause instanceof BlobMissingError)) throw cause;
    const sentence = `Version ${version} of the keys of ${profile} is not stored any more. Try another store.`;
    throw new WriterKeyError("Missing", sentence, { cause });
  });
  const former = await format((m) => m.bundleOpenPrevious(newer, bytes)).catch((cause: unknown) => {
    throw cause instanceof FormatError ? new WriterKeyError("Broken", broken, { cause }) : cause;
  });
  return { bytes, signing: former.signing, previous: former.previous };
}

/** Which of one's keys opens something: the version that it lists, if that is held, or else those in force. */
export function keysFor(who: Identity, listed: readonly { profile: ArrayLike<number>; keyVersion: number }[]) {
  const own = addressBytes(who.profile);
  const version = listed.find(({ profile }) => bytesEqual(profile, own))?.keyVersion;
  const { keyVersion, xwingSeed } = who.former?.find(({ keyVersion }) => keyVersion === version) ?? who;
  return { who: own, whoVersion: keyVersion, seed: xwingSeed };
}

/** Keys only get newer, and one version has one pair. */
function pinCheck(place: Place, profile: Address, found: Pin): void {
  const seen = place.pins?.get(profile);
  const changed = seen?.fingerprint !== found.fingerprint;
  if (seen && (found.keyVersion < seen.keyVersion || (found.keyVersion === seen.keyVersion && changed)))
    throw new NodeLiesError(`This node shows other keys of ${profile} than were seen before. Ask another node.`);
}

/** Remembers keys; the second node has to show the same. */
async function pinNew(place: Place, { profile, bundleDigest }: Contact, pin: Pin): Promise<void> {
  if (place.second) {
    const { data } = await fetchProfile(place.second.rpc, profile);
    if (data.keyVersion !== pin.keyVersion || !bytesEqual(data.bundleDigest, bundleDigest))
      throw new NodeLiesError(
        `Two nodes show different keys of ${profile}. One lies or lags: try again, then ask a third.`,
      );
  }
  place.pins?.set(profile, pin);
}

/** The contact as somebody to seal to. */
export const recipientOf = ({ profile, keyVersion, xwing }: Contact) => ({
  profile: addressBytes(profile),
  keyVersion,
  key: xwing,
});

/** The identity as the one who signs an object. */
export const writerOf = ({ profile, keyVersion, signingSeed }: Identity) => ({
  profile: addressBytes(profile),
  keyVersion,
  seed: signingSeed,
});

/** Digest and length of bytes as the program wants them, stored first: nothing on chain names what is not there. */
export async function blobStore(place: Place, bytes: Uint8Array): Promise<{ digest: Uint8Array; len: number }> {
  const { digest, len } = await place.store.put(bytes);
  const ours = await addressOf(bytes);
  if (!digest.every((byte, index) => byte === ours.digest[index]) || len !== ours.len)
    throw new AcesoError("The store names other bytes than it was given. Do not use it.");
  return { digest, len };
}
