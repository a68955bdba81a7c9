use crate::{
    event::{emit, BeaconAction},
    prelude::*,
    state::Beacon,
};

/// Arms the present epoch: 32 slots later its seed can be drawn. Signer: anyone, who only pays the fee.
#[event_cpi]
#[derive(Accounts)]
pub struct BeaconArm<'info> {
    #[account(mut)]
    pub beacon: AccountLoader<'info, Beacon>,
}

impl BeaconArm<'_> {
    pub fn handle(&self) -> Result<()> {
        let mut beacon = self.beacon.load_mut()?;
        beacon.arm(&Clock::get()?)?;
        emit(&self.event_authority, &beacon.event(BeaconAction::Armed)?)
    }
}
