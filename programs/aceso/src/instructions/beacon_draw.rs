use crate::{
    constants::SLOT_HASHES,
    event::{emit, BeaconAction},
    prelude::*,
    state::Beacon,
};

/// Draws the seed of the armed epoch: the same one whoever draws, and whenever. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct BeaconDraw<'info> {
    #[account(mut)]
    pub beacon: AccountLoader<'info, Beacon>,
    /// CHECK: the sysvar, by its address; read in place, because it has 20 KiB.
    #[account(address = SLOT_HASHES)]
    pub slot_hashes: UncheckedAccount<'info>,
}

impl BeaconDraw<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut beacon = self.beacon.load_mut()?;
        beacon.draw(&self.slot_hashes.try_borrow_data()?, Clock::get()?.unix_timestamp)?;
        emit(&self.event_authority, &beacon.event(BeaconAction::Drawn)?)
    }
}
