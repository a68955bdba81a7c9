import { type Address, fetchEncodedAccount } from "@solana/kit";
import { transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { fetchPeer } from "./generated/accounts/index.js";
import { getPeerBondAddInstructionAsync, getPeerRegisterInstructionAsync } from "./generated/instructions/index.js";
import { findPeerPda } from "./generated/pdas/index.js";
import { type Identity, type Place, payerOf } from "./identity.js";

/** What a peer says of itself. Prices are for an epoch, in base units of its mint. */
export interface PeerOffer {
  /** One of the mints that Config lists. */
  readonly mint: Address;
  /** Hot key of the daemon: accepts and declines, and can move no token. */
  readonly operator: Address;
  readonly priceFlat: bigint;
  readonly pricePerGib: bigint;
  /** URL of the daemon. */
  readonly endpoint: string;
  /** Digest of the key that shares are sealed to. */
  readonly shareKey?: Uint8Array;
}

/** Makes a profile a storage peer. It gets no leases before it has the bond that Config demands for its mint. */
export async function peerRegister(place: Place, who: Identity, offer: PeerOffer): Promise<Address> {
  const payer = payerOf(place, who);
  const register = await getPeerRegisterInstructionAsync({
    payer,
    authority: who.wallet,
    profile: who.profile,
    ...offer,
    tokenProgram: await tokenProgramOf(place, offer.mint),
    shareKey: offer.shareKey ?? new Uint8Array(32),
  });
  await transactionSend(place.chain, payer, [register]);
  return (await findPeerPda({ profile: who.profile }))[0];
}

/** Adds to a peer's free bond from a token account of `who`; it is the peer's from then on. */
export async function peerBondAdd(
  place: Place,
  who: Pick<Identity, "wallet">,
  peer: Address,
  source: Address,
  amount: bigint,
): Promise<void> {
  const { mint, tokenProgram } = (await fetchPeer(place.chain.rpc, peer)).data;
  const add = { funder: who.wallet, source, peer, mint, tokenProgram, amount };
  await transactionSend(place.chain, payerOf(place, who), [await getPeerBondAddInstructionAsync(add)]);
}

/** SPL Token or Token-2022: whichever owns the mint. */
async function tokenProgramOf(place: Place, mint: Address): Promise<Address> {
  const account = await fetchEncodedAccount(place.chain.rpc, mint);
  if (!account.exists) throw new AcesoError(`There is no mint ${mint} on this cluster.`);
  return account.programAddress;
}
