import type { Instruction, KeyPairSigner } from "@solana/kit";
import type { Chain } from "aceso";

export interface Context {
  readonly chain: Chain;
  /** Pays, and signs as admin. */
  readonly wallet: KeyPairSigner;
}

/** One change of what is on the chain. */
export interface Step {
  readonly name: string;
  /** What is left to do: instructions for one transaction with what they do in words, or that it was done before. */
  plan(context: Context): Promise<{ done: string } | { todo: string; instructions: Instruction[] }>;
}
