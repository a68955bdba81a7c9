use crate::{
    constants::{CAN_LEASE, CAN_NEEDS_SEED, NO_END},
    error::AcesoError,
    prelude::*,
    state::{Delegate, Folder, Grant, Named, Profile, ScopeKind},
};

/// Who acts: a profile by its authority, for itself or as somebody's delegate.
#[derive(Accounts)]
pub struct Acting<'info> {
    pub authority: Signer<'info>,
    // The authority is compared in `Acting::profile`, where the profile is loaded anyway; here for the IDL.
    #[cfg_attr(feature = "idl-build", account(has_one = authority))]
    pub actor: AccountLoader<'info, Profile>,
    /// Needed when the actor is not the owner.
    pub delegate: Option<AccountLoader<'info, Delegate>>,
    /// The delegate's own grant on the folder, for what needs the folder's seed.
    pub actor_grant: Option<AccountLoader<'info, Grant>>,
}

impl Acting<'_> {
    /// The acting profile, for which the signer acts and which must not be retired.
    pub fn profile(&self) -> Result<Pubkey> {
        let actor = self.actor.load()?;
        require_keys_eq!(actor.authority, *self.authority.key, AcesoError::NotAuthority);
        actor.require_active()?;
        Ok(self.actor.key())
    }

    /// The acting profile, which must own the folder, or hold a live delegation with `capability` for it.
    #[inline(never)]
    pub fn require(
        &self,
        capability: u16,
        folder: &AccountLoader<Folder>,
        now_secs: i64,
    ) -> Result<Pubkey> {
        let actor = self.profile()?;
        let (folder_key, folder) = (folder.key(), folder.load()?);
        if actor == folder.owner {
            return Ok(actor);
        }
        let created_slot = folder.meta.created_slot;
        self.delegate.as_ref().ok_or(AcesoError::NotOwner)?.load()?.require(
            &folder.owner,
            &actor,
            (&folder_key, created_slot),
            capability,
            now_secs,
        )?;
        if capability & CAN_NEEDS_SEED != 0 {
            let grant = self.actor_grant.as_ref().ok_or(AcesoError::DelegateNotReader)?.load()?;
            grant.require_scope(&folder_key, created_slot)?;
            require!(
                grant.reader == actor
                    && grant.scope_kind == ScopeKind::Folder as u8
                    && grant.require_live(now_secs).is_ok(),
                AcesoError::DelegateNotReader
            );
        }
        Ok(actor)
    }

    /// The acting profile, which must be `owner`, or hold a live delegation with `CAN_LEASE`: for the folder of what is
    /// leased, or for every folder. An owner that has retired may still end what it pays for.
    #[inline(never)]
    pub fn require_lessee(
        &self,
        owner: &Pubkey,
        folder: Option<Named>,
        now_secs: i64,
    ) -> Result<Pubkey> {
        if self.actor.key() == *owner {
            let authority = self.actor.load()?.authority;
            require_keys_eq!(authority, *self.authority.key, AcesoError::NotAuthority);
            return Ok(*owner);
        }
        let actor = self.profile()?;
        // Where no folder is named, only the address that stands for all of them fits.
        let folder = folder.unwrap_or_default();
        self.delegate.as_ref().ok_or(AcesoError::NotOwner)?.load()?.require(
            owner,
            &actor,
            (&folder.key, folder.created_slot),
            CAN_LEASE,
            now_secs,
        )?;
        Ok(actor)
    }

    /// Until when `actor`, which [`Self::require`] has let through for what needs the folder's seed, reads the folder:
    /// the grant that was checked there tells.
    pub fn reads_until(&self, actor: Pubkey, owner: Pubkey) -> Result<i64> {
        if actor == owner {
            return Ok(NO_END);
        }
        let grant = self.actor_grant.as_ref().ok_or(AcesoError::DelegateNotReader)?;
        Ok(grant.load()?.until_secs)
    }
}
