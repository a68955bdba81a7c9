// Small tables beside codama's output: what a client looks up by number or by name at run time.

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const sentence = (docs) => (docs ?? []).join(" ");

export function errorsWrite(idl) {
  const rows = idl.errors.map(
    (error) => `${error.code}: { name: "${error.name}", sentence: ${JSON.stringify(error.msg)} },`,
  );
  return `/** Every refusal of the program: its number, name and sentence. */
export const ERRORS = {\n${rows.join("\n")}\n} as const;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorName = (typeof ERRORS)[ErrorCode]["name"];
`;
}

export function eventsWrite(idl) {
  const names = idl.events.map((event) => event.name);
  const rows = idl.events.map(
    ({ name, discriminator }) =>
      `{ name: "${name}", discriminator: new Uint8Array([${discriminator}]), decoder: get${name}EventDecoder() },`,
  );
  return `import { ${names.map((name) => `get${name}EventDecoder, type ${name}Event`).join(", ")} } from "../types/index.js";

/** Every event that the program emits, with its discriminator and decoder. */
export const EVENTS = [\n${rows.join("\n")}\n] as const;

export type ProgramEvent = ${names.map((name) => `{ name: "${name}"; data: ${name}Event }`).join(" | ")};
`;
}

export function instructionsWrite(idl) {
  const rows = idl.instructions.map(
    ({ name, discriminator, docs }) =>
      `{ name: "${camel(name)}", discriminator: new Uint8Array([${discriminator}]), about: ${JSON.stringify(sentence(docs))} },`,
  );
  return `/** Every instruction of the program. */
export const INSTRUCTIONS = [\n${rows.join("\n")}\n] as const;

export type InstructionName = (typeof INSTRUCTIONS)[number]["name"];
`;
}

export function constantsWrite(constants, purposes) {
  const lines = [...constants].map(([name, { type, value, doc }]) => {
    // 64-bit numbers are bigint, as in codama's types.
    const address = type === "Pubkey" ? ` as Address<${JSON.stringify(value)}>` : "";
    const literal =
      typeof value === "string" ? JSON.stringify(value) + address : `${value}${/64/.test(type) ? "n" : ""}`;
    const comment = doc ? `/**\n * ${doc.replaceAll("\n", "\n * ")}\n */\n` : "";
    return `${comment}export const ${name} = ${literal};`;
  });
  const rows = purposes.map(({ code, words, number }) => `/** ${words} */\n${code}: ${number},`);
  return `import type { Address } from "@solana/kit";

${lines.join("\n\n")}

/** Why a reader wants to read: codes of HL7 v3 value set PurposeOfUse, and the program's numbers for them. */
export const PURPOSES = {\n${rows.join("\n")}\n} as const;

export type PurposeCode = keyof typeof PURPOSES;
`;
}
