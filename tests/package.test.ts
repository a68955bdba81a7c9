// The package as others get it: built, packed, installed into an empty project, and used from JavaScript and TypeScript.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const project = mkdtempSync(join(tmpdir(), "aceso-package-"));
const modules = join(project, "node_modules");

beforeAll(async () => {
  await run("npm", ["run", "build"], { cwd: "client/js" });
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: "client/js" });
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const files = packed.files.map(({ path }) => path);
  expect(files).toContain("dist/wasm/web/aceso_bg.wasm");
  expect(files).toContain("dist/program-elf/aceso.so");
  expect(files.filter((path) => !/^(dist\/|README\.md|package\.json)/.test(path))).toEqual([]);

  // As `npm install` would leave it, without asking a registry for what is installed here already.
  await run("tar", ["xf", join(project, packed.filename), "-C", project]);
  mkdirSync(modules);
  cpSync(join(project, "package"), join(modules, "aceso"), { recursive: true });
  for (const name of ["@solana", "typescript", "@types"])
    symlinkSync(resolve("node_modules", name), join(modules, name));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
}, 120_000);
afterAll(() => rmSync(project, { recursive: true }));

const USE = `
import { MemoryStore, folderCreate, profileCreate, recordOpen, recordPut } from "aceso";
import { startLocalnet } from "aceso/localnet";
import { leaseWeight } from "aceso/market";
import { ERRORS, findConfigPda } from "aceso/program";

const net = await startLocalnet();
const place = { chain: net.chain, store: new MemoryStore() };
const patient = await profileCreate(place, await net.wallet(), () => {});
const folder = await folderCreate(place, patient);
const record = await recordPut(place, patient, folder, new TextEncoder().encode("hello"), { title: "Greeting" });
const opened = await recordOpen(place, patient, record);
const [config]: readonly [string, number] = await findConfigPda();
console.log(opened.manifest.title, new TextDecoder().decode(opened.content), ERRORS[6000].name, config.length > 30, leaseWeight(1n));
net.stop();
`;

test("runs from the tarball, in Node without a bundler", async () => {
  writeFileSync(join(project, "use.js"), USE.replace(": readonly [string, number]", ""));
  const { stdout } = await run(process.execPath, ["use.js"], { cwd: project });
  expect(stdout.trim()).toBe("Greeting hello NotAuthority true 2048n");
});

test("has types that a strict project takes, without looking away from libraries", async () => {
  writeFileSync(join(project, "use.ts"), USE);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom"];
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, ...options, "--types", "node", "use.ts"], { cwd: project });
  expect(stdout).toBe("");
}, 60_000);
