import type { Address } from "@solana/kit";
import { AcesoError } from "./errors.js";
import { fetchMaybeDelegate } from "./generated/accounts/index.js";
import { findDelegatePda } from "./generated/pdas/index.js";
import type { Place } from "./identity.js";

/** A delegation of this folder is for every folder. */
const EVERY = "11111111111111111111111111111111" as Address;

/** A head or keyring is signed by somebody who may not write it, as far as anybody vouches for that. */
export class WriterNotAllowedError extends AcesoError {
  override name = "WriterNotAllowedError";
}

/** A head or a keyring, as the chain shows it. */
export interface Written {
  readonly at: Address;
  readonly folder: Address;
  readonly owner: Address;
  readonly writer: Address;
  /** Who filed the record, if it is one. */
  readonly author?: Address;
}

/**
 * Refuses what was written by somebody who is not the folder's owner, the record's author, a delegate of the owner for
 * this folder, or somebody whose keys were seen before. The second node, where there is one, must know the delegation.
 */
export async function writerRequire(place: Place, { at, folder, owner, writer, author }: Written): Promise<void> {
  if (writer === owner || writer === author || place.pins?.get(writer)) return;
  const [pda] = await findDelegatePda({ owner, profile: writer });
  const delegations = await Promise.all(
    [place.chain, place.second ?? place.chain].map(({ rpc }) => fetchMaybeDelegate(rpc, pda)),
  );
  for (const delegation of delegations) {
    if (!delegation.exists || (delegation.data.folder !== EVERY && delegation.data.folder !== folder))
      throw new WriterNotAllowedError(
        `${at} was written by ${writer}, who is neither its owner nor a delegate. Ask the owner, or another node.`,
      );
  }
}
