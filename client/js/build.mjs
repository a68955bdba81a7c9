// `npm run build`: dist/ of the package. The WASM module and the program come along where they have been built.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

if (!existsSync(here("src/wasm/web/aceso_bg.wasm"))) {
  console.error("error: client/js/src/wasm is missing. Run: make wasm");
  process.exit(1);
}
rmSync(here("dist"), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "-p", here("tsconfig.json")], { stdio: "inherit" });
cpSync(here("src/wasm/web"), here("dist/wasm/web"), { recursive: true });
const program = here("../../target/deploy/aceso.so");
if (existsSync(program)) {
  mkdirSync(here("dist/program-elf"), { recursive: true });
  cpSync(program, here("dist/program-elf/aceso.so"));
} else {
  console.warn("warning: without target/deploy/aceso.so (make program) startLocalnet() needs the option `program`");
}
