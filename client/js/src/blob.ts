import { type BlobAddress, addressOf, addressVerify, cidOf } from "./address.js";
import { AcesoError } from "./errors.js";

/** Where sealed bytes lie. A store is trusted with nothing: what it gives is checked against the address. */
export interface BlobStore {
  /** Stores the bytes for good, and says where. */
  put(bytes: Uint8Array): Promise<BlobAddress>;
  /** The bytes of an address, checked; throws BlobMismatchError for others and BlobMissingError for none. */
  get(address: BlobAddress): Promise<Uint8Array>;
  /** Lets the store forget the bytes. */
  remove(address: BlobAddress): Promise<void>;
}

export class BlobMissingError extends AcesoError {
  override name = "BlobMissingError";
}

/** A store in memory: for tests, and as the smallest example of one. */
export class MemoryStore implements BlobStore {
  readonly blobs = new Map<string, Uint8Array>();

  async put(bytes: Uint8Array): Promise<BlobAddress> {
    const address = await addressOf(bytes);
    this.blobs.set(cidOf(address), bytes.slice());
    return address;
  }

  async get(address: BlobAddress): Promise<Uint8Array> {
    const bytes = this.blobs.get(cidOf(address));
    if (!bytes) throw missing(address);
    await addressVerify(address, bytes);
    return bytes;
  }

  async remove(address: BlobAddress): Promise<void> {
    this.blobs.delete(cidOf(address));
  }
}

/** A Kubo node through its RPC API, such as http://127.0.0.1:5001. The API has no passwords: never expose it. */
export class KuboStore implements BlobStore {
  constructor(
    readonly api: string,
    /** How long the node may look for a blob, or take one, milliseconds. */
    readonly patienceMs = 30_000,
  ) {}

  async put(bytes: Uint8Array): Promise<BlobAddress> {
    const expected = await addressOf(bytes);
    const form = new FormData();
    form.append("file", new Blob([bytes as Uint8Array<ArrayBuffer>]), "blob");
    // All that decides a CID is said: a node of default settings would answer another one.
    const settings = "cid-version=1&raw-leaves=true&chunker=size-1048576&max-file-links=1024&pin=true&quieter=true";
    const answer = await this.#call(`add?${settings}`, expected, form);
    const { Hash } = (await answer.json()) as { Hash: string };
    if (Hash !== cidOf(expected))
      throw new AcesoError(`The Kubo node stored ${Hash} instead of ${cidOf(expected)}. Update the node.`);
    return expected;
  }

  async get(address: BlobAddress): Promise<Uint8Array> {
    // One byte more than there should be, so that a longer answer is seen and not cut.
    const query = `cat?arg=${cidOf(address)}&length=${address.len + 1}&timeout=${this.patienceMs}ms`;
    const bytes = new Uint8Array(await (await this.#call(query, address)).arrayBuffer());
    await addressVerify(address, bytes);
    return bytes;
  }

  async remove(address: BlobAddress): Promise<void> {
    await this.#call(`pin/rm?arg=${cidOf(address)}`, address).catch((error: unknown) => {
      if (!String(error).includes("not pinned")) throw error;
    });
  }

  async #call(query: string, address: BlobAddress, body?: FormData): Promise<Response> {
    const signal = AbortSignal.timeout(this.patienceMs + 1000);
    const request = { method: "POST", signal, ...(body ? { body } : {}) };
    const answer = await fetch(`${this.api.replace(/\/+$/, "")}/api/v0/${query}`, request).catch((cause: unknown) => {
      throw new AcesoError(`The Kubo node at ${this.api} does not answer. Is it running?`, { cause });
    });
    if (answer.ok) return answer;
    const text = await answer.text();
    if (/not found|could not find|deadline exceeded|timed out/.test(text)) throw missing(address);
    throw new AcesoError(`The Kubo node refused: ${text}`);
  }
}

function missing(address: BlobAddress): BlobMissingError {
  return new BlobMissingError(`The store does not have ${cidOf(address)}. Try another store, or ask who stored it.`);
}
