// `anchor migrate` calls this with a provider of cluster and wallet in Anchor.toml. The same steps run without Anchor:
// npm run migrate. CommonJS, because Anchor's script host calls require() and expects the function itself.
import { createKeyPairSignerFromBytes } from "@solana/kit";
import { migrate } from "./migrate.js";

/** What is used of @anchor-lang/core's AnchorProvider; its wallet is a keypair file (`Wallet.local()`). */
interface Provider {
  connection: { rpcEndpoint: string };
  wallet: { payer: { secretKey: Uint8Array } };
}

export = async function deploy(provider: Provider): Promise<void> {
  const wallet = await createKeyPairSignerFromBytes(provider.wallet.payer.secretKey);
  // Anchor.toml names the cluster, and this is the only thing that may say that mainnet is meant.
  await migrate({ rpc: provider.connection.rpcEndpoint, wallet, mainnet: process.env["ACESO_MAINNET"] === "yes" });
};
