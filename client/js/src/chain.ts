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

const COMMITMENT = "confirmed";
/** Simulation cannot know by how much the cost of finding an address, or of logs, differs a block later. */
const COMPUTE_MARGIN = 1.1;
const POLL_MS = [10, 20, 40, 80, 160, 320];

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
 * expired (ExpiredError). All signers are in the instructions; `feePayer` also pays the network's fee.
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
  await chain.rpc
    .sendTransaction(getBase64EncodedWireTransaction(signed), { encoding: "base64", skipPreflight: true })
    .send();
  await signatureAwait(chain, signature, lifetime.lastValidBlockHeight, programs);
  const read = await transactionRead(chain, signature);
  if (!read?.meta) throw new AcesoError(`The node executed ${signature} and does not show it. Ask another node.`);
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

async function signatureAwait(chain: Chain, signature: Signature, lastHeight: bigint, programs: Address[]) {
  for (let attempt = 0; ; attempt++) {
    const { value } = await chain.rpc.getSignatureStatuses([signature]).send();
    const status = value[0];
    if (status?.confirmationStatus && status.confirmationStatus !== "processed") {
      if (status.err !== null) throw refusalRead(status.err as TransactionFailure, programs);
      return;
    }
    if (!status && (await chain.rpc.getBlockHeight({ commitment: COMMITMENT }).send()) > lastHeight) {
      throw new ExpiredError("The network did not take the transaction in time. Nothing was changed; try again.");
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS[attempt] ?? 400));
  }
}
