// Mints and token accounts of either token program, by the programs' own instructions: SPL Token's numbers are
// Token-2022's as well.
import {
  AccountRole,
  type Address,
  type Instruction,
  type KeyPairSigner,
  type TransactionSigner,
  address,
  generateKeyPairSigner,
  getAddressEncoder,
  getU32Encoder,
  getU64Encoder,
} from "@solana/kit";
import { bytesJoin } from "aceso";
import type { World } from "../../world.js";

export const SPL_TOKEN = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
export const TOKEN_2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
const SYSTEM = address("11111111111111111111111111111111");
const MINT_LEN = 82;
const ACCOUNT_LEN = 165;
const METADATA_POINTER = { type: 18, len: 64 };

const bytes = (at: Address) => getAddressEncoder().encode(at);
const writable = (at: Address) => ({ address: at, role: AccountRole.WRITABLE as const });
const readonly = (at: Address) => ({ address: at, role: AccountRole.READONLY as const });
const signing = (signer: TransactionSigner) => ({
  address: signer.address,
  role: AccountRole.READONLY_SIGNER as const,
  signer,
});

/** A mint with 6 decimals, and who may issue it. */
export interface Mint {
  readonly address: Address;
  readonly program: Address;
  readonly issuer: KeyPairSigner;
}

/** A new mint; of Token-2022 with a pointer to its metadata, an extension that the program allows. */
export async function mintMake(world: World, program: Address): Promise<Mint> {
  const [issuer, mint] = [await world.net.wallet(), await generateKeyPairSigner()];
  const extended = program === TOKEN_2022;
  const space = extended ? ACCOUNT_LEN + 1 + 4 + METADATA_POINTER.len : MINT_LEN;
  const point: Instruction = {
    programAddress: program,
    accounts: [writable(mint.address)],
    data: bytesJoin([[39, 0], bytes(issuer.address), bytes(mint.address)]),
  };
  const initialize: Instruction = {
    programAddress: program,
    accounts: [writable(mint.address)],
    // InitializeMint2: decimals, who issues, and that the same may freeze.
    data: bytesJoin([[20, 6], bytes(issuer.address), [1], bytes(issuer.address)]),
  };
  const create = await accountCreate(world, issuer, mint, space, program);
  await world.send(issuer, create, ...(extended ? [point] : []), initialize);
  return { address: mint.address, program, issuer };
}

/** A new token account of `owner`, with so many tokens. */
export async function tokensMake(world: World, mint: Mint, owner: Address, amount = 0n): Promise<Address> {
  const account = await generateKeyPairSigner();
  const initialize: Instruction = {
    programAddress: mint.program,
    accounts: [writable(account.address), readonly(mint.address)],
    data: bytesJoin([[18], bytes(owner)]), // InitializeAccount3
  };
  const issue: Instruction = {
    programAddress: mint.program,
    accounts: [writable(mint.address), writable(account.address), signing(mint.issuer)],
    data: bytesJoin([[7], getU64Encoder().encode(amount)]), // MintTo
  };
  const create = await accountCreate(world, mint.issuer, account, ACCOUNT_LEN, mint.program);
  await world.send(mint.issuer, create, initialize, ...(amount > 0n ? [issue] : []));
  return account.address;
}

/** Freezes a token account, or thaws it: the mint's issuer may. */
export function freeze(mint: Mint, account: Address, frozen = true): Instruction {
  return {
    programAddress: mint.program,
    accounts: [writable(account), readonly(mint.address), signing(mint.issuer)],
    data: new Uint8Array([frozen ? 10 : 11]),
  };
}

/** What lies on a token account. */
export async function tokensOf(world: World, account: Address): Promise<bigint> {
  const { value } = await world.chain.rpc.getAccountInfo(account, { encoding: "base64" }).send();
  const data = Buffer.from(value?.data[0] ?? "", "base64");
  return data.readBigUInt64LE(64);
}

/** A mint as Token-2022 would have it with an extension of that type, for what is refused at sight. */
export function mintForge(world: World, at: Address, type: number, program: Address = TOKEN_2022): void {
  const data = new Uint8Array(ACCOUNT_LEN + 1 + 4 + 128);
  data.set([6, 1], 44); // decimals, initialised
  data[ACCOUNT_LEN] = 1; // it is a mint
  new DataView(data.buffer).setUint16(ACCOUNT_LEN + 1, type, true);
  new DataView(data.buffer).setUint16(ACCOUNT_LEN + 3, 128, true);
  world.net.accountSet(at, { lamports: 10_000_000, data, owner: program });
}

async function accountCreate(
  world: World,
  payer: TransactionSigner,
  account: KeyPairSigner,
  space: number,
  owner: Address,
): Promise<Instruction> {
  const rent = await world.chain.rpc.getMinimumBalanceForRentExemption(BigInt(space)).send();
  const both = [payer, account].map((signer) => ({
    address: signer.address,
    role: AccountRole.WRITABLE_SIGNER as const,
    signer,
  }));
  const numbers = [getU32Encoder().encode(0), getU64Encoder().encode(rent), getU64Encoder().encode(BigInt(space))];
  return { programAddress: SYSTEM, accounts: both, data: bytesJoin([...numbers, bytes(owner)]) } as Instruction;
}
