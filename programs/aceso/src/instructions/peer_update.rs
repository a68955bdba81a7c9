use super::holding::*;
use crate::{
    event::{emit, PeerAction},
    prelude::*,
    state::PeerArgs,
};

/// Changes operator, prices, endpoint and share key; leases that stand keep their price.
/// Signer: the authority of the peer's profile.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerUpdate<'info> {
    pub holding: Holding<'info>,
}

impl PeerUpdate<'_> {
    pub fn handle(&self, args: PeerArgs) -> Result<()> {
        let mut peer = self.holding.peer.load_mut()?;
        peer.update(&args)?;
        emit(&self.event_authority, &peer.event(PeerAction::Updated, self.holding.peer.key(), 0))
    }
}
