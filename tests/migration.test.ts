import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { createKeyPairSignerFromBytes } from "@solana/kit";
import { MARKET_DEFAULT } from "aceso/localnet";
import * as program from "aceso/program";
import { describe, expect, test } from "vitest";
import { migrate } from "../migrations/migrate.js";
import { World } from "./world.js";

const KEYPAIR = resolve("tools/localnet/admin-keypair.json");
const admin = await createKeyPairSignerFromBytes(
  Uint8Array.from(JSON.parse(readFileSync(KEYPAIR, "utf8")) as number[]),
);
const [config] = await program.findConfigPda();
const run = promisify(execFile);

async function migrated(world: World, options: { dryRun?: boolean } = {}) {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const changed = await migrate({ rpc: world.net.rpcUrl, wallet: admin, print, ...options });
  return { changed, lines };
}

describe("migrations", () => {
  test("say what they would do, do it once, and say that it was done", async () => {
    const world = await World.start({ settings: null, admin });
    const dry = await migrated(world, { dryRun: true });
    expect([dry.changed, dry.lines.length]).toEqual([2, 2]);
    expect(dry.lines[0]).toMatch(/^0001_config_init: would make the configuration/);
    expect(dry.lines[1]).toMatch(/^0002_market_open: would open the storage market, with epochs of 86400 s/);
    expect(await world.exists(config)).toBe(false);

    const first = await migrated(world);
    expect(first.changed).toBe(2);
    expect(first.lines[0]).toMatch(/^0001_config_init: did make/);
    expect(first.lines[1]).toMatch(/^0002_market_open: did open/);
    const { data } = await program.fetchConfig(world.chain.rpc, config);
    expect(data.admin).toBe(admin.address);
    expect(data.market).toMatchObject(MARKET_DEFAULT);
    const again = await migrated(world);
    expect(again.changed).toBe(0);
    expect(again.lines[0]).toMatch(/^0001_config_init: done before/);
    expect(again.lines[1]).toMatch(/^0002_market_open: done before \(the storage market is open/);
  });

  test("run alone, and never without a cluster", async () => {
    const world = await World.start({ settings: null, admin });
    const alone = (...args: string[]) => run("npx", ["tsx", "migrations/run.ts", ...args]);
    await expect(alone("--keypair", KEYPAIR)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no default") as string,
    });
    const nobody = alone("--rpc", "http://127.0.0.1:1", "--keypair", KEYPAIR);
    await expect(nobody).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("No Solana node answers") as string,
    });
    const { stdout } = await alone("--rpc", world.net.rpcUrl, "--keypair", KEYPAIR);
    expect(stdout).toContain("0001_config_init: did make the configuration");
  });

  test("refuse mainnet unless it is meant", async () => {
    const world = await World.start({ settings: null, admin });
    // A node that says it is mainnet, and is asked nothing else.
    const { createServer } = await import("node:http");
    const server = createServer((_, answer) => {
      const result = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
      answer.end(JSON.stringify({ jsonrpc: "2.0", id: "0", result }));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    await expect(migrate({ rpc: `http://127.0.0.1:${port}`, wallet: admin })).rejects.toThrow("This is mainnet");
    server.close();
    expect(await world.exists(config)).toBe(false);
  });

  test("run by `anchor migrate`, whose script host this is (Anchor CLI 1.2.2)", async () => {
    const world = await World.start({ settings: null, admin });
    const host = resolve("target/anchor-migrate/deploy.ts");
    mkdirSync(resolve(host, ".."), { recursive: true });
    const script = `import * as anchor from '@anchor-lang/core';
const userScript = require("${resolve("migrations/deploy.ts")}");
async function main() {
    const connection = new anchor.web3.Connection(
      "${world.net.rpcUrl}",
      anchor.AnchorProvider.defaultOptions().commitment
    );
    const wallet = anchor.Wallet.local();
    const provider = new anchor.AnchorProvider(connection, wallet);
    userScript(provider);
}
main();
`;
    writeFileSync(host, script);
    const env = { ...process.env, ANCHOR_WALLET: KEYPAIR };
    const { stdout } = await run("npm", ["run", "ts-node", host], { cwd: resolve(host, ".."), env });
    expect(stdout).toContain("0001_config_init: did make the configuration");
    expect(await world.exists(config)).toBe(true);
  });
});
