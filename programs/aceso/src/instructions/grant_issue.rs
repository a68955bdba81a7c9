use anchor_lang::prelude::*;

use super::GrantScope;
use crate::{
    account::Birth,
    constants::SEED_GRANT,
    error::AcesoError,
    event::emit_audit,
    state::{Action, Grant, HeadSwap, Profile, ScopeKind, SealedTo, Swap, Terms},
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
    pub bump: u8,
}

impl GrantIssue<'_, '_> {
    #[inline(never)]
    pub fn run(&self, args: &GrantCreateArgs, actor: Pubkey, clock: &Clock) -> Result<()> {
        let now_secs = clock.unix_timestamp;
        let scope = self.scope.key();
        require_keys_eq!(args.scope, scope, AcesoError::WrongScope);
        self.reseal(&args.resealed, actor, args.terms.until_secs, now_secs)?;
        let reader = self.reader.key();
        // The owner reads anyway, and a delegate cannot give itself more than it was given.
        require_keys_neq!(reader, actor, AcesoError::ToOneself);
        require_keys_neq!(reader, self.owner.key(), AcesoError::ToOneself);
        let birth = Birth {
            target: self.grant,
            payer: self.payer,
            seeds: &[SEED_GRANT, scope.as_ref(), reader.as_ref()],
            bump: self.bump,
        };
        let mut grant = birth.create::<Grant>(clock.slot)?;
        grant.reader_key_version = self.require_reader(args)?;
        grant.scope = scope;
        grant.scope_created_slot = self.scope.created_slot()?;
        grant.scope_kind = match self.scope.record {
            Some(_) => ScopeKind::Record as u8,
            None => ScopeKind::Folder as u8,
        };
        grant.reader = reader;
        grant.folder = self.scope.folder.key();
        grant.owner = self.scope.folder.load()?.owner;
        grant.granted_by = actor;
        let (entry, link) = {
            grant.number = match &args.resealed {
                Resealed::Keyring { epoch, .. } => *epoch,
                Resealed::Head { change, .. } => change.version,
            };
            grant.set_terms(&args.terms, now_secs)?;
            self.scope.append(grant.entry(Action::GrantCreated, actor, clock))?
        };
        emit_audit(self.event_authority, entry, [link])
    }

    fn require_reader(&self, args: &GrantCreateArgs) -> Result<u32> {
        let reader = self.reader.load()?;
        reader.require_active()?;
        reader.require_bundle(&args.reader_bundle_digest)?;
        Ok(reader.key_version)
    }

    /// Swaps the blob that the reader's packet is in. Record or folder, both refuse while a rotation is due.
    fn reseal(
        &self,
        resealed: &Resealed,
        actor: Pubkey,
        until_secs: i64,
        now_secs: i64,
    ) -> Result<()> {
        match (resealed, self.scope.record) {
            (Resealed::Keyring { epoch, swap }, None) => {
                let mut folder = self.scope.folder.load_mut()?;
                folder.require_sealable(now_secs)?;
                folder.swap_keyring(swap, *epoch, actor)?;
                folder.grant_added(until_secs)
            }
            (Resealed::Head { change, sealed_to }, Some(record)) => {
                let owner = self.owner.load()?;
                self.scope.folder.load()?.require_sealed_to(sealed_to, &owner, now_secs)?;
                let mut record = record.load_mut()?;
                record.swap_head(change, sealed_to, actor)?;
                record.grant_added()
            }
            _ => err!(AcesoError::WrongScope),
        }
    }
}
