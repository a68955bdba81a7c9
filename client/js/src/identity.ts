import {
  type Address,
  type KeyPairSigner,
  type ReadonlyUint8Array,
  type TransactionSigner,
  createSignableMessage,
  getAddressEncoder,
  getBase58Encoder,
} from "@solana/kit";
import { addressOf } from "./address.js";
import type { BlobStore } from "./blob.js";
import { bytesEqual, bytesRandom } from "./bytes.js";
import { type Chain, genesisRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { format } from "./format.js";
import { fetchProfile } from "./generated/accounts/index.js";
import { getProfileCreateInstructionAsync } from "./generated/instructions/index.js";
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
}

export interface Pins {
  get(profile: Address): Pin | undefined;
  set(profile: Address, pin: Pin): unknown;
}

/** A node contradicts what was seen before, or what a second node says. */
export class NodeLiesError extends AcesoError {
  override name = "NodeLiesError";
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

/** Makes keys and a profile; the wallet signs the keys as text and the transaction. */
export async function profileCreate(place: Place, wallet: KeyPairSigner): Promise<Identity> {
  const id = bytesRandom(16);
  const [profile] = await findProfilePda({ creator: wallet.address, id });
  const [xwingSeed, signingSeed] = [await format((m) => m.secretGenerate()), await format((m) => m.secretGenerate())];
  const keys = {
    genesis: getBase58Encoder().encode(await genesisRead(place.chain)),
    program: programBytes(),
    profile: addressBytes(profile),
    keyVersion: 1,
    xwing: await format((m) => m.xwingPublic(xwingSeed)),
    signing: await format((m) => m.signingPublic(signingSeed)),
    wallet: addressBytes(wallet.address),
  };
  const text = await format((m) => m.bundleMessage(keys));
  const [signatures] = await wallet.signMessages([createSignableMessage(text)]);
  const signature = signatures?.[wallet.address];
  if (!signature) throw new AcesoError("The wallet did not sign its keys. Try again and approve the text.");
  const bundle = await place.store.put(await format((m) => m.bundleCreate(keys, signature)));
  const payer = payerOf(place, { wallet });
  const create = await getProfileCreateInstructionAsync({ payer, authority: wallet, id, bundle });
  await transactionSend(place.chain, payer, [create]);
  return { profile, wallet, keyVersion: 1, xwingSeed, signingSeed };
}

/** Public keys of a profile: the bundle that the chain names, signed by the wallet that the chain names. */
export async function contactRead(place: Place, profile: Address): Promise<Contact> {
  const { data } = await fetchProfile(place.chain.rpc, profile);
  const bytes = await place.store.get({ digest: Uint8Array.from(data.bundleDigest), len: data.bundleLen });
  const expected = {
    genesis: getBase58Encoder().encode(await genesisRead(place.chain)),
    program: programBytes(),
    profile: addressBytes(profile),
    wallet: addressBytes(data.authority),
    keyVersion: data.keyVersion,
  };
  const { keys, fingerprint } = await format((m) => m.bundleOpen(bytes, expected));
  await pinCheck(place, profile, { keyVersion: keys.keyVersion, fingerprint }, data.bundleDigest);
  return {
    profile,
    keyVersion: keys.keyVersion,
    bundleDigest: data.bundleDigest,
    xwing: keys.xwing,
    signing: keys.signing,
    fingerprint,
  };
}

async function pinCheck(place: Place, profile: Address, found: Pin, bundleDigest: ReadonlyUint8Array): Promise<void> {
  const pin = place.pins?.get(profile);
  const changed = pin?.fingerprint !== found.fingerprint;
  if (pin && (found.keyVersion < pin.keyVersion || (found.keyVersion === pin.keyVersion && changed)))
    throw new NodeLiesError(`This node shows other keys of ${profile} than were seen before. Ask another node.`);
  if (changed && place.second) {
    const { data } = await fetchProfile(place.second.rpc, profile);
    if (data.keyVersion !== found.keyVersion || !bytesEqual(data.bundleDigest, bundleDigest))
      throw new NodeLiesError(
        `Two nodes show different keys of ${profile}. One lies or lags: try again, then ask a third.`,
      );
  }
  place.pins?.set(profile, found);
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
