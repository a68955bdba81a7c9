import { readFileSync } from "node:fs";
import type { Address } from "@solana/kit";
import { errorByCode, refusalRead } from "aceso";
import { ACESO_PROGRAM_ADDRESS } from "aceso/program";
import { describe, expect, test } from "vitest";

const idl = JSON.parse(readFileSync("idl/aceso.json", "utf8")) as {
  errors: { code: number; name: string; msg: string }[];
};
const SYSTEM = "11111111111111111111111111111111" as Address;
const custom = (index: number, code: number) => ({ InstructionError: [index, { Custom: code }] });

describe("a refusal", () => {
  test("has the number, name and sentence of the IDL, for every error", () => {
    for (const { code, name, msg } of idl.errors) {
      expect(errorByCode(code)).toEqual({ name, sentence: msg });
      const refusal = refusalRead(custom(0, code), [ACESO_PROGRAM_ADDRESS]);
      expect(refusal).toMatchObject({ reason: name, sentence: msg, code, instructionIndex: 0 });
      expect(refusal.message).toBe(`${msg} (${name})`);
    }
    expect(errorByCode(5999)).toBeUndefined();
  });

  test("is the program's only if the program's instruction was refused", () => {
    const { code, name } = idl.errors[0]!;
    expect(refusalRead(custom(1, code), [ACESO_PROGRAM_ADDRESS, SYSTEM]).reason).toBe("Custom");
    expect(refusalRead(custom(1, code), [SYSTEM, ACESO_PROGRAM_ADDRESS]).reason).toBe(name);
  });

  test("of Anchor names the account", () => {
    const log =
      "Program log: AnchorError caused by account: grant. Error Code: AccountNotInitialized. Error Number: 3012. " +
      "Error Message: The program expected this account to be already initialized.";
    const refusal = refusalRead(custom(0, 3012), [ACESO_PROGRAM_ADDRESS], [log]);
    expect(refusal).toMatchObject({ reason: "AccountNotInitialized", code: 3012, account: "grant" });
    expect(refusal.sentence).toContain("already initialized");
  });

  test("of the runtime has its name, and a wallet without SOL is told so", () => {
    const poor = refusalRead("InsufficientFundsForFee", []);
    expect([poor.reason, poor.sentence]).toEqual([
      "InsufficientFundsForFee",
      "The chain refused the transaction: insufficient funds for fee.",
    ]);
    expect(refusalRead({ InstructionError: [0, "MissingRequiredSignature"] }, []).reason).toBe(
      "MissingRequiredSignature",
    );
    const log = "Transfer: insufficient lamports 5, need 10";
    expect(refusalRead(custom(0, 1), [ACESO_PROGRAM_ADDRESS], [log]).sentence).toBe(log);
  });
});
