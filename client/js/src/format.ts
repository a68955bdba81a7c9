// The bytes of Aceso: keys, packets and signatures by the WASM of client/format, AES-GCM by WebCrypto, which is many
// times faster. client/format/SPEC.md has every layout.
import { AcesoError } from "./errors.js";
import type { WasmModule } from "./wasm-types.js";

/** Bytes were refused: wrong key, forged, cut off, of another record. `reason` is the name in client/format. */
export class FormatError extends AcesoError {
  override name = "FormatError";
  constructor(
    readonly reason: string,
    sentence: string,
  ) {
    super(sentence);
  }
}

const CHUNKS_AT_ONCE = 64;
let loading: Promise<WasmModule> | undefined;

/**
 * Loads the WASM, once; everything here does so by itself. A page whose bundler moves files about passes the URL (or
 * the bytes, or a compiled module) of `aceso_bg.wasm`, before anything else.
 */
export async function formatLoad(source?: unknown): Promise<WasmModule> {
  loading ??= formatInit(source).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function formatInit(source?: unknown): Promise<WasmModule> {
  // Not at the top: whoever only reads the chain does without.
  const wasm = (await import("#wasm")) as WasmModule;
  const file = new URL("./wasm/web/aceso_bg.wasm", import.meta.url);
  await wasm.default({ module_or_path: source ?? (file.protocol === "file:" ? await fileRead(file) : file) });
  return wasm;
}

/** Node's fetch does not read files. Not an import, which would follow this module into browsers. */
function fileRead(file: URL): Promise<Uint8Array> {
  return process.getBuiltinModule("node:fs/promises").readFile(file);
}

/** Calls into the WASM; its refusals become FormatErrors. */
export async function format<Result>(call: (module: WasmModule) => Result): Promise<Result> {
  const module = await formatLoad();
  try {
    return call(module);
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError)) throw new FormatError(error.name, error.message);
    throw error;
  }
}

/** Seals content under a fresh key: 72 bytes of prefix, then chunks of 16 KiB with a tag each, padded. */
export async function contentSeal(record: Uint8Array, key: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const { prefix, ...keys } = await format((module) => module.contentSealKeys(record, key));
  const layout = await format((module) => module.contentLayout(content.length));
  const cipher = await cipherOf(keys, "encrypt");
  const sealed = new Uint8Array(layout.sealedLen);
  sealed.set(prefix);
  await eachChunk(layout.chunks, async (index) => {
    const start = index * layout.chunkLen;
    const part = content.subarray(start, start + layout.chunkLen);
    // A chunk that is full of content has no padding.
    const plaintext =
      start + layout.chunkLen <= content.length
        ? part
        : await format((module) => module.chunkPad(content.length, index, part));
    sealed.set(await cipher(index, plaintext), layout.prefixLen + index * layout.sealedChunkLen);
  });
  return sealed;
}

/** Opens content. `contentLen` is what the verified manifest says; a blob of any other length is refused. */
export async function contentOpen(
  record: Uint8Array,
  key: Uint8Array,
  contentLen: number,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  const layout = await format((module) => module.contentLayout(contentLen));
  const excess = sealed.length - layout.sealedLen;
  if (excess < 0) throw new FormatError("Truncated", "The content ends too early. Fetch it again.");
  const prefix = sealed.subarray(0, layout.prefixLen);
  const keys = await format((module) => module.contentOpenKeys(record, key, prefix));
  const cipher = await cipherOf(keys, "decrypt");
  const content = new Uint8Array(contentLen);
  await eachChunk(layout.chunks, async (index) => {
    const start = layout.prefixLen + index * layout.sealedChunkLen;
    const end = Math.min(start + layout.sealedChunkLen, layout.sealedLen);
    const plaintext = await cipher(index, sealed.subarray(start, end)).catch(() => {
      throw new FormatError("ChunkForged", `Chunk ${index} is damaged or does not belong here. Fetch the bytes again.`);
    });
    const at = index * layout.chunkLen;
    const part =
      at + layout.chunkLen <= contentLen
        ? plaintext
        : await format((module) => module.chunkUnpad(contentLen, index, plaintext));
    if (part.length > 0) content.set(part, at); // chunks behind the content hold padding only
  });
  if (excess > 0) throw new FormatError("TrailingBytes", `${excess} bytes follow the content's end. Fetch it again.`);
  return content;
}

type Cipher = (index: number, bytes: Uint8Array) => Promise<Uint8Array>;

/** AES-256-GCM; chunk `index` has the base nonce XOR its number, big-endian. */
async function cipherOf(keys: { key: Uint8Array; baseNonce: Uint8Array }, use: "encrypt" | "decrypt"): Promise<Cipher> {
  const key = await crypto.subtle.importKey("raw", owned(keys.key), "AES-GCM", false, [use]);
  return async (index, bytes) => {
    const iv = owned(keys.baseNonce).slice();
    const tail = new DataView(iv.buffer, 4);
    tail.setBigUint64(0, tail.getBigUint64(0) ^ BigInt(index));
    return new Uint8Array(await crypto.subtle[use]({ name: "AES-GCM", iv }, key, owned(bytes)));
  };
}

/** Some at a time: WebCrypto works in threads, and a promise for each of a million chunks would take its memory. */
async function eachChunk(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += CHUNKS_AT_ONCE) {
    const last = Math.min(first + CHUNKS_AT_ONCE, count);
    await Promise.all(Array.from({ length: last - first }, (_, offset) => work(first + offset)));
  }
}

/** WebCrypto's types refuse arrays that might be shared between threads; ours never are. */
const owned = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;
