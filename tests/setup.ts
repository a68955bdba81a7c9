// Notes in each test's result which instructions and refusals it met: coverage-reporter.ts adds them up.
import { afterEach } from "vitest";
import { refusalsSeen, instructionsSeen } from "./world.js";

declare module "vitest" {
  interface TaskMeta {
    instructions?: string[];
    refusals?: string[];
  }
}

afterEach(({ task }) => {
  task.meta.instructions = [...instructionsSeen];
  task.meta.refusals = [...refusalsSeen];
});
