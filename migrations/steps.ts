import { step as configInit } from "./0001_config_init.js";
import { step as marketOpen } from "./0002_market_open.js";
import type { Step } from "./step.js";

/** In the order in which they run. */
export const STEPS: readonly Step[] = [configInit, marketOpen];
