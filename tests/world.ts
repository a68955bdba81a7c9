// A chain with people on it, for the journeys. Blobs are random digests here; journeys that seal bytes are in clinic/.
import {
  type Address,
  type Instruction,
  type KeyPairSigner,
  type TransactionSigner,
  fetchEncodedAccounts,
} from "@solana/kit";
import { type ProgramEvent, type Sent, RefusedError, bytesEqual, bytesRandom, transactionSend } from "aceso";
import { type Localnet, type LocalnetOptions, startLocalnet } from "aceso/localnet";
import * as program from "aceso/program";
import { afterAll, expect } from "vitest";

/** What this test file has executed and been refused: coverage-reporter.ts adds it up. */
export const instructionsSeen = new Set<string>();
export const refusalsSeen = new Set<string>();

export const NOBODY = "11111111111111111111111111111111" as Address;
export const ZEROS = new Uint8Array(32);
export const id = () => bytesRandom(16);
export const blob = (len = 1000): program.Blob => ({ digest: bytesRandom(32), len });
export const content = (len = 5000n): program.Content => ({ digest: bytesRandom(32), len });

/** A profile and the wallet that signs for it. */
export interface Person {
  readonly wallet: KeyPairSigner;
  readonly profile: Address;
  readonly bundle: program.Blob;
}

type Built = Instruction | Promise<Instruction>;

export class World {
  private constructor(readonly net: Localnet) {}

  /** Starts a chain that ends with the test file. */
  static async start(options?: LocalnetOptions): Promise<World> {
    const net = await startLocalnet(options);
    afterAll(() => net.stop());
    return new World(net);
  }

  get chain() {
    return this.net.chain;
  }

  /** Sends instructions in one transaction; `feePayer` also pays the network. */
  async send(feePayer: TransactionSigner, ...built: Built[]): Promise<Sent> {
    const instructions = await Promise.all(built);
    const sent = await transactionSend(this.chain, feePayer, instructions);
    for (const name of instructions.map(nameOf)) if (name) instructionsSeen.add(name);
    return sent;
  }

  /** Sends, expects that refusal, and that no account named in the instructions has moved but by the network's fee. */
  async refused(reason: string, feePayer: TransactionSigner, ...built: Built[]): Promise<RefusedError> {
    const instructions = await Promise.all(built);
    const named = instructions.flatMap(({ accounts }) => accounts?.map(({ address }) => address) ?? []);
    const watched = new Set(named.filter((address) => !address.startsWith("Sysvar"))); // those move with the chain
    const before = await fetchEncodedAccounts(this.chain.rpc, [...watched]);
    const error = await transactionSend(this.chain, feePayer, instructions).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error, `expected the refusal ${reason}, but it was executed`).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).reason).toBe(reason);
    expect(await fetchEncodedAccounts(this.chain.rpc, [...watched])).toEqual(before);
    refusalsSeen.add(reason);
    return error as RefusedError;
  }

  async person(sol = 10): Promise<Person> {
    const wallet = await this.net.wallet(sol);
    const [profileId, bundle] = [id(), blob()];
    const [profile] = await program.findProfilePda({ creator: wallet.address, id: profileId });
    await this.send(
      wallet,
      program.getProfileCreateInstructionAsync({ payer: wallet, authority: wallet, id: profileId, bundle }),
    );
    return { wallet, profile, bundle };
  }

  async folder(owner: Person, keyring = blob()): Promise<Address> {
    const folderId = id();
    const instruction = program.getFolderCreateInstructionAsync({
      payer: owner.wallet,
      authority: owner.wallet,
      owner: owner.profile,
      id: folderId,
      keyring,
    });
    await this.send(owner.wallet, instruction);
    return (await program.findFolderPda({ owner: owner.profile, id: folderId }))[0];
  }

  /** A record of the owner's own, sealed to the folder's epoch. */
  async record(owner: Person, folder: Address): Promise<Address> {
    const recordId = id();
    const instruction = program.getRecordCreateInstructionAsync({
      payer: owner.wallet,
      ...acting(owner),
      owner: owner.profile,
      folder,
      id: recordId,
      content: content(),
      head: blob(),
      sealedTo: await this.epochOf(folder),
    });
    await this.send(owner.wallet, instruction);
    return (await program.findRecordPda({ owner: owner.profile, id: recordId }))[0];
  }

  /** A grant on a folder until `untilSecs`. */
  async grant(
    owner: Person,
    folder: Address,
    reader: Person,
    change: Partial<program.TermsArgs> = {},
  ): Promise<Address> {
    const instruction = program.getGrantCreateInstructionAsync({
      payer: owner.wallet,
      ...acting(owner),
      owner: owner.profile,
      folder,
      reader: reader.profile,
      scope: folder,
      readerBundleDigest: reader.bundle.digest,
      terms: await this.terms(change),
      resealed: await this.keyringSwap(folder),
    });
    await this.send(owner.wallet, instruction);
    return (await program.findGrantPda({ scope: folder, reader: reader.profile }))[0];
  }

  async terms(change: Partial<program.TermsArgs> = {}): Promise<program.TermsArgs> {
    const now = await this.net.now();
    return { purpose: 1, permissions: 1, fromSecs: now, untilSecs: now + 3600n, ...change };
  }

  /** What a head sealed to the folder's present epoch relies on. */
  async epochOf(folder: Address): Promise<program.SealedTo> {
    const { epoch, keyringDigest } = await this.folderRead(folder);
    return program.sealedTo("Epoch", { epoch, keyringDigest });
  }

  /** A new keyring for the present epoch. */
  async keyringSwap(folder: Address): Promise<program.Resealed> {
    const { epoch, keyringDigest } = await this.folderRead(folder);
    return program.resealed("Keyring", { epoch, swap: { expected: keyringDigest, blob: blob() } });
  }

  /** A new head for the present version. */
  async headSwap(record: Address): Promise<program.HeadSwap> {
    const { version, membersVersion, headDigest } = await this.recordRead(record);
    return { version, membersVersion, swap: { expected: headDigest, blob: blob() } };
  }

  async profileRead(at: Address) {
    return (await program.fetchProfile(this.chain.rpc, at)).data;
  }
  async folderRead(at: Address) {
    return (await program.fetchFolder(this.chain.rpc, at)).data;
  }
  async recordRead(at: Address) {
    return (await program.fetchRecord(this.chain.rpc, at)).data;
  }
  async grantRead(at: Address) {
    return (await program.fetchGrant(this.chain.rpc, at)).data;
  }
  async lamports(at: Address): Promise<bigint> {
    return (await this.chain.rpc.getBalance(at).send()).value;
  }
  async exists(at: Address): Promise<boolean> {
    return (await this.chain.rpc.getAccountInfo(at, { encoding: "base64" }).send()).value !== null;
  }
}

/** The accounts that say who acts; as somebody's delegate with `delegate`, and `actorGrant` where a seed is needed. */
export function acting(person: Person, accounts: { delegate?: Address; actorGrant?: Address } = {}) {
  return { authority: person.wallet, actor: person.profile, ...accounts };
}

/** The one event of a transaction. */
export function onlyEvent<Name extends ProgramEvent["name"]>(sent: Sent, name: Name) {
  expect(sent.events.map((event) => event.name)).toEqual([name]);
  return sent.events[0]!.data as Extract<ProgramEvent, { name: Name }>["data"];
}

/** Of an instruction of the program; nothing for those of others. */
function nameOf(instruction: Instruction): string | undefined {
  if (instruction.programAddress !== program.ACESO_PROGRAM_ADDRESS) return undefined;
  const data = instruction.data ?? new Uint8Array();
  const known = program.INSTRUCTIONS.find(({ discriminator }) => bytesEqual(discriminator, data.subarray(0, 8)));
  return known?.name;
}
