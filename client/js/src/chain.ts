import {
  type Address,
  type Instruction,
  type Rpc,
  type RpcTransport,
  type Signature,
  type SolanaRpcApi,
  type Transaction,
  type TransactionSigner,
  appendTransactionMessageInstructions,
  createDefaultRpcTransport,
  createSolanaRpcFromTransport,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { AcesoError, refusalRead, type TransactionFailure } from "./errors.js";
import { eventsRead, type ProgramEvent, type TransactionRead } from "./events.js";

/** A connection to one RPC node. What it says is a claim; `audit.ts` and the signatures in blobs check it. */
export interface Chain {
  readonly rpc: Rpc<SolanaRpcApi>;
}

/** A transaction that was executed. */
export interface Sent {
  readonly signature: Signature;
  readonly slot: bigint;
  readonly events: ProgramEvent[];
  readonly computeUnits: bigint;
  readonly feeLamports: bigint;
}

/** A transaction was not executed and never will be: it is safe to build it anew. */
export class ExpiredError extends AcesoError {
  override name = "ExpiredError";
}

/** The node fell silent before it was known whether a transaction was executed. Look for `signature` before anything else. */
export class FateUnknownError extends AcesoError {
  override name = "FateUnknownError";
  constructor(
    readonly signature: Signature,
    options?: ErrorOptions,
  ) {
    super(
      `Nobody knows yet whether ${signature} was executed. Look for it (on another node) before trying again.`,
      options,
    );
  }
}

const COMMITMENT = "confirmed";
/** Simulation cannot know by how much the cost of finding an address, or of logs, differs a block later. */
const COMPUTE_MARGIN = 1.1;
const POLL_MS = [10, 20, 40, 80, 160, 320];
/** How long a node may fail to answer before one is told so. */
const SILENCE_MS = 30_000;

/** There is no default: nobody reaches mainnet by leaving something out. */
export function chainConnect(node: string | RpcTransport): Chain {
  const transport = typeof node === "string" ? createDefaultRpcTransport({ url: node }) : node;
  // kit types the API per cluster; a custom transport may be any of them.
  return { rpc: createSolanaRpcFromTransport(transport) as Rpc<SolanaRpcApi> };
}

/** Hash of the first block: it tells clusters apart, and is part of what a bundle signs. */
export async function genesisRead(chain: Chain): Promise<string> {
  return chain.rpc.getGenesisHash().send();
}

/**
 * Simulates, signs, sends, and returns only when the transaction's fate is known: executed, refused (RefusedError) or
 * expired (ExpiredError); FateUnknownError if the node stops answering meanwhile. All signers are in the instructions;
 * `feePayer` also pays the network's fee.
 */
export async function transactionSend(
  chain: Chain,
  feePayer: TransactionSigner,
  instructions: readonly Instruction[],
): Promise<Sent> {
  const { value: lifetime } = await chain.rpc.getLatestBlockhash({ commitment: COMMITMENT }).send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(feePayer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
    (m) => setTransactionMessageComputeUnitLimit(1_400_000, m),
  );
  const programs = message.instructions.map(({ programAddress }) => programAddress);
  const units = await transactionSimulate(chain, await signTransactionMessageWithSigners(message), programs);
  const limited = setTransactionMessageComputeUnitLimit(Math.ceil(Number(units) * COMPUTE_MARGIN) + 1_000, message);
  const signed = await signTransactionMessageWithSigners(limited);
  const signature = getSignatureFromTransaction(signed);
  // The node's own simulation is skipped, ours has just been: a refusal from here on is a race that we lost.
  // That it does not answer does not mean that it did not pass the transaction on.
  const unsent = await chain.rpc
    .sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64", skipPreflight: true })
    .send()
    .then(
      () => undefined,
      (cause: unknown) => cause,
    );
  await signatureAwait(chain, signature, lifetime.lastValidBlockHeight, programs, unsent);
  const read = await untilAnswered(signature, async () => {
    const shown = await transactionRead(chain, signature);
    return shown?.meta ? { ...shown, meta: shown.meta } : undefined;
  });
  return {
    signature,
    slot: read.slot,
    events: eventsRead(read),
    computeUnits: read.meta.computeUnitsConsumed ?? 0n,
    feeLamports: read.meta.fee,
  };
}

/** A transaction as the node shows it, or null if it has none. */
export async function transactionRead(chain: Chain, signature: Signature) {
  const read = await chain.rpc
    .getTransaction(signature, { encoding: "json", maxSupportedTransactionVersion: 1, commitment: COMMITMENT })
    .send();
  return read as (TransactionRead & { slot: bigint; meta: ReadMeta }) | null;
}

type ReadMeta = (TransactionRead["meta"] & { fee: bigint; computeUnitsConsumed?: bigint }) | null;

/** The chain's clock, unix seconds: what dates are compared with. */
export async function timeRead(chain: Chain): Promise<bigint> {
  const { value } = await chain.rpc
    .getAccountInfo("SysvarC1ock11111111111111111111111111111111" as Address, { encoding: "base64" })
    .send();
  if (!value) throw new AcesoError("The node has no clock. Is it a Solana node?");
  const bytes = Uint8Array.from(atob(value.data[0]), (letter) => letter.charCodeAt(0));
  return new DataView(bytes.buffer).getBigInt64(32, true);
}

async function transactionSimulate(chain: Chain, transaction: Transaction, programs: Address[]): Promise<bigint> {
  const wire = getBase64EncodedWireTransaction(transaction);
  const { value } = await chain.rpc
    .simulateTransaction(wire, { encoding: "base64", commitment: COMMITMENT, sigVerify: false })
    .send();
  if (value.err !== null) throw refusalRead(value.err as TransactionFailure, programs, value.logs ?? []);
  return value.unitsConsumed ?? 1_400_000n;
}

async function signatureAwait(
  chain: Chain,
  signature: Signature,
  lastHeight: bigint,
  programs: Address[],
  unsent: unknown,
): Promise<void> {
  const status = await untilAnswered(
    signature,
    async () => {
      // The height first: a transaction that lands between the two questions is then not taken for expired.
      const height = await chain.rpc.getBlockHeight({ commitment: COMMITMENT }).send();
      const { value } = await chain.rpc.getSignatureStatuses([signature], { searchTransactionHistory: true }).send();
      const found = value[0];
      if (found?.confirmationStatus && found.confirmationStatus !== "processed") return found;
      if (!found && height > lastHeight)
        throw new ExpiredError("The network did not take the transaction in time. Nothing was changed; try again.");
      return undefined;
    },
    // As long as the node answers, the transaction is executed or expires.
    Infinity,
    unsent,
  );
  if (status.err !== null) throw refusalRead(status.err as TransactionFailure, programs);
}

/**
 * Asks again until there is an answer. A transaction is on its way: an error of the node is no reason to leave it, unless
 * nothing else comes for `SILENCE_MS`; `patienceMs` is for a node that answers, but with nothing.
 */
async function untilAnswered<Answer>(
  signature: Signature,
  ask: () => Promise<Answer | undefined>,
  patienceMs = SILENCE_MS,
  unsent?: unknown,
): Promise<Answer> {
  const begun = Date.now();
  let heard = begun;
  let cause = unsent;
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      heard = Date.now();
    } catch (error) {
      if (error instanceof AcesoError) throw error;
      cause = error;
    }
    const now = Date.now();
    if (now - heard > SILENCE_MS || now - begun > patienceMs) throw new FateUnknownError(signature, { cause });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS[attempt] ?? 400));
  }
}
