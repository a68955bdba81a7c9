use super::GrantScope;
use crate::{
    account::Birth,
    constants::SEED_GRANT,
    error::AcesoError,
    event::emit_audit,
    prelude::*,
    state::{
        Action, Entry, Grant, HeadSwap, Link, Profile, Record, ScopeKind, SealedTo, Swap, Terms,
    },
};

/// The blob that carries the reader's packet, and the state that its writer relied on.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resealed {
    /// A grant on a folder: its keyring, same epoch.
    Keyring { epoch: u32, swap: Swap },
    /// A grant on a record: its head, same version.
    Head { change: HeadSwap, sealed_to: SealedTo },
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct GrantCreateArgs {
    /// The folder or the record.
    pub scope: Pubkey,
    /// Bundle whose key the packet is sealed to.
    pub reader_bundle_digest: [u8; 32],
    pub terms: Terms,
    pub resealed: Resealed,
}

/// What granting does, whether it is the owner's own idea (`grant_create`) or an answer (`request_approve`).
pub struct GrantIssue<'a, 'info> {
    pub scope: GrantScope<'a, 'info>,
    /// Profile of the folder's owner: a head may be sealed to its key.
    pub owner: &'a AccountLoader<'info, Profile>,
    pub reader: &'a AccountLoader<'info, Profile>,
    pub grant: &'a AccountInfo<'info>,
    pub payer: &'a AccountInfo<'info>,
    pub event_authority: &'a AccountInfo<'info>,
}

/// What a grant notes down of its scope.
struct ScopeNote {
    kind: ScopeKind,
    created_slot: u64,
    number: u32,
}

impl GrantIssue<'_, '_> {
    #[inline(never)]
    pub fn run(&self, args: &GrantCreateArgs, actor: Pubkey, clock: &Clock) -> Result<()> {
        let (scope, reader) = (self.scope.key(), self.reader.key());
        require_keys_eq!(args.scope, scope, AcesoError::WrongScope);
        // The owner reads anyway, and a delegate cannot give itself more than it was given.
        require_keys_neq!(reader, actor, AcesoError::ToOneself);
        require_keys_neq!(reader, self.owner.key(), AcesoError::ToOneself);
        let terms = &args.terms;
        let mut entry = Entry::new(Action::GrantCreated, actor, reader, clock);
        entry.purpose = terms.purpose;
        entry.permissions = terms.permissions;
        entry.from_secs = terms.from_secs;
        entry.until_secs = terms.until_secs;
        let (note, link) = match (&args.resealed, self.scope.record()) {
            (Resealed::Keyring { epoch, swap }, None) => {
                self.on_folder(*epoch, swap, &mut entry)?
            }
            (Resealed::Head { change, sealed_to }, Some(record)) => {
                self.on_record(record, change, sealed_to, &mut entry)?
            }
            _ => return err!(AcesoError::WrongScope),
        };
        let birth = Birth {
            target: self.grant,
            payer: self.payer,
            seeds: [SEED_GRANT, scope.as_ref(), reader.as_ref(), b""],
        };
        let mut grant = birth.create::<Grant>(clock.slot)?;
        grant.reader_key_version = self.require_reader(args)?;
        grant.scope = scope;
        grant.scope_created_slot = note.created_slot;
        grant.scope_kind = note.kind as u8;
        grant.reader = reader;
        grant.folder = self.scope.folder().key();
        grant.owner = self.owner.key();
        grant.granted_by = actor;
        grant.number = note.number;
        grant.set_terms(terms, clock.unix_timestamp)?;
        emit_audit(self.event_authority, entry, [link])
    }

    fn require_reader(&self, args: &GrantCreateArgs) -> Result<u32> {
        let reader = self.reader.load()?;
        reader.require_active()?;
        reader.require_bundle(&args.reader_bundle_digest)?;
        Ok(reader.key_version)
    }

    /// Swaps the keyring that the reader's packet is in. Refused while a rotation is due.
    fn on_folder(&self, epoch: u32, swap: &Swap, entry: &mut Entry) -> Result<(ScopeNote, Link)> {
        let mut folder = self.scope.folder().load_mut()?;
        require_keys_eq!(folder.owner, self.owner.key(), AcesoError::WrongOwner);
        folder.require_sealable(entry.at_secs)?;
        folder.swap_keyring(swap, epoch, entry.actor)?;
        folder.grant_added(entry.until_secs)?;
        entry.number = epoch;
        entry.digest = folder.keyring_digest;
        let link = folder.append(self.scope.folder().key(), entry)?;
        let note = ScopeNote {
            kind: ScopeKind::Folder,
            created_slot: folder.meta.created_slot,
            number: epoch,
        };
        Ok((note, link))
    }

    /// Swaps the head that the reader's packet is in. Refused while a rotation is due, unless it is in the inbox.
    fn on_record(
        &self,
        record: &AccountLoader<Record>,
        change: &HeadSwap,
        sealed_to: &SealedTo,
        entry: &mut Entry,
    ) -> Result<(ScopeNote, Link)> {
        let owner = self.owner.load()?;
        let folder = self.scope.folder().load()?;
        require_keys_eq!(folder.owner, self.owner.key(), AcesoError::WrongOwner);
        let key = record.key();
        let mut record = record.load_mut()?;
        folder.require_sealed_to(sealed_to, &owner, entry.at_secs)?;
        record.swap_head(change, sealed_to, entry.actor)?;
        record.grant_added()?;
        entry.number = record.version;
        entry.digest = record.head_digest;
        let link = record.append(key, entry)?;
        let note = ScopeNote {
            kind: ScopeKind::Record,
            created_slot: record.meta.created_slot,
            number: record.version,
        };
        Ok((note, link))
    }
}
