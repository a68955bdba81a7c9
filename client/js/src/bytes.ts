import { type Address, getAddressDecoder } from "@solana/kit";

/** SHA-256 by WebCrypto. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
}

export function bytesJoin(parts: readonly ArrayLike<number>[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function bytesEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.prototype.every.call(a, (byte: number, index: number) => byte === b[index]);
}

/** `length` random bytes. */
export function bytesRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  // WebCrypto gives at most this much at a time.
  for (let start = 0; start < length; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  return bytes;
}

/** The address of 32 bytes. */
export function addressFrom(bytes: Uint8Array): Address {
  return getAddressDecoder().decode(bytes);
}
