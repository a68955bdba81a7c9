use crate::{
    account::{charge, Birth},
    constants::{PAUSE_REQUEST, SEED_REQUEST},
    error::AcesoError,
    event::{emit, RequestAction},
    prelude::*,
    state::{Ask, Config, Profile, Request},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RequestCreateArgs {
    pub id: [u8; 16],
    pub ask: Ask,
}

/// Asks an owner for a grant, with a deposit from the payer. Signer: the requester's authority.
#[event_cpi]
#[derive(Accounts)]
#[cfg_attr(feature = "idl-build", instruction(args: RequestCreateArgs))]
pub struct RequestCreate<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub requester: AccountLoader<'info, Profile>,
    pub owner: AccountLoader<'info, Profile>,
    pub config: AccountLoader<'info, Config>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_REQUEST, owner.key().as_ref(), requester.key().as_ref(), &args.id], bump))]
    pub request: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl RequestCreate<'_> {
    pub fn handle(&self, args: RequestCreateArgs) -> Result<()> {
        let config = self.config.load()?;
        config.require_running(PAUSE_REQUEST)?;
        let clock = Clock::get()?;
        self.requester.load()?.require_active()?;
        self.owner.load()?.require_active()?;
        let (owner, requester) = (self.owner.key(), self.requester.key());
        let birth = Birth {
            target: &self.request,
            payer: &self.payer,
            seeds: [SEED_REQUEST, owner.as_ref(), requester.as_ref(), &args.id],
        };
        {
            let mut request = birth.create::<Request>(clock.slot)?;
            request.open(owner, requester, args.id, &args.ask, &config, clock.unix_timestamp)?;
            let event = request.event(RequestAction::Created, self.request.key(), 0);
            emit(&self.event_authority, &event)?;
        }
        charge(&self.payer, &self.request, args.ask.deposit_lamports)
    }
}
