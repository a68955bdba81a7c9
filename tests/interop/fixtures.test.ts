// What the Rust client sealed opens here, and what it refuses is refused here under the same name. The fixtures are
// frozen by client/format, which runs them natively and as WASM; here WebCrypto opens the content.
import { readFileSync } from "node:fs";
import { FormatError, addressOf, cidOf, contentOpen, contentSeal, format, sha256 } from "aceso";
import { describe, expect, test } from "vitest";

interface Case {
  name: string;
  op: string;
  base: string;
  /** Hexadecimal bytes, or a range of the base object's. */
  parts: (string | [number, number])[];
  args: { [name: string]: string | number };
  expect: string;
  value?: object;
}
const fixtures = JSON.parse(readFileSync("client/format/testdata/fixtures.json", "utf8")) as {
  objects: { [name: string]: string };
  cases: Case[];
};
const hex = (bytes: ArrayLike<number>) => Buffer.from(Array.from(bytes)).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

function assemble({ base, parts }: Case): Uint8Array {
  const object = bytes(fixtures.objects[base] ?? "");
  return new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? bytes(part) : object.subarray(...part)))),
  );
}

/** Arguments as the WASM takes them: hexadecimal becomes bytes, but for the one that is a word. */
function query({ args }: Case): never {
  const entries = Object.entries(args).map(([name, value]) => [
    name,
    typeof value === "string" && name !== "as" ? bytes(value) : value,
  ]);
  return Object.fromEntries(entries) as never;
}

const operations: { [op: string]: (input: Uint8Array, fixture: Case) => Promise<unknown> } = {
  async address(input) {
    const address = await addressOf(input);
    return { digest: hex(address.digest), len: address.len, cid: cidOf(address) };
  },
  async content(input, fixture) {
    const { record, key, contentLen } = query(fixture) as { record: Uint8Array; key: Uint8Array; contentLen: number };
    return { sha256: hex(await sha256(await contentOpen(record, key, contentLen, input))) };
  },
  async bundle(input, fixture) {
    const { keys, fingerprint } = await format((m) => m.bundleOpen(input, query(fixture)));
    return { fingerprint, message: await format((m) => m.bundleMessage(keys)) };
  },
  async previous(input, fixture) {
    const { newer } = query(fixture) as { newer: Uint8Array };
    const { keyVersion, signing, previous } = await format((m) => m.bundleOpenPrevious(newer, input));
    return { keyVersion, signing: hex(signing), previous: previous ? hex(previous.digest) : null };
  },
  async head(input, fixture) {
    const { manifest, headKey } = await format((m) => m.headOpen(input, query(fixture)));
    const { title, fileName, contentKey, plaintextLen } = manifest;
    return { title, fileName, contentKey: hex(contentKey), headKey: hex(headKey), plaintextLen };
  },
  async keyring(input, fixture) {
    const opened = await format((m) => m.keyringOpen(input, query(fixture)));
    const seeds = Array.from({ length: opened.epoch }, (_, index) => hex(opened.seed(index + 1)));
    opened.free();
    return { seeds };
  },
};

describe("the Rust client's fixtures", () => {
  test.each(fixtures.cases.map((fixture) => [fixture.name, fixture.expect, fixture] as const))(
    "%s: %s",
    async (_, outcome, fixture) => {
      const operation = operations[fixture.op];
      expect(operation, `no operation ${fixture.op}`).toBeDefined();
      const found = await operation!(assemble(fixture), fixture).catch((error: unknown) => {
        if (error instanceof FormatError) return error.reason;
        throw error;
      });
      expect(found).toEqual(outcome === "ok" ? fixture.value : outcome);
    },
  );
});

describe("content sealed by WebCrypto", () => {
  const record = new Uint8Array(32).fill(7);

  test.each([0, 1, 4088, 4089, 16_376, 16_384, 40_000, 1_000_003])(
    "of %i bytes opens by the Rust code",
    async (len) => {
      const key = await format((m) => m.secretGenerate());
      const content = Uint8Array.from({ length: len }, (_, index) => index & 255);
      const sealed = await contentSeal(record, key, content);
      // Chunk by chunk through the portable AES of the WASM module, which shares no code with WebCrypto's.
      const opened = await format((m) => {
        const { prefixLen, sealedChunkLen, chunks } = m.contentLayout(len);
        const cipher = m.ContentCipher.opening(record, key, len, sealed.subarray(0, prefixLen));
        const at = (index: number) => prefixLen + index * sealedChunkLen;
        const parts = Array.from({ length: chunks }, (_, index) =>
          cipher.openChunk(index, sealed.subarray(at(index), at(index + 1))),
        );
        cipher.free();
        return Buffer.concat(parts);
      });
      expect(opened.equals(content)).toBe(true);
    },
  );

  test("is padded: lengths that are close look the same", async () => {
    const key = await format((m) => m.secretGenerate());
    const lengths = await Promise.all(
      [1, 100, 4088].map(async (len) => (await contentSeal(record, key, new Uint8Array(len))).length),
    );
    expect(new Set(lengths).size).toBe(1);
  });
});
