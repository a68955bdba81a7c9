import type { Address } from "@solana/kit";
import { bytesRandom } from "./bytes.js";
import { timeRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { FormatError, format } from "./format.js";
import { type Scope, termsOf } from "./grant.js";
import { fetchConfig, fetchRequest } from "./generated/accounts/index.js";
import { getRequestApproveInstructionAsync, getRequestCreateInstructionAsync } from "./generated/instructions/index.js";
import { findConfigPda, findGrantPda, findRequestPda } from "./generated/pdas/index.js";
import { PERMIT_OPEN, PURPOSES, type PurposeCode } from "./generated/tables/constants.js";
import { ScopeKind } from "./generated/types/index.js";
import { reseal } from "./head.js";
import { type Identity, type Place, addressBytes, blobStore, contactRead, payerOf, programBytes } from "./identity.js";

/** What a reader asks an owner for. */
export interface Ask {
  /** A folder or record; left out, the owner chooses. */
  readonly scope?: Scope;
  readonly purpose: PurposeCode;
  readonly permissions?: number;
  /** How long the reader wants to read. */
  readonly durationSecs: bigint;
  /** In words, for the owner alone. */
  readonly reason: string;
  /** Comes back unless nobody answers; by default the least that the program takes. */
  readonly depositLamports?: bigint;
}

const NOBODY = "11111111111111111111111111111111" as Address;

/** Asks an owner for a grant. */
export async function requestCreate(place: Place, requester: Identity, owner: Address, ask: Ask): Promise<Address> {
  const id = bytesRandom(16);
  const [request] = await findRequestPda({ owner, requester: requester.profile, id });
  const contact = await contactRead(place, owner);
  const context = reasonContext(request, owner, contact.keyVersion);
  const packet = await format((m) => m.reasonSeal(context, contact.xwing, ask.reason));
  const { data: config } = await fetchConfig(place.chain.rpc, (await findConfigPda())[0]);
  const payer = payerOf(place, requester);
  const create = await getRequestCreateInstructionAsync({
    payer,
    authority: requester.wallet,
    requester: requester.profile,
    owner,
    id,
    ask: {
      scopeKind: !ask.scope ? ScopeKind.OwnersChoice : ask.scope.record ? ScopeKind.Record : ScopeKind.Folder,
      scope: ask.scope?.record ?? ask.scope?.folder ?? NOBODY,
      purpose: PURPOSES[ask.purpose],
      permissions: ask.permissions ?? PERMIT_OPEN,
      durationSecs: ask.durationSecs,
      reason: await blobStore(place, packet),
      ttlSecs: config.requestTtlSecs,
      depositLamports: ask.depositLamports ?? config.requestDepositLamports,
    },
  });
  await transactionSend(place.chain, payer, [create]);
  return request;
}

/** The reason of a request, as its owner reads it. */
export async function requestReason(place: Place, owner: Identity, request: Address): Promise<string> {
  const { data } = await fetchRequest(place.chain.rpc, request);
  const packet = await place.store.get({ digest: Uint8Array.from(data.reasonDigest), len: data.reasonLen });
  // The request does not say to which version of the owner's keys it is sealed.
  let refusal: unknown;
  for (const { keyVersion, xwingSeed } of [owner, ...(owner.former ?? [])]) {
    const context = reasonContext(request, owner.profile, keyVersion);
    try {
      return await format((m) => m.reasonOpen(context, xwingSeed, packet));
    } catch (error) {
      if (!(error instanceof FormatError && error.reason === "PacketForged")) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** Grants what was asked for on a folder or record, until `untilSecs` or for as long as was asked. */
export async function requestApprove(
  place: Place,
  owner: Identity,
  request: Address,
  scope: Scope,
  untilSecs?: bigint,
): Promise<Address> {
  const { data } = await fetchRequest(place.chain.rpc, request);
  const reader = await contactRead(place, data.requester);
  const at = scope.record ?? scope.folder;
  const fromSecs = await timeRead(place.chain);
  const purpose = (Object.keys(PURPOSES) as PurposeCode[]).find((code) => PURPOSES[code] === data.purpose);
  if (!purpose)
    throw new AcesoError("The request names a purpose that this version does not know. Update the software.");
  const payer = payerOf(place, owner);
  const approve = await getRequestApproveInstructionAsync({
    payer,
    authority: owner.wallet,
    actor: owner.profile,
    owner: owner.profile,
    folder: scope.folder,
    ...(scope.record ? { record: scope.record } : {}),
    requester: data.requester,
    request,
    rentPayer: data.meta.payer,
    scope: at,
    readerBundleDigest: reader.bundleDigest,
    terms: await termsOf(place, {
      purpose,
      permissions: data.permissions,
      fromSecs,
      untilSecs: untilSecs ?? fromSecs + data.durationSecs,
    }),
    resealed: await reseal(place, owner, scope.folder, scope.record, reader),
  });
  await transactionSend(place.chain, payer, [approve]);
  return (await findGrantPda({ scope: at, reader: data.requester }))[0];
}

const reasonContext = (request: Address, owner: Address, keyVersion: number) => ({
  program: programBytes(),
  request: addressBytes(request),
  owner: addressBytes(owner),
  keyVersion,
});
