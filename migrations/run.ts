// npm run migrate -- --rpc URL --keypair FILE [--dry-run] [--mainnet]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createKeyPairSignerFromBytes } from "@solana/kit";
import { migrate } from "./migrate.js";

const USAGE = "usage: npm run migrate -- --rpc URL --keypair FILE [--dry-run] [--mainnet]";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rpc: { type: "string" },
      keypair: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      mainnet: { type: "boolean", default: false },
    },
  });
  if (!values.rpc || !values.keypair) {
    console.error(`error: name the cluster and the wallet; there is no default.\n${USAGE}`);
    process.exit(2);
  }
  const wallet = await createKeyPairSignerFromBytes(
    Uint8Array.from(JSON.parse(readFileSync(values.keypair, "utf8")) as number[]),
  );
  await migrate({ rpc: values.rpc, wallet, dryRun: values["dry-run"], mainnet: values.mainnet });
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
