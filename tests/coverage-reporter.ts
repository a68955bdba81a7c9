// Fails a full run in which an instruction of the IDL was executed by no test, and lists the refusals that none met.
import { readFileSync, readdirSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

interface Idl {
  instructions: { name: string }[];
  errors: { name: string }[];
}

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Refusals that no client can provoke: guards against faults of the program or the runtime itself, or that need 2^32 of something. */
const OUT_OF_REACH = new Set(["Overflow", "InvariantBroken", "VaultShort", "LedgerFull", "SlotHashesUnreadable"]);

export default class CoverageReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = readdirSync("tests", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".test.ts"));
    if (modules.length < all.length) return; // a part of the tests was asked for
    const instructions = new Set<string>();
    const refusals = new Set<string>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (test.result().state !== "passed") continue;
        for (const name of test.meta().instructions ?? []) instructions.add(name);
        for (const name of test.meta().refusals ?? []) refusals.add(name);
      }
    }
    const idl = JSON.parse(readFileSync("idl/aceso.json", "utf8")) as Idl;
    const uncovered = idl.instructions.map(({ name }) => camel(name)).filter((name) => !instructions.has(name));
    const unmet = idl.errors.map(({ name }) => name).filter((name) => !refusals.has(name) && !OUT_OF_REACH.has(name));
    console.log(
      `Journeys: ${instructions.size} of ${idl.instructions.length} instructions, ${refusals.size} refusals.`,
    );
    if (unmet.length > 0) console.log(`Refusals that no journey met: ${unmet.join(", ")}`);
    if (uncovered.length > 0) {
      console.error(`error: no journey executes ${uncovered.join(", ")}. Write one (tests/).`);
      process.exitCode = 1;
    }
  }
}
