use crate::{
    account::Birth,
    constants::{PAUSE_MARKET, SEED_LEDGER, SEED_PEER, SEED_VAULT},
    error::AcesoError,
    event::{emit, PeerAction},
    prelude::*,
    state::{Config, Ledger, Market, Peer, PeerArgs, PeerVault, Profile},
    token,
};

/// Makes a profile a storage peer, paid in one mint. Signer: the profile's authority.
#[event_cpi]
#[derive(Accounts)]
pub struct PeerRegister<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub authority: Signer<'info>,
    #[account(has_one = authority @ AcesoError::NotAuthority)]
    pub profile: AccountLoader<'info, Profile>,
    pub config: AccountLoader<'info, Config>,
    /// CHECK: compared with those that Config lists, and its extensions checked again.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the mint's owner, which is one of the two token programs.
    pub token_program: UncheckedAccount<'info>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_PEER, profile.key().as_ref()], bump))]
    pub peer: UncheckedAccount<'info>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_VAULT, peer.key().as_ref()], bump))]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: created here, at the address that `Birth` derives from the same seeds.
    #[account(mut)]
    #[cfg_attr(feature = "idl-build", account(seeds = [SEED_LEDGER, peer.key().as_ref()], bump))]
    pub ledger: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

impl PeerRegister<'_> {
    pub fn handle(&self, args: PeerArgs) -> Result<()> {
        let config = self.config.load()?;
        config.require_running(PAUSE_MARKET)?;
        self.profile.load()?.require_active()?;
        let market = &config.market;
        market.require_open()?;
        let mint = market.mint(self.mint.key)?;
        token::require_mint(&self.mint)?;
        require_keys_eq!(*self.mint.owner, self.token_program.key(), AcesoError::WrongTokenProgram);
        let slot = Clock::get()?.slot;
        self.create_vault()?;
        self.create_ledger(market, slot)?;
        let vault =
            PeerVault { mint, token_program: self.token_program.key(), vault: self.vault.key() };
        let profile = self.profile.key();
        let birth = Birth {
            target: &self.peer,
            payer: &self.payer,
            seeds: [SEED_PEER, profile.as_ref(), b"", b""],
        };
        let mut peer = birth.create::<Peer>(slot)?;
        peer.open(profile, vault, &args)?;
        emit(&self.event_authority, &peer.event(PeerAction::Registered, self.peer.key(), 0))
    }

    fn create_vault(&self) -> Result<()> {
        let birth = Birth {
            target: &self.vault,
            payer: &self.payer,
            seeds: [SEED_VAULT, self.peer.key.as_ref(), b"", b""],
        };
        birth.create_for(self.token_program.key, token::ACCOUNT_LEN)?;
        token::initialize(self.token_program.key, &self.vault, &self.mint, self.peer.key)
    }

    fn create_ledger(&self, market: &Market, slot: u64) -> Result<()> {
        let birth = Birth {
            target: &self.ledger,
            payer: &self.payer,
            seeds: [SEED_LEDGER, self.peer.key.as_ref(), b"", b""],
        };
        let mut ledger = birth.create::<Ledger>(slot)?;
        ledger.open(self.peer.key(), slot, market.terms, market.epoch_secs)
    }
}
