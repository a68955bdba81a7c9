use crate::{
    error::AcesoError,
    prelude::*,
    state::{Peer, Profile},
};

/// Who holds a peer: its profile, by that one's authority. A profile that has retired may still wind its peer up.
#[derive(Accounts)]
pub struct Holding<'info> {
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub profile: AccountLoader<'info, Profile>,
    #[account(mut, has_one = profile @ AcesoError::WrongPeer)]
    pub peer: AccountLoader<'info, Peer>,
}
