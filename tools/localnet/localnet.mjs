// A local Solana chain (Surfnet) in the foreground, with the Aceso program on it. README.md says how to use it.
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { createServer, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { relative } from "node:path";

const HOST = "127.0.0.1";
const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";
const SPARE_PROGRAM_BYTES = 128 * 1024; // so that `anchor program deploy` can upgrade to a somewhat larger program
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const settings = {
  rpcPort: port("LOCALNET_RPC_PORT", 8899),
  wsPort: port("LOCALNET_WS_PORT", 8900),
  mode: process.env.LOCALNET_MODE || "clock",
  slotMs: Number(process.env.LOCALNET_SLOT_MS || 400),
  // LOCALNET_PROGRAM=none starts an empty chain, for what deploys by itself.
  program: process.env.LOCALNET_PROGRAM || path("../../target/deploy/aceso.so"),
};

function port(name, fallback) {
  const value = Number(process.env[name] || fallback);
  if (!Number.isInteger(value) || value < 0 || value > 65535) fail(`${name} must be a port number`);
  return value;
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function loadSurfnet() {
  // The wrapper package is not needed, the platform package is the whole thing.
  const platform = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
  try {
    return createRequire(import.meta.url)(`@solana/surfpool-${platform}`).Surfnet;
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") fail(`Surfnet does not load on this machine: ${error.message}`);
    return fail(
      `Surfnet is not installed for ${platform}. Run: make localnet. ` +
        "Where npm has no package for it, start any Solana validator on ports 8899 and 8900 instead.",
    );
  }
}

function base58(bytes) {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let number = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  let text = "";
  for (; number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
  return "1".repeat(bytes.findIndex((byte) => byte !== 0)) + text;
}

/** The public half of a Solana keypair file (64 bytes: seed, public key). */
function publicKey(file) {
  return Buffer.from(JSON.parse(readFileSync(file, "utf8"))).subarray(32);
}

// Surfnet always takes random ports, so two TCP proxies give it the fixed ones that every tool expects.
// Each direction is closed by itself (allowHalfOpen): a client that ends its request still gets the answer.
function proxy(target) {
  const open = new Set();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, async (client) => {
    open.add(client);
    client.on("close", () => open.delete(client));
    client.on("error", () => client.destroy()); // before the first await: a reset while waiting must not end the chain
    const { hostname, port: targetPort } = await target;
    if (client.destroyed) return;
    const upstream = connect({ host: hostname, port: targetPort, allowHalfOpen: true, noDelay: true });
    open.add(upstream);
    // A reset or a refused connection concerns these two sockets only.
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => {
      open.delete(upstream);
      // An orderly end has been passed on by pipe(); what is left is a client that never ends its own half.
      client.destroySoon();
    });
    client.on("close", () => upstream.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  return {
    listen: (wanted, name) =>
      new Promise((resolve) => {
        server.once("error", (error) =>
          fail(
            error.code === "EADDRINUSE"
              ? `port ${wanted} is taken. Stop what uses it (tools/localnet/run.sh stop) or set ${name}.`
              : error.message,
          ),
        );
        server.listen(wanted, HOST, () => resolve(server.address().port));
      }),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function call(url, method, params) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = await response.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

/** Puts the program on the chain as the upgradeable loader would have, with the public admin key as upgrade authority. */
async function deploy(surfnet, soPath, programId, admin) {
  surfnet.deploy({ programId, soPath });
  const { value: program } = await call(surfnet.rpcUrl, "getAccountInfo", [programId, { encoding: "base64" }]);
  const programData = base58(Buffer.from(program.data[0], "base64").subarray(4, 36));
  const { value } = await call(surfnet.rpcUrl, "getAccountInfo", [programData, { encoding: "base64" }]);
  const data = Buffer.from(value.data[0], "base64");
  // ProgramData: u32 kind = 3, u64 slot, u8 authority is there, 32 bytes authority, then the code. Surfnet names the
  // system program as authority, which nobody can sign for; config_init asks for a signature of the real one.
  if (data.readUInt32LE(0) !== 3) throw new Error("Surfnet wrote an unknown kind of ProgramData account");
  data[12] = 1;
  admin.copy(data, 13);
  const grown = Buffer.concat([data, Buffer.alloc(SPARE_PROGRAM_BYTES)]);
  surfnet.setAccount(programData, value.lamports + SPARE_PROGRAM_BYTES * 6960, Array.from(grown), LOADER);
}

async function main() {
  if (!["clock", "transaction"].includes(settings.mode)) fail("LOCALNET_MODE must be clock or transaction");
  const withProgram = settings.program !== "none";
  if (withProgram && !existsSync(settings.program)) fail(`${settings.program} is missing. Run: make program`);
  const Surfnet = loadSurfnet();

  let ready;
  const started = new Promise((resolve) => (ready = resolve));
  const rpc = proxy(started.then((surfnet) => new URL(surfnet.rpcUrl)));
  const ws = proxy(started.then((surfnet) => new URL(surfnet.wsUrl)));
  const rpcPort = await rpc.listen(settings.rpcPort, "LOCALNET_RPC_PORT");
  const wsPort = await ws.listen(settings.wsPort, "LOCALNET_WS_PORT");

  const surfnet = Surfnet.startWithConfig({
    offline: true, // else it asks mainnet for accounts that it does not know, and hangs where there is no network
    blockProductionMode: settings.mode,
    ...(settings.mode === "clock" ? { slotTimeMs: settings.slotMs } : {}),
  });
  const drain = setInterval(() => surfnet.drainEvents(), 1000); // nobody reads them, and they would pile up
  const stop = (code) => {
    clearInterval(drain);
    rpc.close();
    ws.close();
    surfnet.stop();
    process.exit(code);
  };
  process.on("SIGINT", () => stop(0));
  process.on("SIGTERM", () => stop(0));

  try {
    const admin = publicKey(path("admin-keypair.json"));
    const programId = base58(publicKey(path("program-keypair.json")));
    surfnet.fundSol(base58(admin), 1_000_000 * 1e9);
    if (withProgram) await deploy(surfnet, settings.program, programId, admin);
    ready(surfnet); // only now do waiting connections go through: no client sees a chain without the program
    const what = withProgram ? `program ${programId} (${relative(process.cwd(), settings.program)})` : "no program";
    console.log(
      `localnet ready: rpc http://${HOST}:${rpcPort} ws ws://${HOST}:${wsPort} ${what} admin ${base58(admin)}`,
    );
  } catch (error) {
    console.error(`error: ${error.message}`);
    stop(1);
  }
}

await main();
