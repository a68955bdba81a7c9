//! Mints and token accounts as SPL Token and Token-2022 lay them out, put on the chain as if they had been made there.

use anchor_lang::{prelude::Pubkey, solana_program::system_program};
use solana_account::{Account, ReadableAccount};

pub use aceso::token::{SPL_TOKEN, TOKEN_2022};

use super::{sample::digest, world::World};

/// Types of Token-2022's extensions of a mint that only say something about it, with the bytes that each has.
pub const ALLOWED: [(u16, usize); 6] = [(18, 64), (19, 88), (20, 64), (21, 80), (22, 64), (23, 72)];
/// MetadataPointer and TokenMetadata: what a mint of today has.
pub const METADATA: [(u16, usize); 2] = [ALLOWED[0], ALLOWED[1]];

const MINT_LEN: usize = 82;
const ACCOUNT_LEN: usize = 165;
const AMOUNT_AT: usize = 64;
const STATE_AT: usize = 108;

/// Errors of both token programs, by number.
pub mod error {
    pub const INSUFFICIENT_FUNDS: u32 = 1;
    pub const MINT_MISMATCH: u32 = 3;
    pub const OWNER_MISMATCH: u32 = 4;
    pub const ACCOUNT_FROZEN: u32 = 17;
}

/// Six decimals, and an authority that may mint and freeze.
pub fn mint_data(extensions: &[(u16, usize)]) -> Vec<u8> {
    let authority = digest("mint authority");
    let mut data = Vec::with_capacity(MINT_LEN);
    data.extend(1u32.to_le_bytes());
    data.extend(authority);
    data.extend(u64::MAX.to_le_bytes());
    data.extend([6, 1]);
    data.extend(1u32.to_le_bytes());
    data.extend(authority);
    assert_eq!(data.len(), MINT_LEN);
    if !extensions.is_empty() {
        data.resize(ACCOUNT_LEN, 0);
        data.push(1);
        for (kind, len) in extensions {
            data.extend(kind.to_le_bytes());
            data.extend(u16::try_from(*len).expect("a length").to_le_bytes());
            data.resize(data.len() + len, 0);
        }
    }
    data
}

pub fn account_data(mint: &Pubkey, owner: &Pubkey, amount: u64) -> Vec<u8> {
    let mut data = vec![0; ACCOUNT_LEN];
    data[..32].copy_from_slice(mint.as_ref());
    data[32..64].copy_from_slice(owner.as_ref());
    set_amount(&mut data, amount);
    data[STATE_AT] = 1;
    data
}

pub fn amount(data: &[u8]) -> u64 {
    u64::from_le_bytes(data[AMOUNT_AT..AMOUNT_AT + 8].try_into().expect("eight bytes"))
}

pub fn set_amount(data: &mut [u8], amount: u64) {
    data[AMOUNT_AT..AMOUNT_AT + 8].copy_from_slice(&amount.to_le_bytes());
}

fn is_token_account(account: &impl ReadableAccount) -> bool {
    let ours = [SPL_TOKEN, TOKEN_2022].contains(account.owner());
    ours && account.data().len() == ACCOUNT_LEN
}

impl World {
    pub fn put_mint(&mut self, name: &str, program: Pubkey, extensions: &[(u16, usize)]) -> Pubkey {
        let key = Pubkey::new_from_array(digest(name));
        let data = mint_data(extensions);
        let lamports = self.rent(data.len());
        self.put(key, Account { lamports, data, owner: program, ..Account::default() });
        key
    }

    /// A token account of that name: for `owner`, with `amount` in it.
    pub fn put_tokens(&mut self, name: &str, mint: &Pubkey, owner: &Pubkey, amount: u64) -> Pubkey {
        let key = Pubkey::new_from_array(digest(name));
        let program = self.account(mint).expect("the mint exists").owner;
        let data = account_data(mint, owner, amount);
        let lamports = self.rent(data.len());
        self.put(key, Account { lamports, data, owner: program, ..Account::default() });
        key
    }

    pub fn tokens(&self, key: &Pubkey) -> u64 {
        amount(&self.account(key).expect("the token account exists").data)
    }

    pub fn set_tokens(&mut self, key: &Pubkey, amount: u64) {
        let mut account = self.account(key).expect("the token account exists");
        set_amount(&mut account.data, amount);
        self.put(*key, account);
    }

    pub fn freeze(&mut self, key: &Pubkey) {
        self.set_token_state(key, 2);
    }

    pub fn thaw(&mut self, key: &Pubkey) {
        self.set_token_state(key, 1);
    }

    fn set_token_state(&mut self, key: &Pubkey, state: u8) {
        let mut account = self.account(key).expect("the token account exists");
        account.data[STATE_AT] = state;
        self.put(*key, account);
    }

    /// Mints and token accounts.
    pub fn token_keys(&self) -> Vec<Pubkey> {
        let accounts = self.svm.accounts_db().inner.iter();
        let ours = accounts.filter(|(_, a)| [SPL_TOKEN, TOKEN_2022].contains(a.owner()));
        let mut keys: Vec<Pubkey> = ours.map(|(key, _)| *key).collect();
        keys.sort();
        keys
    }

    /// Sum of the tokens of a mint over all accounts.
    pub fn total_tokens(&self, mint: &Pubkey) -> u128 {
        let accounts = self.svm.accounts_db().inner.values();
        let held = accounts.filter(|a| is_token_account(*a) && a.data()[..32] == mint.to_bytes());
        held.map(|account| u128::from(amount(account.data()))).sum()
    }

    /// As if the account had been closed by its owner: nothing is left.
    pub fn close_tokens(&mut self, key: &Pubkey) {
        self.put(*key, Account { owner: system_program::ID, ..Account::default() });
    }
}
