// The WASM of client/wasm, as client/js/src/wasm/web has it once `make wasm` has run. wasm-bindgen types objects as
// `any`; here they have their fields. A refusal is an Error whose `name` is that of the Rust variant.
import type { ReadonlyUint8Array } from "@solana/kit";

/** Bytes that go in; those that come out are `Uint8Array`. */
export type Bytes = Uint8Array | ReadonlyUint8Array;

export interface WasmAddress {
  digest: Bytes;
  len: number;
}
/** Whom something is sealed to: a profile and the X-Wing key of its bundle. */
export interface WasmRecipient {
  profile: Bytes;
  keyVersion: number;
  key: Bytes;
}
/** Who signs: a profile, by its Ed25519 seed. */
export interface WasmWriter {
  profile: Bytes;
  keyVersion: number;
  seed: Bytes;
}
export interface WasmBundleKeys {
  genesis: Bytes;
  program: Bytes;
  profile: Bytes;
  keyVersion: number;
  xwing: Bytes;
  signing: Bytes;
  wallet: Bytes;
  /** The bundle before; none for key version 1, and only there. */
  previous?: WasmAddress | undefined;
}
/** A bundle that is no longer in force: for checking signatures, not for sealing. */
export interface WasmFormerBundle {
  keyVersion: number;
  signing: Uint8Array;
  previous?: { digest: Uint8Array; len: number } | undefined;
}
export interface WasmManifest {
  version: number;
  title: string;
  fileName: string;
  mediaType: string;
  fhirType: string;
  codes: { system: string; code: string; display: string }[];
  tags: string[];
  note: string;
  createdSecs: number;
  plaintextSha256: Bytes;
  plaintextLen: number;
  contentKey: Bytes;
  content: WasmAddress;
  previous?: { version: number; head: WasmAddress; headKey?: Bytes | undefined } | undefined;
}
export type WasmTarget =
  { kind: "folder"; folder: Bytes; epoch: number } | { kind: "inbox"; owner: Bytes; keyVersion: number };
export interface WasmHeadDraft {
  program: Bytes;
  record: Bytes;
  writer: WasmWriter;
  target: WasmTarget;
  targetKey: Bytes;
  grants: WasmRecipient[];
  manifest: WasmManifest;
}
export interface WasmHeadQuery {
  program: Bytes;
  record: Bytes;
  version: number;
  writer?: Bytes;
  pinned?: WasmAddress;
  as: "folder" | "owner" | "reader" | "key";
  who?: Bytes;
  whoVersion?: number;
  seed?: Bytes;
  headKey?: Bytes;
}
export interface WasmKeyringDraft {
  program: Bytes;
  folder: Bytes;
  writer: WasmWriter;
  owner: WasmRecipient;
  readers: WasmRecipient[];
}
export interface WasmListed {
  profile: Uint8Array;
  keyVersion: number;
}
export interface WasmKeyringClaims {
  folder: Uint8Array;
  epoch: number;
  public: Uint8Array;
  writer: Uint8Array;
  writerKeyVersion: number;
  owner: WasmListed;
  readers: WasmListed[];
}
export interface WasmHeadClaims {
  record: Uint8Array;
  version: number;
  writer: Uint8Array;
  writerKeyVersion: number;
  target: WasmTarget;
  grants: WasmListed[];
}
/** A keyring with the seeds of all its epochs. Call `free()` when done. */
export interface OpenedKeyring {
  readonly bytes: Uint8Array;
  readonly epoch: number;
  readonly public: Uint8Array;
  claims(): WasmKeyringClaims;
  seed(epoch: number): Uint8Array;
  continues(previous: OpenedKeyring): void;
  rotate(draft: WasmKeyringDraft): OpenedKeyring;
  withReaderAdded(writer: WasmWriter, reader: WasmRecipient): OpenedKeyring;
  free(): void;
}
export interface WasmContentKeys {
  key: Uint8Array;
  baseNonce: Uint8Array;
  prefix: Uint8Array;
}
/** AES in WASM: slower than WebCrypto, and apart from it. */
export interface ContentCipher {
  openChunk(index: number, sealed: Bytes): Uint8Array;
  sealChunk(index: number, content: Bytes): Uint8Array;
  readonly prefix: Uint8Array;
  free(): void;
}
export interface WasmLayout {
  contentLen: number;
  paddedLen: number;
  sealedLen: number;
  chunks: number;
  chunkLen: number;
  sealedChunkLen: number;
  prefixLen: number;
}

export interface WasmReasonContext {
  program: Bytes;
  request: Bytes;
  owner: Bytes;
  keyVersion: number;
}

/** Makes a copy of a lease from a stream. `finish` takes it. */
export interface CopyBuilder {
  push(bytes: Bytes): void;
  pushMasked(maskKey: Bytes, offset: number, bytes: Bytes): Uint8Array;
  finish(): { digest: Uint8Array; len: number; cid: string; root: Uint8Array };
  free(): void;
}

export interface WasmModule {
  default(options?: { module_or_path: unknown }): Promise<unknown>;
  addressOf(blob: Bytes): WasmAddress & { cid: string };
  secretGenerate(): Uint8Array;
  xwingPublic(seed: Bytes): Uint8Array;
  signingPublic(seed: Bytes): Uint8Array;
  bundleMessage(keys: WasmBundleKeys): string;
  bundleCreate(keys: WasmBundleKeys, signature: Bytes): Uint8Array;
  bundleOpen(
    bytes: Bytes,
    expected: Omit<WasmBundleKeys, "xwing" | "signing" | "previous">,
  ): {
    keys: WasmBundleKeys & { xwing: Uint8Array; signing: Uint8Array; previous?: WasmFormerBundle["previous"] };
    fingerprint: string;
    fingerprintHex: string;
  };
  bundleOpenPrevious(newer: Bytes, bytes: Bytes): WasmFormerBundle;
  keyringClaims(bytes: Bytes): WasmKeyringClaims;
  keyringVerify(bytes: Bytes, program: Bytes, folder: Bytes, epoch: number, writer: Bytes): WasmKeyringClaims;
  keyringCreate(draft: WasmKeyringDraft): OpenedKeyring;
  keyringOpen(
    bytes: Bytes,
    query: { program: Bytes; folder: Bytes; epoch: number; writer: Bytes; who: Bytes; whoVersion: number; seed: Bytes },
  ): OpenedKeyring;
  headSeal(draft: WasmHeadDraft): { bytes: Uint8Array; headKey: Uint8Array };
  headClaims(bytes: Bytes): WasmHeadClaims;
  headOpen(bytes: Bytes, query: WasmHeadQuery): { manifest: WasmManifest; headKey: Uint8Array };
  reasonSeal(context: WasmReasonContext, key: Bytes, reason: string): Uint8Array;
  reasonOpen(context: WasmReasonContext, seed: Bytes, packet: Bytes): string;
  readonly ContentCipher: {
    opening(record: Bytes, key: Bytes, contentLen: number, prefix: Bytes): ContentCipher;
    sealing(record: Bytes, key: Bytes, contentLen: number): ContentCipher;
  };
  contentLayout(contentLen: number): WasmLayout;
  contentSealKeys(record: Bytes, key: Bytes): WasmContentKeys;
  contentOpenKeys(record: Bytes, key: Bytes, prefix: Bytes): WasmContentKeys;
  chunkPad(contentLen: number, index: number, content: Bytes): Uint8Array;
  chunkUnpad(contentLen: number, index: number, plaintext: Bytes): Uint8Array;
  safeFileName(name: string): string;
  maskKey(contentKey: Bytes, lease: Bytes, record: Bytes): Uint8Array;
  maskApply(maskKey: Bytes, offset: number, bytes: Bytes): Uint8Array;
  proofRoot(stored: Bytes): Uint8Array;
  proofVerify(root: Bytes, len: number, index: number, leaf: Bytes, path: Bytes): void;
  readonly CopyBuilder: new () => CopyBuilder;
}
