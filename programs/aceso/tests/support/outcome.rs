//! What a call must leave behind, to the last byte and lamport: built from the state before it, by hand.

use std::collections::BTreeMap;

use aceso::state::{Audited, Entry, Folder, Layout, Ledger, Link, Meta, Record};
use anchor_lang::prelude::Pubkey;
use solana_account::{Account, AccountSharedData, ReadableAccount, WritableAccount};

use super::{
    address::Address,
    event::Event,
    world::{decode, encode, stored, World},
};

#[derive(Clone)]
pub struct Outcome {
    pub accounts: BTreeMap<Pubkey, AccountSharedData>,
    pub events: Vec<Event>,
    pub slot: u64,
    pub now_secs: i64,
    /// Rent of an account without data, and of each byte.
    rent: (u64, u64),
}

impl Outcome {
    /// Nothing has changed yet.
    pub fn of(world: &World) -> Self {
        Self {
            accounts: world.snapshot(),
            events: Vec::new(),
            slot: world.clock().slot,
            now_secs: world.now_secs(),
            rent: (world.rent(0), world.rent(1) - world.rent(0)),
        }
    }

    pub fn read<T: Layout>(&self, key: &Pubkey) -> T {
        decode(self.accounts[key].data())
    }

    pub fn edit<T: Layout>(&mut self, key: &Pubkey, change: impl FnOnce(&mut T)) {
        let mut state = self.read::<T>(key);
        change(&mut state);
        let account = self.accounts.get_mut(key).expect("the account exists");
        // What lies behind the state (the tree of a ledger) stays.
        let data = [&encode(&state), &account.data()[T::SPACE..]].concat();
        account.set_data_from_slice(&data);
    }

    /// A new account: rent and remembered payer, slot and bump are set; the rest is `fill`'s.
    pub fn create<T: Layout>(
        &mut self,
        (key, bump): Address,
        payer: &Pubkey,
        fill: impl FnOnce(&mut T),
    ) {
        let mut state = T::zeroed();
        *state.meta_mut() = Meta::new(*payer, self.slot, bump, 1);
        fill(&mut state);
        let rent = self.rent.0 + self.rent.1 * T::SPACE as u64;
        self.take(payer, rent);
        assert!(
            self.accounts.insert(key, stored(&state, rent).into()).is_none(),
            "it exists already"
        );
    }

    /// The account is gone and all it held is with `to`.
    pub fn close(&mut self, key: &Pubkey, to: &Pubkey) {
        let closed = self.accounts.remove(key).expect("the account exists");
        self.give(to, closed.lamports());
    }

    pub fn pay(&mut self, from: &Pubkey, to: &Pubkey, lamports: u64) {
        self.take(from, lamports);
        self.give(to, lamports);
    }

    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Extends the chains of `scopes` and expects the event that says so.
    pub fn audit(&mut self, entry: Entry, scopes: &[Pubkey]) {
        let links = scopes.iter().map(|scope| self.link(&entry, scope)).collect();
        self.events.push(Event::Audited(Audited { entry, links }));
    }

    fn link(&mut self, entry: &Entry, scope: &Pubkey) -> Link {
        let data = self.accounts[scope].data();
        if data.starts_with(<Folder as anchor_lang::Discriminator>::DISCRIMINATOR) {
            let mut link = None;
            self.edit::<Folder>(scope, |folder| {
                folder.audit_head = chained(&folder.audit_head, entry);
                folder.audit_count += 1;
                link = Some((folder.audit_count, folder.audit_head));
            });
            let (count, head) = link.expect("just set");
            return Link { scope: *scope, count, head };
        }
        let mut link = None;
        self.edit::<Record>(scope, |record| {
            record.audit_head = chained(&record.audit_head, entry);
            record.audit_count += 1;
            link = Some((record.audit_count, record.audit_head));
        });
        let (count, head) = link.expect("just set");
        Link { scope: *scope, count, head }
    }

    /// An account of another program, all of whose bytes are known.
    pub fn create_foreign(&mut self, key: Pubkey, payer: &Pubkey, owner: Pubkey, data: Vec<u8>) {
        let lamports = self.rent_of(data.len());
        self.take(payer, lamports);
        let account = Account { lamports, data, owner, ..Account::default() };
        assert!(self.accounts.insert(key, account.into()).is_none(), "it exists already");
    }

    /// What an account of that many bytes needs.
    pub fn rent_of(&self, space: usize) -> u64 {
        self.rent.0 + self.rent.1 * space as u64
    }

    /// Tokens from one account to another.
    pub fn transfer(&mut self, from: &Pubkey, to: &Pubkey, amount: u64) {
        for (key, add) in [(from, false), (to, true)] {
            let account = self.accounts.get_mut(key).expect("the token account exists");
            let mut data = account.data().to_vec();
            let old = super::token::amount(&data);
            let new = if add { old + amount } else { old - amount };
            super::token::set_amount(&mut data, new);
            account.set_data_from_slice(&data);
        }
    }

    /// The tree of a ledger as it must lie behind its header: a node for each slot, room for `capacity`. `payer` adds
    /// the rent of what room is new.
    pub fn set_tree(&mut self, ledger: &Pubkey, payer: &Pubkey, capacity: usize, weights: &[u64]) {
        let account = self.accounts.get_mut(ledger).expect("the ledger exists");
        let mut data = account.data().to_vec();
        data.resize(Ledger::SPACE + 8 * capacity, 0);
        for n in 1..=weights.len() {
            // Node n sums as many slots, up to its own, as its lowest bit says.
            let span = 1 << n.trailing_zeros();
            let sum: u64 = weights[n - span..n].iter().sum();
            let at = Ledger::SPACE + 8 * (n - 1);
            data[at..at + 8].copy_from_slice(&sum.to_le_bytes());
        }
        account.set_data_from_slice(&data);
        let missing = self.rent_of(data.len()) - self.accounts[ledger].lamports();
        self.pay(payer, ledger, missing);
    }

    fn take(&mut self, key: &Pubkey, lamports: u64) {
        let account = self.accounts.get_mut(key).expect("the payer exists");
        account.checked_sub_lamports(lamports).expect("the payer can pay");
    }

    fn give(&mut self, key: &Pubkey, lamports: u64) {
        let account = self.accounts.entry(*key).or_default();
        account.checked_add_lamports(lamports).expect("fewer lamports than exist");
    }
}

/// The head of an empty chain, written out apart from the program's code (README, "Audit entries").
pub fn genesis(scope: &Pubkey, slot: u64) -> [u8; 32] {
    let parts: [&[u8]; 3] = [b"aceso/audit/v1", scope.as_ref(), &slot.to_le_bytes()];
    solana_sha256_hasher::hashv(&parts).to_bytes()
}

/// SHA-256(head ‖ entry), with the entry's 136 bytes written out apart from the program's code.
pub fn chained(head: &[u8; 32], entry: &Entry) -> [u8; 32] {
    let mut bytes = vec![entry.action as u8, entry.purpose];
    bytes.extend(entry.permissions.to_le_bytes());
    bytes.extend(entry.number.to_le_bytes());
    bytes.extend(entry.at_secs.to_le_bytes());
    bytes.extend(entry.slot.to_le_bytes());
    bytes.extend(entry.from_secs.to_le_bytes());
    bytes.extend(entry.until_secs.to_le_bytes());
    bytes.extend(entry.actor.as_ref());
    bytes.extend(entry.subject.as_ref());
    bytes.extend(entry.digest);
    assert_eq!(bytes.len(), 136);
    solana_sha256_hasher::hashv(&[head, &bytes]).to_bytes()
}
