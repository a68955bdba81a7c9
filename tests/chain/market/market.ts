// A storage market with a mint, peers and leases on it. Bytes, roots and proofs are real; epochs pass by time travel.
import { AccountRole, type Address, type KeyPairSigner, getU64Encoder } from "@solana/kit";
import { addressOf, bytesJoin, bytesRandom } from "aceso";
import { MARKET_DEFAULT } from "aceso/localnet";
import {
  type Debt,
  beaconRead,
  challengeFind,
  debtOf,
  leafNamed,
  leaseInSlot,
  ledgerRead,
  proofMake,
  proofRoot,
  withLeases,
} from "aceso/market";
import * as program from "aceso/program";
import { type Person, World, acting } from "../../world.js";
import { type Mint, SPL_TOKEN, mintMake, tokensMake, tokensOf } from "./token.js";

export const EPOCH_SECS = 86_400n;
/** Short debts: three challenges an epoch, two draws of grace, one lease to lose. */
export const TERMS: program.MarketTermsArgs = {
  ...MARKET_DEFAULT.terms,
  challenges: 3,
  graceDraws: 2,
  lossesMax: 1,
  lockEpochs: 2,
  noticeEpochs: 2,
};
export const LOCK_FLOOR = 5_000n;
export const BOND_MIN = 10_000n;
/** Per epoch: the flat part, and 2 tokens for the 1 MiB that every small lease weighs. */
export const PRICE = 1_002n;
export const PRICES = { priceFlat: 1_000n, pricePerGib: 2_048n };
const SLOT_HASHES = program.SLOT_HASHES;
const SYSVARS = "Sysvar1111111111111111111111111111111111111" as Address;

/** A peer, the person who holds it, and the key of its daemon. */
export interface Stall {
  readonly person: Person;
  readonly peer: Address;
  readonly vault: Address;
  readonly ledger: Address;
  readonly operator: KeyPairSigner;
  /** Token account of the person's wallet. */
  readonly tokens: Address;
}

/** A patient with tokens. */
export interface Customer extends Person {
  readonly tokens: Address;
}

/** A lease, and what is stored for it. */
export interface Goods {
  readonly lease: Address;
  readonly owner: Customer;
  readonly folder: Address;
  readonly stall: Stall;
  readonly bytes: Uint8Array;
  readonly root: Uint8Array;
  readonly digest: Uint8Array;
  readonly epochs: number;
}

export class Fair {
  /** What is stored, by lease. */
  readonly stored = new Map<Address, Uint8Array>();

  private constructor(
    readonly world: World,
    readonly mint: Mint,
  ) {}

  static async start(tokenProgram: Address = SPL_TOKEN, terms: Partial<program.MarketTermsArgs> = {}): Promise<Fair> {
    const world = await World.start({ market: { epochSecs: EPOCH_SECS, terms: { ...TERMS, ...terms } } });
    const mint = await mintMake(world, tokenProgram);
    const { admin } = world.net;
    const listed = { admin, mint: mint.address, lockFloor: LOCK_FLOOR, bondMin: BOND_MIN };
    await world.send(admin, program.getMarketMintSetInstructionAsync(listed));
    return new Fair(world, mint);
  }

  get chain() {
    return this.world.chain;
  }
  /** What an instruction about tokens names. */
  get till() {
    return { mint: this.mint.address, tokenProgram: this.mint.program };
  }

  async customer(amount = 1_000_000n): Promise<Customer> {
    const person = await this.world.person();
    return { ...person, tokens: await this.tokens(person.wallet.address, amount) };
  }

  tokens(owner: Address, amount = 0n): Promise<Address> {
    return tokensMake(this.world, this.mint, owner, amount);
  }
  tokensOf(account: Address): Promise<bigint> {
    return tokensOf(this.world, account);
  }

  /** A registered peer, with so much bond. */
  async stall(bond = 1_000_000n): Promise<Stall> {
    const person = await this.customer(bond);
    const operator = await this.world.net.wallet();
    const [peer] = await program.findPeerPda({ profile: person.profile });
    await this.world.send(person.wallet, this.register(person, operator.address));
    const stall: Stall = {
      person,
      peer,
      vault: (await program.findVaultPda({ peer }))[0],
      ledger: (await program.findLedgerPda({ peer }))[0],
      operator,
      tokens: person.tokens,
    };
    if (bond > 0n) await this.world.send(person.wallet, this.bondAdd(stall, bond));
    return stall;
  }

  register(person: Person, operator: Address, change: object = {}) {
    return program.getPeerRegisterInstructionAsync({
      payer: person.wallet,
      authority: person.wallet,
      profile: person.profile,
      ...this.till,
      operator,
      ...PRICES,
      endpoint: "https://peer.example:8443",
      shareKey: new Uint8Array(32),
      ...change,
    });
  }

  bondAdd({ peer, person, tokens }: Stall, amount: bigint, change: object = {}) {
    const funded = { funder: person.wallet, source: tokens, peer, ...this.till, amount };
    return program.getPeerBondAddInstructionAsync({ ...funded, ...change });
  }

  /** Bytes that a customer wants held: a keyring of a new folder, of so many bytes. */
  async goods(owner: Customer, stall: Stall, len = 1300, epochs = 10): Promise<Goods> {
    const folder = await this.world.folder(owner);
    const seeds = { scope: folder, peer: stall.peer, kind: program.LeaseKind.Keyring, number: 0 };
    const [lease] = await program.findLeasePda(seeds);
    const bytes = bytesRandom(len);
    this.stored.set(lease, bytes);
    const [root, { digest }] = [await proofRoot(bytes), await addressOf(bytes)];
    return { lease, owner, folder, stall, bytes, root, digest, epochs };
  }

  /** Offers goods to the peer. */
  open(goods: Goods, change: Partial<Parameters<typeof program.getLeaseOpenInstructionAsync>[0]> = {}) {
    const { owner, stall, lease, folder, root, digest, bytes, epochs } = goods;
    return program.getLeaseOpenInstructionAsync({
      payer: owner.wallet,
      ...acting(owner),
      owner: owner.profile,
      folder,
      peer: stall.peer,
      funder: owner.wallet,
      source: owner.tokens,
      ...this.till,
      lease,
      kind: program.LeaseKind.Keyring,
      number: 0,
      root,
      digest,
      storedLen: bytes.length,
      epochs,
      priceMax: PRICE,
      ...change,
    });
  }

  accept({ stall, lease, root, bytes, epochs }: Goods, change: object = {}) {
    return program.getLeaseAcceptInstructionAsync({
      payer: stall.operator,
      operator: stall.operator,
      peer: stall.peer,
      lease,
      root,
      storedLen: bytes.length,
      price: PRICE,
      epochs,
      ...change,
    });
  }

  /** An offer. */
  async offered(owner: Customer, stall: Stall, len?: number, epochs?: number): Promise<Goods> {
    const goods = await this.goods(owner, stall, len, epochs);
    await this.world.send(owner.wallet, this.open(goods));
    return goods;
  }

  /** A live lease. */
  async live(owner: Customer, stall: Stall, len?: number, epochs?: number): Promise<Goods> {
    const goods = await this.offered(owner, stall, len, epochs);
    await this.world.send(stall.operator, this.accept(goods));
    return goods;
  }

  claim({ stall, lease, owner }: Goods, destination = owner.tokens) {
    const claimed = { peer: stall.peer, lease, owner: owner.profile, ...this.till, destination };
    return program.getLeaseClaimInstructionAsync(claimed);
  }

  close({ stall, lease, owner }: Goods, rentPayer = owner.wallet.address) {
    return program.getLeaseCloseInstructionAsync({ peer: stall.peer, lease, rentPayer });
  }

  cancel({ stall, lease, owner }: Goods, change: object = {}) {
    return program.getLeaseCancelInstructionAsync({ ...acting(owner), peer: stall.peer, lease, ...change });
  }

  end({ stall, lease }: Goods) {
    return program.getLeaseEndInstructionAsync({ peer: stall.peer, lease });
  }

  async settle({ peer }: Stall, leases: Address[], payout?: Address) {
    const settled = { peer, ...this.till, ...(payout ? { payout } : {}) };
    return withLeases(await program.getLeaseSettleInstructionAsync(settled), leases);
  }

  async apply({ ledger }: Stall, leases: Address[]) {
    return withLeases(await program.getSetApplyInstructionAsync({ ledger }), leases);
  }

  /** Number of the present epoch. */
  async epoch(): Promise<bigint> {
    return (await this.world.net.now()) / EPOCH_SECS;
  }

  /** Goes on to the beginning of the epoch so many further. */
  async epochsPass(count = 1n): Promise<void> {
    const now = await this.world.net.now();
    await this.world.net.travel((now / EPOCH_SECS + count) * EPOCH_SECS + 60n - now);
  }

  arm(): ReturnType<typeof program.getBeaconArmInstructionAsync> {
    return program.getBeaconArmInstructionAsync({});
  }
  beaconDraw() {
    return program.getBeaconDrawInstructionAsync({ slotHashes: SLOT_HASHES });
  }
  rearm() {
    return program.getBeaconRearmInstructionAsync({ slotHashes: SLOT_HASHES });
  }

  /** 512 slots and their hashes as the chain remembers them, the newest `ahead` of the target; Surfnet's own are fake. */
  async slotsPass(ahead: bigint, hashes: (slot: bigint) => Uint8Array = () => bytesRandom(32)): Promise<void> {
    const newest = (await beaconRead(this.chain)).targetSlot + ahead;
    const u64 = (value: bigint) => getU64Encoder().encode(value);
    const entries: Uint8Array[] = [];
    // One slot in 16 was skipped, the target's own too: the next one counts.
    for (let slot = newest; entries.length < 512 && slot > 0n; slot -= 1n)
      if ((newest - slot) % 16n !== ahead % 16n) entries.push(bytesJoin([u64(slot), hashes(slot)]));
    const data = new Uint8Array(20_488);
    data.set(bytesJoin([u64(BigInt(entries.length)), ...entries]));
    this.world.net.accountSet(SLOT_HASHES, { lamports: 1, data, owner: SYSVARS });
  }

  /** Arms and draws the present epoch. */
  async draw(): Promise<void> {
    const anybody = this.world.net.admin;
    await this.world.send(anybody, this.arm());
    await this.slotsPass(40n);
    await this.world.send(anybody, this.beaconDraw());
  }

  /** A new epoch, armed and drawn. */
  async drawNext(): Promise<void> {
    await this.epochsPass();
    await this.draw();
  }

  async debt({ peer }: Stall): Promise<Debt | undefined> {
    return debtOf(await ledgerRead(this.chain, peer), await beaconRead(this.chain));
  }

  /** Lease and proof for challenge `k` of the oldest debt. */
  async proof({ peer }: Stall, k: number): Promise<{ lease: Address; proof: program.ProofArgs }> {
    const ledger = await ledgerRead(this.chain, peer);
    const debt = debtOf(ledger, await beaconRead(this.chain));
    if (!debt) throw new Error("nothing is owed");
    const { slot, rest } = await challengeFind(ledger, debt, k);
    const lease = await leaseInSlot(this.chain, peer, slot);
    const bytes = this.stored.get(lease.address);
    if (!bytes) throw new Error(`nothing is stored for ${lease.address}`);
    return { lease: lease.address, proof: { k, ...(await proofMake(bytes, leafNamed(lease, rest))) } };
  }

  async submit({ ledger }: Stall, proofs: { lease: Address; proof: program.ProofArgs }[]) {
    const submit = await program.getProofSubmitInstructionAsync({ ledger, proofs: proofs.map(({ proof }) => proof) });
    const leases = proofs.map(({ lease }) => lease);
    return withLeases(submit, leases, AccountRole.READONLY);
  }

  /** Answers every open challenge of the oldest debt, one in a transaction. */
  async prove(stall: Stall): Promise<void> {
    for (const k of (await this.debt(stall))?.open ?? [])
      await this.world.send(this.world.net.admin, this.submit(stall, [await this.proof(stall, k)]));
  }

  async peerRead({ peer }: Stall) {
    return (await program.fetchPeer(this.chain.rpc, peer)).data;
  }
  async leaseRead({ lease }: Goods) {
    return (await program.fetchLease(this.chain.rpc, lease)).data;
  }
  ledgerRead({ peer }: Stall) {
    return ledgerRead(this.chain, peer);
  }

  /** What the peer's books say must lie in the vault, and what does. */
  async books(stall: Stall): Promise<{ books: bigint; vault: bigint }> {
    const { bond, locked, escrow, owed, earned } = await this.peerRead(stall);
    return { books: bond + locked + escrow + owed + earned, vault: await this.tokensOf(stall.vault) };
  }
}
