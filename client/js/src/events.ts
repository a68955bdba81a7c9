import { type Address, type Base58EncodedBytes, getBase58Encoder } from "@solana/kit";
import { EVENTS, type ProgramEvent } from "./generated/tables/events.js";
import { ACESO_PROGRAM_ADDRESS } from "./generated/programs/index.js";

export type { ProgramEvent };
export type EventName = ProgramEvent["name"];
export type EventOf<Name extends EventName> = Extract<ProgramEvent, { name: Name }>["data"];

/** First 8 bytes of the instruction data of every event: SHA-256("anchor:event") as u64, little endian. */
const EVENT_TAG = Uint8Array.of(0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d);

/** What is read of a confirmed transaction (`getTransaction` with encoding `json`). */
export interface TransactionRead {
  readonly transaction: { readonly message: { readonly accountKeys: readonly Address[] } };
  readonly meta: {
    readonly err: unknown;
    readonly innerInstructions?:
      | readonly {
          readonly index: number;
          readonly instructions: readonly { readonly programIdIndex: number; readonly data: Base58EncodedBytes }[];
        }[]
      | null;
    readonly loadedAddresses?: { readonly writable: readonly Address[]; readonly readonly: readonly Address[] } | null;
  } | null;
}

/**
 * The program's events of a transaction, in order. Anybody can send bytes that look like an event to another program;
 * only a call of our program to itself counts, and that one the program lets nobody else make.
 */
export function eventsRead(transaction: TransactionRead, program: Address = ACESO_PROGRAM_ADDRESS): ProgramEvent[] {
  const { meta } = transaction;
  if (!meta || meta.err !== null) return [];
  const addresses = [
    ...transaction.transaction.message.accountKeys,
    ...(meta.loadedAddresses?.writable ?? []),
    ...(meta.loadedAddresses?.readonly ?? []),
  ];
  const events: ProgramEvent[] = [];
  for (const { instructions } of meta.innerInstructions ?? []) {
    for (const { programIdIndex, data } of instructions) {
      if (addresses[programIdIndex] !== program) continue;
      const event = eventDecode(new Uint8Array(getBase58Encoder().encode(data)));
      if (event) events.push(event);
    }
  }
  return events;
}

/** Decodes the instruction data of an event; undefined for anything else, and for events that are newer than this client. */
export function eventDecode(data: Uint8Array): ProgramEvent | undefined {
  if (!startsWith(data, EVENT_TAG)) return undefined;
  const body = data.subarray(EVENT_TAG.length);
  const known = EVENTS.find(({ discriminator }) => startsWith(body, discriminator));
  if (!known) return undefined;
  const decoded = known.decoder.decode(body.subarray(known.discriminator.length));
  return { name: known.name, data: decoded } as ProgramEvent;
}

/** The data of all events of one name. */
export function eventsOf<Name extends EventName>(events: readonly ProgramEvent[], name: Name): EventOf<Name>[] {
  return events.filter((event) => event.name === name).map((event) => event.data as EventOf<Name>);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte);
}
