import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`client/js/src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // The tests run the sources; tests/package.test.ts builds, packs and installs the package.
    alias: [
      { find: "#wasm", replacement: source("wasm/web/aceso.js") },
      { find: /^aceso$/, replacement: source("index.ts") },
      { find: /^aceso\/localnet$/, replacement: source("localnet.ts") },
      { find: /^aceso\/market$/, replacement: source("market.ts") },
      { find: /^aceso\/program$/, replacement: source("program.ts") },
    ],
  },
  test: {
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    reporters: ["default", "./tests/coverage-reporter.ts"],
    pool: "forks", // Surfnet is native code with threads of its own: one process for each file
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
