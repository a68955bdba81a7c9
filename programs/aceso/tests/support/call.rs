//! A call: accounts by the names that the program gives them, and the instruction data.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
};

/// One account of a call.
#[derive(Clone, Debug)]
pub struct Slot {
    pub name: &'static str,
    pub meta: AccountMeta,
}

impl Slot {
    /// An optional account that was left out.
    pub fn is_absent(&self) -> bool {
        self.meta.pubkey == aceso::ID && self.name != "program"
    }
}

#[derive(Clone, Debug)]
pub struct Call {
    pub slots: Vec<Slot>,
    pub data: Vec<u8>,
}

impl Call {
    /// As [`Self::new`], for the one instruction that emits nothing.
    pub fn silent(names: [&'static str; 3], metas: Vec<AccountMeta>, data: Vec<u8>) -> Self {
        let slots = names.into_iter().zip(metas).map(|(name, meta)| Slot { name, meta }).collect();
        Self { slots, data }
    }

    /// `names` as [`accounts!`] lists them; the metas are Anchor's own, in the order of the accounts struct.
    pub fn new(names: Vec<(&'static str, Pubkey)>, metas: Vec<AccountMeta>, data: Vec<u8>) -> Self {
        let events = [("event_authority", super::world::event_authority()), ("program", aceso::ID)];
        let names: Vec<_> = names.into_iter().chain(events).collect();
        assert_eq!(names.len(), metas.len(), "every account has a name");
        let slots = names
            .into_iter()
            .zip(metas)
            .map(|((name, key), meta)| {
                assert_eq!(key, meta.pubkey, "{name}: not in the order of the accounts struct");
                Slot { name, meta }
            })
            .collect();
        Self { slots, data }
    }

    pub fn instruction(&self) -> Instruction {
        Instruction {
            program_id: aceso::ID,
            accounts: self.slots.iter().map(|slot| slot.meta.clone()).collect(),
            data: self.data.clone(),
        }
    }

    pub fn find(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    pub fn key(&self, name: &str) -> Pubkey {
        self.find(name).unwrap_or_else(|| panic!("no account {name}")).meta.pubkey
    }

    pub fn meta_mut(&mut self, name: &str) -> &mut AccountMeta {
        let slot = self.slots.iter_mut().find(|slot| slot.name == name);
        &mut slot.unwrap_or_else(|| panic!("no account {name}")).meta
    }

    /// Adds the accounts behind those of the struct: leases.
    pub fn with_leases(mut self, leases: &[Pubkey], is_writable: bool) -> Self {
        for (name, key) in LEASES.iter().zip(leases) {
            let meta = AccountMeta { pubkey: *key, is_signer: false, is_writable };
            self.slots.push(Slot { name, meta });
        }
        assert!(leases.len() <= LEASES.len(), "more names");
        self
    }

    /// Puts another account in place, with the same demands on signature and writing.
    pub fn replace(&mut self, name: &str, key: Pubkey) {
        self.meta_mut(name).pubkey = key;
    }
}

/// Names of the accounts behind those of the struct.
const LEASES: [&str; 12] = [
    "leases[0]",
    "leases[1]",
    "leases[2]",
    "leases[3]",
    "leases[4]",
    "leases[5]",
    "leases[6]",
    "leases[7]",
    "leases[8]",
    "leases[9]",
    "leases[10]",
    "leases[11]",
];

/// What may stand in a field of an accounts struct.
pub trait Field {
    fn list(&self, name: &'static str, names: &mut Vec<(&'static str, Pubkey)>);
}

impl Field for Pubkey {
    fn list(&self, name: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        names.push((name, *self));
    }
}

impl Field for Option<Pubkey> {
    fn list(&self, name: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        // Anchor's sign for an account left out.
        names.push((name, self.unwrap_or(aceso::ID)));
    }
}

impl Field for aceso::accounts::Acting {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.authority.list("authority", names);
        self.actor.list("actor", names);
        self.delegate.list("delegate", names);
        self.actor_grant.list("actor_grant", names);
    }
}

impl Field for aceso::accounts::Till {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.vault.list("vault", names);
        self.mint.list("mint", names);
        self.token_program.list("token_program", names);
    }
}

impl Field for aceso::accounts::Holding {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.authority.list("authority", names);
        self.profile.list("profile", names);
        self.peer.list("peer", names);
    }
}

impl Field for aceso::accounts::LeaseScope {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.folder.list("folder", names);
        self.record.list("record", names);
    }
}

impl Field for aceso::accounts::PeerLease {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.peer.list("peer", names);
        self.lease.list("lease", names);
    }
}

impl Field for aceso::accounts::Leased {
    fn list(&self, _: &'static str, names: &mut Vec<(&'static str, Pubkey)>) {
        self.peer.list("peer", names);
        self.ledger.list("ledger", names);
        self.beacon.list("beacon", names);
        self.lease.list("lease", names);
    }
}

/// A [`Call`] from an instruction's generated accounts struct, its fields in order, and its generated data:
/// `call!(FolderClose { authority: a, owner: b, folder: c, rent_payer: d }, FolderClose {})`.
#[macro_export]
macro_rules! call {
    ($accounts:ident { $($field:ident : $value:expr),* $(,)? }, $args:expr $(,)?) => {{
        let mut names = Vec::new();
        $( $crate::support::call::Field::list(&$value, stringify!($field), &mut names); )*
        let metas = anchor_lang::ToAccountMetas::to_account_metas(
            &aceso::accounts::$accounts {
                $( $field: $value, )*
                event_authority: $crate::support::world::event_authority(),
                program: aceso::ID,
            },
            None,
        );
        $crate::support::call::Call::new(names, metas, anchor_lang::InstructionData::data(&$args))
    }};
}
