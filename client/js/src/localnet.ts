import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Address,
  type KeyPairSigner,
  type Rpc,
  type SolanaRpcApi,
  address,
  generateKeyPairSigner,
  getAddressEncoder,
  getProgramDerivedAddress,
} from "@solana/kit";
import { type Chain, chainConnect, timeRead, transactionSend } from "./chain.js";
import { AcesoError } from "./errors.js";
import { getConfigInitInstructionAsync, getMarketOpenInstructionAsync } from "./generated/instructions/index.js";
import { ACESO_PROGRAM_ADDRESS } from "./generated/programs/index.js";
import type { MarketTermsArgs, SettingsArgs } from "./generated/types/index.js";

const LOADER = address("BPFLoaderUpgradeab1e11111111111111111111111");
const LAMPORTS_PER_SOL = 1_000_000_000;

/** The part of Surfnet's platform package that is used here; it comes without types. */
interface Surfnet {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  deploy(options: { programId: string; soPath: string }): void;
  fundSol(address: string, lamports: number): void;
  setAccount(address: string, lamports: number, data: number[], owner: string): void;
  timeTravelToTimestamp(milliseconds: number): void;
  drainEvents(): unknown;
  stop(): void;
}

export interface LocalnetOptions {
  /** Path of the program; by default the one in this package, or of the checkout that this package is in. */
  program?: string;
  /**
   * `transaction` (default): a block for each transaction, at once; the chain's clock stands still but for `travel`.
   * `clock`: a block every 400 ms, as on a real cluster.
   */
  mode?: "transaction" | "clock";
  /** Upgrade authority of the program, and admin of its configuration; by default a new one. */
  admin?: KeyPairSigner;
  /** What `config_init` is called with; `null` leaves the program without configuration. */
  settings?: SettingsArgs | null;
  /** Opens the storage market with these; `true`: with `MARKET_DEFAULT`. By default it stays closed. */
  market?: MarketSettings | true;
}

/** What the storage market is opened with. */
export interface MarketSettings {
  /** Never to be changed. */
  epochSecs: bigint | number;
  terms: MarketTermsArgs;
}

/** A private Solana chain in this process, with the program on it. */
export interface Localnet {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  readonly chain: Chain;
  /** Upgrade authority of the program, and admin of its configuration. */
  readonly admin: KeyPairSigner;
  /** A new wallet with SOL. */
  wallet(sol?: number): Promise<KeyPairSigner>;
  fund(wallet: Address, sol: number): void;
  /** The chain's clock, unix seconds. */
  now(): Promise<bigint>;
  /** Moves the chain's clock forward. */
  travel(seconds: bigint | number): Promise<void>;
  /** Puts any account in place, for tests of what should not be. */
  accountSet(address: Address, account: { lamports: number; data: Uint8Array; owner: Address }): void;
  stop(): void;
}

export const SETTINGS_DEFAULT: SettingsArgs = {
  requestDepositLamports: 5_000_000n,
  requestFeeLamports: 1_000_000n,
  requestTtlSecs: 14n * 24n * 60n * 60n,
};

/** Epochs of a day, of which each proves 24 leaves of a peer within 12 hours. */
export const MARKET_DEFAULT: MarketSettings = {
  epochSecs: 24n * 60n * 60n,
  terms: {
    challenges: 24,
    graceDraws: 3,
    lossesMax: 3,
    beaconKind: 0,
    windowSecs: 12 * 60 * 60,
    lockEpochs: 30,
    noticeEpochs: 30,
    offerTtlSecs: 2 * 24 * 60 * 60,
    spotDepositLamports: 50_000n,
  },
};

/** Starts a chain: offline, on free ports, within a second. Call `stop()` when done, or the process does not end. */
export async function startLocalnet(options: LocalnetOptions = {}): Promise<Localnet> {
  const surfnet = surfnetLoad().startWithConfig({
    offline: true, // else it asks mainnet for every account that it does not know
    blockProductionMode: options.mode ?? "transaction",
    ...(options.mode === "clock" ? { slotTimeMs: 400 } : {}),
  });
  // Nobody reads Surfnet's events, and they would pile up.
  const drain = setInterval(() => surfnet.drainEvents(), 1000);
  drain.unref();
  const stop = () => {
    clearInterval(drain);
    surfnet.stop();
  };
  try {
    const chain = chainConnect(surfnet.rpcUrl);
    const fund = (wallet: Address, sol: number) => surfnet.fundSol(wallet, sol * LAMPORTS_PER_SOL);
    const wallet = async (sol = 10) => {
      const signer = await generateKeyPairSigner();
      fund(signer.address, sol);
      return signer;
    };
    const admin = options.admin ?? (await generateKeyPairSigner());
    fund(admin.address, 1000);
    await programPlace(surfnet, chain.rpc, options.program ?? programFind(), admin.address);
    const settings = options.settings === undefined ? SETTINGS_DEFAULT : options.settings;
    if (settings) await configInit(chain, admin, settings);
    if (options.market) await marketOpen(chain, admin, options.market === true ? MARKET_DEFAULT : options.market);
    return {
      rpcUrl: surfnet.rpcUrl,
      wsUrl: surfnet.wsUrl,
      chain,
      admin,
      wallet,
      fund,
      now: () => timeRead(chain),
      travel: async (seconds) => {
        const target = (await timeRead(chain)) + BigInt(seconds);
        surfnet.timeTravelToTimestamp(Number(target) * 1000);
      },
      accountSet: (at, { lamports, data, owner }) => surfnet.setAccount(at, lamports, Array.from(data), owner),
      stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}

async function configInit(chain: Chain, admin: KeyPairSigner, settings: SettingsArgs): Promise<void> {
  const instruction = await getConfigInitInstructionAsync({
    payer: admin,
    admin,
    programData: await programDataFind(),
    ...settings,
  });
  await transactionSend(chain, admin, [instruction]);
}

async function marketOpen(chain: Chain, admin: KeyPairSigner, market: MarketSettings): Promise<void> {
  const instruction = await getMarketOpenInstructionAsync({ payer: admin, admin, ...market });
  await transactionSend(chain, admin, [instruction]);
}

/** Where the upgradeable loader keeps the program's code and who may change it. */
export async function programDataFind(program: Address = ACESO_PROGRAM_ADDRESS): Promise<Address> {
  const seeds = [getAddressEncoder().encode(program)];
  return (await getProgramDerivedAddress({ programAddress: LOADER, seeds }))[0];
}

/** As the upgradeable loader would have left it, with `admin` as upgrade authority: Surfnet names one that nobody has. */
async function programPlace(surfnet: Surfnet, rpc: Rpc<SolanaRpcApi>, soPath: string, admin: Address): Promise<void> {
  surfnet.deploy({ programId: ACESO_PROGRAM_ADDRESS, soPath });
  const programData = await programDataFind();
  const { value } = await rpc.getAccountInfo(programData, { encoding: "base64" }).send();
  const data = Buffer.from(value?.data[0] ?? "", "base64");
  // ProgramData: u32 kind = 3, u64 slot, u8 whether there is an authority, 32 bytes authority, then the code.
  if (!value || data.readUInt32LE(0) !== 3)
    throw new AcesoError("Surfnet wrote an unknown kind of ProgramData account.");
  data[12] = 1;
  data.set(getAddressEncoder().encode(admin), 13);
  surfnet.setAccount(programData, Number(value.lamports), Array.from(data), LOADER);
}

function programFind(): string {
  const places = [
    process.env["ACESO_PROGRAM_SO"],
    fileURLToPath(new URL("./program-elf/aceso.so", import.meta.url)), // in the package
    fileURLToPath(new URL("../../../target/deploy/aceso.so", import.meta.url)), // in a checkout
  ];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new AcesoError("The program is not built: run `make program`, or pass its path as `program`.");
  return found;
}

function surfnetLoad(): { startWithConfig(config: object): Surfnet } {
  const platform = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
  const name = `@solana/surfpool-${platform}`;
  try {
    return (createRequire(import.meta.url)(name) as { Surfnet: { startWithConfig(config: object): Surfnet } }).Surfnet;
  } catch (error) {
    throw new AcesoError(
      `Surfnet does not load: run \`npm install --save-dev ${name}\`, if there is one for ${platform}.`,
      {
        cause: error,
      },
    );
  }
}
