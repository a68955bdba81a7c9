use core::cell::{Ref, RefMut};

use crate::{
    error::AcesoError,
    prelude::*,
    state::{Beacon, Lease, Ledger, LedgerMut, Peer},
};

/// A lease and its peer.
#[derive(Accounts)]
pub struct PeerLease<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    // The peer is compared when it is opened; here for the IDL.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(has_one = peer))]
    pub lease: AccountLoader<'info, Lease>,
}

impl<'info> PeerLease<'info> {
    /// Both, found to belong together.
    #[inline(never)]
    pub fn open(&self) -> Result<(RefMut<'_, Lease>, RefMut<'_, Peer>)> {
        let (lease, peer) = (self.lease.load_mut()?, self.peer.load_mut()?);
        lease.require_peer(&self.peer.key(), &peer)?;
        Ok((lease, peer))
    }
}

/// A lease, its peer, and what that one has proven.
#[derive(Accounts)]
pub struct Leased<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
    // The peer is compared when they are opened; here for the IDL.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(has_one = peer))]
    pub ledger: AccountLoader<'info, Ledger>,
    pub beacon: AccountLoader<'info, Beacon>,
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(has_one = peer))]
    pub lease: AccountLoader<'info, Lease>,
}

/// The accounts of [`Leased`], found to belong together.
pub struct OpenLease<'a, 'info> {
    pub lease: RefMut<'a, Lease>,
    pub peer: RefMut<'a, Peer>,
    /// For [`LedgerMut::new`].
    pub ledger: RefMut<'a, &'info mut [u8]>,
    pub beacon: Ref<'a, Beacon>,
}

impl<'info> Leased<'info> {
    #[inline(never)]
    pub fn open(&self) -> Result<OpenLease<'_, 'info>> {
        let (lease, peer) = (self.lease.load_mut()?, self.peer.load_mut()?);
        lease.require_peer(&self.peer.key(), &peer)?;
        let mut ledger = self.ledger.as_ref().try_borrow_mut_data()?;
        require_ledger(&*LedgerMut::new(&mut ledger)?, self.peer.key(), &peer)?;
        Ok(OpenLease { lease, peer, ledger, beacon: self.beacon.load()? })
    }
}

/// Refuses the ledger of another peer, or of an earlier one at the same address.
pub fn require_ledger(ledger: &Ledger, key: Pubkey, peer: &Peer) -> Result<()> {
    require!(
        ledger.peer == key && ledger.peer_created_slot == peer.meta.created_slot,
        AcesoError::WrongPeer
    );
    Ok(())
}
