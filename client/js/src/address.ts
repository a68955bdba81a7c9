// Addresses of blobs as client/format/SPEC.md, section 5, fixes them: what `ipfs add` with `unixfs-v1-2025` makes.
import { bytesEqual, bytesJoin, sha256 } from "./bytes.js";
import { AcesoError } from "./errors.js";

/** What the chain has of a blob: SHA-256 of its root block, and its length. The length fixes the shape. */
export interface BlobAddress {
  readonly digest: Uint8Array;
  readonly len: number;
}

/** Bytes are not those that were asked for. */
export class BlobMismatchError extends AcesoError {
  override name = "BlobMismatchError";
}

const LEAF_LEN = 1 << 20;
const MAX_LINKS = 1024;
const RAW = 0x55;
const DAG_PB = 0x70;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

interface Link {
  readonly cid: Uint8Array;
  /** Bytes of the blob below. */
  readonly content: number;
  /** Bytes of all blocks below, the block's own included. */
  readonly size: number;
}

/** The address of bytes in memory. */
export async function addressOf(bytes: Uint8Array): Promise<BlobAddress> {
  if (bytes.length <= LEAF_LEN) return { digest: await sha256(bytes), len: bytes.length };
  let level: Link[] = [];
  for (let offset = 0; offset < bytes.length; offset += LEAF_LEN) {
    const leaf = bytes.subarray(offset, offset + LEAF_LEN);
    level.push({ cid: cidBytes(RAW, await sha256(leaf)), content: leaf.length, size: leaf.length });
  }
  // Balanced: every level is closed, even over one link, so that all leaves are equally deep.
  while (level.length > 1) {
    const above: Link[] = [];
    for (let first = 0; first < level.length; first += MAX_LINKS) {
      above.push(await nodeOver(level.slice(first, first + MAX_LINKS)));
    }
    level = above;
  }
  return { digest: level[0]!.cid.subarray(4), len: bytes.length };
}

/** The content identifier of a blob: `b` and 58 characters. */
export function cidOf({ digest, len }: BlobAddress): string {
  return `b${base32(cidBytes(len <= LEAF_LEN ? RAW : DAG_PB, digest))}`;
}

/** Refuses bytes that are not the blob's; whoever served them is wrong or lies. */
export async function addressVerify(expected: BlobAddress, bytes: Uint8Array): Promise<void> {
  const found = bytes.length === expected.len ? await addressOf(bytes) : undefined;
  if (!found || !bytesEqual(found.digest, expected.digest))
    throw new BlobMismatchError(
      `These bytes are not the blob ${cidOf(expected)}. Fetch it again, from another source if it happens twice.`,
    );
}

/** A dag-pb node with UnixFS data: the links, then the kind (file), the length and the length below each link. */
async function nodeOver(links: readonly Link[]): Promise<Link> {
  const content = links.reduce((sum, link) => sum + link.content, 0);
  const entries = links.map(({ cid, size }) =>
    field(0x12, bytesJoin([field(0x0a, cid), [0x12, 0], [0x18], varint(size)])),
  );
  const sizes = links.flatMap((link) => [0x20, ...varint(link.content)]);
  const data = field(0x0a, bytesJoin([[0x08, 2], [0x18], varint(content), sizes]));
  const block = bytesJoin([...entries, data]);
  const size = block.length + links.reduce((sum, link) => sum + link.size, 0);
  return { cid: cidBytes(DAG_PB, await sha256(block)), content, size };
}

function cidBytes(codec: number, digest: Uint8Array): Uint8Array {
  return bytesJoin([[1, codec, 0x12, 32], digest]);
}

function field(tag: number, bytes: Uint8Array): Uint8Array {
  return bytesJoin([[tag], varint(bytes.length), bytes]);
}

/** LEB128; division, because lengths go beyond 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

function base32(bytes: Uint8Array): string {
  let [text, bits, count] = ["", 0, 0];
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (count += 8; count >= 5; count -= 5) text += BASE32[(bits >> (count - 5)) & 31];
  }
  return count > 0 ? text + BASE32[(bits << (5 - count)) & 31] : text;
}
