//! LiteSVM with the program, its upgrade authority, a clock that moves, and wallets that sign.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use aceso::state::Layout;
use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::{bpf_loader_upgradeable, instruction::Instruction, system_program},
};
use litesvm::{types::TransactionMetadata, LiteSVM};
use solana_account::{Account, AccountSharedData, ReadableAccount, WritableAccount};
use solana_keypair::Keypair;
use solana_message::{v0, v1, VersionedMessage};
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::refusal::Refusal;

/// Monday, 23 November 2026, 09:00 UTC.
pub const START_SECS: i64 = 1_795_424_400;
const START_SLOT: u64 = 1_000;
pub const SOL: u64 = 1_000_000_000;

/// Who pays the fees of every transaction: nobody that an instruction knows, so what else moves is the program's doing.
pub const FEE_PAYER: &str = "fee payer";

#[derive(Clone)]
pub struct World {
    pub svm: LiteSVM,
    wallets: BTreeMap<Pubkey, &'static str>,
    fees_lamports: u64,
}

/// Every account of the chain.
pub type Snapshot = BTreeMap<Pubkey, AccountSharedData>;

/// The wallet of that name: the same key in every run.
pub fn keypair(name: &str) -> Keypair {
    let seed = solana_sha256_hasher::hashv(&[b"aceso/test/wallet", name.as_bytes()]).to_bytes();
    Keypair::new_from_array(seed)
}

pub fn program_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        // Set where the test run is not in the checkout.
        let path = std::env::var_os("ACESO_PROGRAM_SO").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy/aceso.so"),
            PathBuf::from,
        );
        std::fs::read(&path).unwrap_or_else(|error| {
            panic!("{}: {error}. Build the program first: `make program`.", path.display())
        })
    })
}

impl World {
    /// The program deployed by `deployer`, without its config.
    pub fn new() -> Self {
        // Loading verifies and compiles the program: once for all worlds.
        static EMPTY: OnceLock<World> = OnceLock::new();
        EMPTY.get_or_init(Self::deploy).clone()
    }

    fn deploy() -> Self {
        // A log limit would hide the error of a long instruction; history would refuse the same call twice.
        let mut svm = LiteSVM::new()
            .with_transaction_history(0)
            .with_blockhash_check(false)
            .with_log_bytes_limit(None);
        svm.add_program(aceso::ID, program_bytes()).expect("the program loads");
        let mut world = Self { svm, wallets: BTreeMap::new(), fees_lamports: 0 };
        world.set_clock(START_SLOT, START_SECS);
        let deployer = world.wallet("deployer");
        world.set_upgrade_authority(Some(deployer));
        world.wallet(FEE_PAYER);
        world
    }

    /// Makes the wallet known as a signer, with ten thousand SOL, and returns its address.
    pub fn wallet(&mut self, name: &'static str) -> Pubkey {
        let key = keypair(name).pubkey();
        if self.wallets.insert(key, name).is_none() {
            let account = Account { lamports: 10_000 * SOL, ..Account::default() };
            self.put(key, account);
        }
        key
    }

    /// The name of a wallet, or nothing for another account.
    pub fn wallet_name(&self, key: &Pubkey) -> Option<&'static str> {
        self.wallets.get(key).copied()
    }

    pub fn wallets(&self) -> impl Iterator<Item = &Pubkey> {
        self.wallets.keys()
    }

    /// Signs with the wallets that the instructions name as signers, and sends.
    pub fn send(&mut self, instructions: &[Instruction]) -> Result<TransactionMetadata, Refusal> {
        let transaction = self.sign(instructions);
        match self.svm.send_transaction(transaction) {
            Ok(meta) => {
                self.fees_lamports += meta.fee;
                Ok(meta)
            }
            Err(failed) => {
                self.fees_lamports += failed.meta.fee;
                Err(Refusal::new(failed))
            }
        }
    }

    /// A v0 transaction, or one of v1 where that is too small. Its fee payer is [`FEE_PAYER`], apart from all others.
    pub fn sign(&self, instructions: &[Instruction]) -> VersionedTransaction {
        self.sign_for(&keypair(FEE_PAYER).pubkey(), instructions)
    }

    /// The same with a fee payer of one's choice.
    pub fn sign_for(&self, payer: &Pubkey, instructions: &[Instruction]) -> VersionedTransaction {
        let blockhash = self.svm.latest_blockhash();
        let message = v0::Message::try_compile(payer, instructions, &[], blockhash)
            .expect("the message compiles");
        let transaction = self.signed(VersionedMessage::V0(message));
        if wire_len(&transaction) <= MAX_V0_LEN {
            return transaction;
        }
        let config = v1::TransactionConfig::empty()
            .with_compute_unit_limit(1_400_000)
            .with_loaded_accounts_data_size_limit(16 << 20);
        let message = v1::Message::try_compile_with_config(payer, instructions, blockhash, config)
            .expect("the message compiles");
        let transaction = self.signed(VersionedMessage::V1(message));
        assert!(wire_len(&transaction) <= MAX_V1_LEN, "no transaction is that long");
        transaction
    }

    fn signed(&self, message: VersionedMessage) -> VersionedTransaction {
        let required = usize::from(message.header().num_required_signatures);
        let signers: Vec<Keypair> = message.static_account_keys()[..required]
            .iter()
            .map(|key| match self.wallets.get(key) {
                Some(name) => keypair(name),
                None => panic!("{key} must sign and is no wallet of this world"),
            })
            .collect();
        VersionedTransaction::try_new(message, &signers).expect("every signer is known")
    }

    /// Fees paid so far.
    pub fn fees_lamports(&self) -> u64 {
        self.fees_lamports
    }

    pub fn clock(&self) -> Clock {
        self.svm.get_sysvar()
    }

    pub fn now_secs(&self) -> i64 {
        self.clock().unix_timestamp
    }

    pub fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        let clock = Clock { slot, unix_timestamp, ..self.clock() };
        self.svm.set_sysvar(&clock);
    }

    /// Lets time pass, with a slot for each 400 ms.
    pub fn wait(&mut self, secs: i64) {
        let clock = self.clock();
        let slots = u64::try_from(secs).expect("time moves forward").saturating_mul(5) / 2;
        self.set_clock(clock.slot + slots.max(1), clock.unix_timestamp + secs);
    }

    /// The sysvar of slot hashes as a chain has it: the last 512 slots that had a block, newest first.
    pub fn remember_slots(&mut self) {
        let newest = self.clock().slot - 1;
        let slots = (0..=newest).rev().filter(|slot| has_block(*slot)).take(512);
        let mut data = 512u64.to_le_bytes().to_vec();
        for slot in slots {
            data.extend(slot.to_le_bytes());
            data.extend(slot_hash(slot));
        }
        let account = self.svm.get_account(&aceso::constants::SLOT_HASHES).expect("a sysvar");
        data.resize(account.data.len().max(data.len()), 0);
        self.put(aceso::constants::SLOT_HASHES, Account { data, ..account });
    }

    pub fn rent(&self, space: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(space)
    }

    pub fn lamports(&self, key: &Pubkey) -> u64 {
        self.svm.get_balance(key).unwrap_or(0)
    }

    /// The account, or nothing when it is closed.
    pub fn account(&self, key: &Pubkey) -> Option<Account> {
        self.svm.get_account(key).filter(|account| account.lamports > 0)
    }

    /// The state of an account of the program.
    pub fn state<T: Layout>(&self, key: &Pubkey) -> T {
        let account = self.account(key).unwrap_or_else(|| panic!("{key} does not exist"));
        assert_eq!(account.owner, aceso::ID, "{key} is not an account of the program");
        decode(&account.data)
    }

    /// Changes an account of the program behind its back.
    pub fn tamper<T: Layout>(&mut self, key: &Pubkey, change: impl FnOnce(&mut T)) {
        let mut account = self.account(key).expect("the account exists");
        let mut state = decode::<T>(&account.data);
        change(&mut state);
        // What lies behind the state (the tree of a ledger) stays.
        account.data[..T::SPACE].copy_from_slice(&encode(&state));
        self.put(*key, account);
    }

    pub fn put(&mut self, key: Pubkey, account: Account) {
        self.svm.set_account(key, account).expect("the account is set");
    }

    /// Takes an account away, as if it had been closed.
    pub fn remove(&mut self, key: Pubkey) {
        self.put(key, Account::default());
    }

    /// Whether an account of the program holds a `T`.
    pub fn holds<T: Layout>(&self, key: &Pubkey) -> bool {
        self.account(key)
            .is_some_and(|a| a.owner == aceso::ID && a.data.starts_with(T::DISCRIMINATOR))
    }

    /// All that exists, except the fee payer's wallet and the sysvars.
    pub fn snapshot(&self) -> Snapshot {
        let fee_payer = keypair(FEE_PAYER).pubkey();
        self.svm
            .accounts_db()
            .inner
            .iter()
            .filter(|(key, account)| {
                **key != fee_payer && account.lamports() > 0 && *account.owner() != SYSVARS
            })
            .map(|(key, account)| {
                // Not kept by any chain of today: LiteSVM sets it on what a transaction touches.
                let mut account = account.clone();
                account.set_rent_epoch(0);
                (*key, account)
            })
            .collect()
    }

    /// Addresses of the program's accounts.
    pub fn program_accounts(&self) -> Vec<Pubkey> {
        let mut keys: Vec<Pubkey> = self
            .svm
            .accounts_db()
            .inner
            .iter()
            .filter(|(_, account)| *account.owner() == aceso::ID && account.lamports() > 0)
            .map(|(key, _)| *key)
            .collect();
        keys.sort();
        keys
    }

    /// Sum over every account, the fee payer's included.
    pub fn total_lamports(&self) -> u128 {
        self.svm.accounts_db().inner.values().map(|a| u128::from(a.lamports())).sum()
    }

    /// As the upgradeable loader keeps it: tag 3, slot, option, address, then the program.
    pub fn set_upgrade_authority(&mut self, authority: Option<Pubkey>) {
        let key = program_data_address();
        let mut account = self.svm.get_account(&key).expect("the program is deployed");
        account.data[12] = u8::from(authority.is_some());
        account.data[13..45].copy_from_slice(authority.unwrap_or_default().as_ref());
        self.put(key, account);
    }
}

/// One leader in ten misses its four slots, and now and then a single block is skipped.
pub fn has_block(slot: u64) -> bool {
    (slot / 4) % 10 != 7 && slot % 37 != 5
}

pub fn slot_hash(slot: u64) -> [u8; 32] {
    solana_sha256_hasher::hashv(&[b"aceso/test/slot", &slot.to_le_bytes()]).to_bytes()
}

/// Bytes on the wire.
pub fn wire_len(transaction: &VersionedTransaction) -> usize {
    let signatures = 64 * transaction.signatures.len();
    match &transaction.message {
        // The number of signatures stands in the message.
        VersionedMessage::V1(_) => signatures + transaction.message.serialize().len(),
        _ => 1 + signatures + transaction.message.serialize().len(),
    }
}

pub const MAX_V0_LEN: usize = 1_232;
const MAX_V1_LEN: usize = 4_096;

pub fn program_data_address() -> Pubkey {
    Pubkey::find_program_address(&[aceso::ID.as_ref()], &bpf_loader_upgradeable::ID).0
}

pub fn event_authority() -> Pubkey {
    Pubkey::find_program_address(&[b"__event_authority"], &aceso::ID).0
}

pub fn decode<T: Layout>(data: &[u8]) -> T {
    assert!(data.starts_with(T::DISCRIMINATOR), "another type of account");
    bytemuck::pod_read_unaligned(&data[8..T::SPACE])
}

pub fn encode<T: Layout>(state: &T) -> Vec<u8> {
    [T::DISCRIMINATOR, bytemuck::bytes_of(state)].concat()
}

/// An account of the program as it lies on the chain.
pub fn stored<T: Layout>(state: &T, lamports: u64) -> Account {
    Account { lamports, data: encode(state), owner: aceso::ID, ..Account::default() }
}

pub const SYSTEM: Pubkey = system_program::ID;
const SYSVARS: Pubkey =
    anchor_lang::prelude::pubkey!("Sysvar1111111111111111111111111111111111111");
