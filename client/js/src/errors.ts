import { type Address, isSolanaError, SOLANA_ERROR__TRANSACTION__EXCEEDS_SIZE_LIMIT } from "@solana/kit";
import { ERRORS, type ErrorCode, type ErrorName } from "./generated/tables/errors.js";
import { ACESO_PROGRAM_ADDRESS } from "./generated/programs/index.js";

export type { ErrorCode, ErrorName };

/** A refusal, with what it says to the user. The base of everything that this package throws on purpose. */
export class AcesoError extends Error {
  override name = "AcesoError";
}

/** The program, Anchor in front of it, or the runtime under it refused a transaction. Nothing was changed. */
export class RefusedError extends AcesoError {
  override name = "RefusedError";
  constructor(
    /** `NotAuthority` and so on of the program; Anchor's own name for a wrong account; otherwise the runtime's. */
    readonly reason: ErrorName | (string & {}),
    /** What is wrong and what to do. */
    readonly sentence: string,
    /** Number of the error, or undefined if the runtime gave none. */
    readonly code: number | undefined,
    /** Which of the transaction's instructions was refused, from 0. */
    readonly instructionIndex: number | undefined,
    /** The account that Anchor blames, by its name in the IDL. */
    readonly account: string | undefined,
    readonly logs: readonly string[],
  ) {
    super(`${sentence} (${reason}${account ? `, account ${account}` : ""})`);
  }
}

/** The program's error of a number, or undefined. */
export function errorByCode(code: number): { name: ErrorName; sentence: string } | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined;
}

/** What an RPC node says of a failed transaction: `{ InstructionError: [index, { Custom: code }] }` or a name. */
export type TransactionFailure = string | { readonly [kind: string]: unknown };

/**
 * Reads a failure. `programs` are the programs that the transaction's instructions call, in order: error numbers are
 * only meaningful together with the program that returned them.
 */
export function refusalRead(
  failure: TransactionFailure,
  programs: readonly Address[],
  logs: readonly string[] = [],
  program: Address = ACESO_PROGRAM_ADDRESS,
): RefusedError {
  const instruction = instructionErrorRead(failure);
  if (!instruction) {
    const name = typeof failure === "string" ? failure : (Object.keys(failure)[0] ?? "Unknown");
    return new RefusedError(name, runtimeSentence(name), undefined, undefined, undefined, logs);
  }
  const { index, code, name } = instruction;
  const anchor = anchorLogRead(logs);
  if (code === undefined) return new RefusedError(name, runtimeSentence(name), undefined, index, undefined, logs);
  if (programs[index] === program) {
    const known = errorByCode(code);
    const account = anchor?.code === code ? anchor.account : undefined;
    if (known) return new RefusedError(known.name, known.sentence, code, index, account, logs);
    if (anchor?.code === code)
      return new RefusedError(anchor.name, `${anchor.message} Check this account.`, code, index, account, logs);
  }
  // A program that ours has called (the system program: no lamports left), or another program of the transaction.
  const said = logs.findLast((line) => /^Transfer: |insufficient|failed:/.test(line));
  return new RefusedError("Custom", said ?? `Program error ${code}.`, code, index, undefined, logs);
}

function instructionErrorRead(failure: TransactionFailure) {
  const pair = typeof failure === "object" ? failure["InstructionError"] : undefined;
  if (!Array.isArray(pair)) return undefined;
  const detail: unknown = pair[1];
  const custom =
    typeof detail === "object" && detail !== null && "Custom" in detail ? Number(detail.Custom) : undefined;
  const name = typeof detail === "string" ? detail : Object.keys((detail as object) ?? {})[0];
  return { index: Number(pair[0]), code: custom, name: name ?? "Unknown" };
}

/** "AnchorError caused by account: x. Error Code: Y. Error Number: 2006. Error Message: Z." */
function anchorLogRead(logs: readonly string[]) {
  const pattern =
    /AnchorError (?:caused by account: (\w+)|thrown in [^ ]+|occurred)\.? ?Error Code: (\w+)\. Error Number: (\d+)\. Error Message: (.*)$/;
  for (const line of logs.toReversed()) {
    const match = pattern.exec(line);
    if (match) return { account: match[1], name: match[2]!, code: Number(match[3]), message: match[4]! };
  }
  return undefined;
}

function runtimeSentence(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return `The chain refused the transaction: ${words}.`;
}

/** Whether a transaction was not even sent because it is too large. */
export function isTooLarge(cause: unknown): boolean {
  return isSolanaError(cause, SOLANA_ERROR__TRANSACTION__EXCEEDS_SIZE_LIMIT);
}
