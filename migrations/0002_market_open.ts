import { genesisRead } from "aceso";
import { MARKET_DEFAULT } from "aceso/localnet";
import { fetchMaybeConfig, findConfigPda, getMarketOpenInstructionAsync } from "aceso/program";
import type { Step } from "./step.js";

/** Clusters that are not one's own. The length of an epoch never changes there: whoever opens a market decides it. */
const PUBLIC = new Map([
  ["5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d", "mainnet"],
  ["EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG", "devnet"],
  ["4uhcVJyU9pJkvQyS88uRDiswHScsCo1T3jwD6N9sUYHi", "testnet"],
]);

export const step: Step = {
  name: "0002_market_open",
  async plan({ chain, wallet }) {
    const config = await fetchMaybeConfig(chain.rpc, (await findConfigPda())[0]);
    const epochSecs = config.exists ? config.data.market.epochSecs : 0n;
    if (epochSecs > 0n) return { done: `the storage market is open, with epochs of ${epochSecs} s` };
    const cluster = PUBLIC.get(await genesisRead(chain));
    if (cluster) return { done: `left to the admin on ${cluster}: send market_open` };
    const instruction = await getMarketOpenInstructionAsync({ payer: wallet, admin: wallet, ...MARKET_DEFAULT });
    return {
      todo: `open the storage market, with epochs of ${MARKET_DEFAULT.epochSecs} s`,
      instructions: [instruction],
    };
  },
};
