import { AcesoError, chainConnect, genesisRead, transactionSend } from "aceso";
import { ACESO_PROGRAM_ADDRESS } from "aceso/program";
import type { KeyPairSigner } from "@solana/kit";
import { STEPS } from "./steps.js";

const MAINNET_GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";

export interface MigrateOptions {
  rpc: string;
  wallet: KeyPairSigner;
  /** Say what would be done, and do nothing. */
  dryRun?: boolean;
  /** Needed for mainnet, whatever address the node has. */
  mainnet?: boolean;
  print?: (line: string) => void;
}

/** Runs every step in order. Returns how many had something to do. */
export async function migrate(options: MigrateOptions): Promise<number> {
  const print = options.print ?? console.log;
  const chain = chainConnect(options.rpc);
  const genesis = await genesisRead(chain).catch((cause: unknown) => {
    throw new AcesoError(`No Solana node answers at ${options.rpc}. Start one (make localnet) or name another.`, {
      cause,
    });
  });
  if (genesis === MAINNET_GENESIS && !options.mainnet)
    throw new AcesoError("This is mainnet. Say --mainnet as well if that is meant.");
  const { value: program } = await chain.rpc.getAccountInfo(ACESO_PROGRAM_ADDRESS, { encoding: "base64" }).send();
  if (!program?.executable)
    throw new AcesoError(`The program ${ACESO_PROGRAM_ADDRESS} is not deployed there. Deploy it first.`);

  let changed = 0;
  for (const step of STEPS) {
    const plan = await step.plan({ chain, wallet: options.wallet });
    if ("done" in plan) {
      print(`${step.name}: done before (${plan.done})`);
    } else if (options.dryRun) {
      print(`${step.name}: would ${plan.todo}`);
      changed += 1;
    } else {
      const { signature } = await transactionSend(chain, options.wallet, plan.instructions);
      print(`${step.name}: did ${plan.todo} (${signature})`);
      changed += 1;
    }
  }
  return changed;
}
