use crate::{
    constants::SLOT_HASHES,
    event::{emit, BeaconAction},
    prelude::*,
    state::Beacon,
};

/// Aims an armed epoch at another slot, once the chain has forgotten the first. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct BeaconRearm<'info> {
    #[account(mut)]
    pub beacon: AccountLoader<'info, Beacon>,
    /// CHECK: the sysvar, by its address; read in place, because it has 20 KiB.
    #[account(address = SLOT_HASHES)]
    pub slot_hashes: UncheckedAccount<'info>,
}

impl BeaconRearm<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut beacon = self.beacon.load_mut()?;
        beacon.rearm(&self.slot_hashes.try_borrow_data()?, Clock::get()?.slot)?;
        emit(&self.event_authority, &beacon.event(BeaconAction::Rearmed)?)
    }
}
