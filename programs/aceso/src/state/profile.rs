use crate::{
    error::AcesoError,
    event::{ProfileAction, ProfileChanged},
    layout,
    prelude::*,
    state::{Blob, Meta},
};

/// A person or institution. Never closed, so that nobody can take its address.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    pub meta: Meta,
    /// The wallet or multisig that signs for it.
    pub authority: Pubkey,
    /// Proposed authority, or all zeros.
    pub pending_authority: Pubkey,
    /// Wallet that made it: part of the address, without rights.
    pub creator: Pubkey,
    pub id: [u8; 16],
    /// Bundle of public keys.
    pub bundle_digest: [u8; 32],
    pub bundle_len: u32,
    /// Counts the bundles; the first is 1.
    pub key_version: u32,
    /// Grows with each second-factor assertion (DESIGN.md section 4; reserved).
    pub nonce: u64,
    /// Folders and delegates that stand: a profile that has some cannot retire.
    pub folders: u32,
    pub delegates: u32,
    pub retired: u8,
    pub padding: [u8; 7],
    /// Second factor: kind, public key, relying party, and the actions that need it.
    pub reserved_factor: [u8; 128],
    pub reserved: [u8; 64],
}
layout!(Profile, 424);

impl Profile {
    pub fn open(&mut self, authority: Pubkey, id: [u8; 16], bundle: Blob) -> Result<()> {
        bundle.validate()?;
        self.authority = authority;
        self.creator = authority;
        self.id = id;
        self.bundle_digest = bundle.digest;
        self.bundle_len = bundle.len;
        self.key_version = 1;
        self.invariant()
    }

    pub fn require_active(&self) -> Result<()> {
        require!(self.retired == 0, AcesoError::ProfileRetired);
        Ok(())
    }

    /// The bundle that a writer sealed to must still be the one in force.
    pub fn require_bundle(&self, bundle_digest: &[u8; 32]) -> Result<()> {
        require!(self.bundle_digest == *bundle_digest, AcesoError::KeysChanged);
        Ok(())
    }

    pub fn rotate_keys(&mut self, expected_version: u32, bundle: Blob) -> Result<()> {
        self.require_active()?;
        require!(self.key_version == expected_version, AcesoError::KeysChanged);
        self.replace_bundle(bundle)
    }

    /// Proposing all zeros takes a proposal back.
    pub fn propose_authority(&mut self, candidate: Pubkey) -> Result<()> {
        self.require_active()?;
        require_keys_neq!(candidate, self.authority, AcesoError::ToOneself);
        self.pending_authority = candidate;
        Ok(())
    }

    /// The new wallet accepts with a bundle of its own: the old one carries the old wallet's signature.
    pub fn accept_authority(
        &mut self,
        signer: Pubkey,
        expected_version: u32,
        bundle: Blob,
    ) -> Result<()> {
        require!(
            self.pending_authority != Pubkey::default() && signer == self.pending_authority,
            AcesoError::NotProposed
        );
        self.authority = signer;
        self.pending_authority = Pubkey::default();
        self.rotate_keys(expected_version, bundle)
    }

    pub fn retire(&mut self) -> Result<()> {
        self.require_active()?;
        require!(self.folders == 0 && self.delegates == 0, AcesoError::ProfileInUse);
        self.retired = 1;
        self.pending_authority = Pubkey::default();
        Ok(())
    }

    pub fn folder_added(&mut self) -> Result<()> {
        self.folders = self.folders.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    pub fn folder_removed(&mut self) -> Result<()> {
        self.folders = self.folders.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        Ok(())
    }

    pub fn delegate_added(&mut self) -> Result<()> {
        self.delegates = self.delegates.checked_add(1).ok_or(AcesoError::Overflow)?;
        Ok(())
    }

    pub fn delegate_removed(&mut self) -> Result<()> {
        self.delegates = self.delegates.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        Ok(())
    }

    pub fn event(&self, action: ProfileAction, key: Pubkey) -> ProfileChanged {
        ProfileChanged {
            action,
            profile: key,
            authority: self.authority,
            pending_authority: self.pending_authority,
            key_version: self.key_version,
            bundle: Blob { digest: self.bundle_digest, len: self.bundle_len },
        }
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.key_version > 0 && self.retired <= 1 && self.bundle_len > 0,
            AcesoError::InvariantBroken
        );
        Ok(())
    }

    fn replace_bundle(&mut self, bundle: Blob) -> Result<()> {
        bundle.validate()?;
        require!(self.bundle_digest != bundle.digest, AcesoError::BlobUnchanged);
        self.bundle_digest = bundle.digest;
        self.bundle_len = bundle.len;
        self.key_version = self.key_version.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.invariant()
    }
}
