import { fetchMaybeConfig, findConfigPda, getConfigInitInstructionAsync } from "aceso/program";
import type { Step } from "./step.js";

/** What the program starts with; the admin changes it later with `config_update`, not here. */
const SETTINGS = {
  requestDepositLamports: 5_000_000n,
  requestFeeLamports: 1_000_000n,
  requestTtlSecs: 14n * 24n * 60n * 60n,
};

export const step: Step = {
  name: "0001_config_init",
  async plan({ chain, wallet }) {
    const [address] = await findConfigPda();
    const config = await fetchMaybeConfig(chain.rpc, address);
    if (config.exists) return { done: `configuration ${address} is there, admin ${config.data.admin}` };
    const instruction = await getConfigInitInstructionAsync({ payer: wallet, admin: wallet, ...SETTINGS });
    return { todo: `make the configuration ${address} with admin ${wallet.address}`, instructions: [instruction] };
  },
};
