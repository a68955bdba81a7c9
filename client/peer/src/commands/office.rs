//! What the verbs that talk to the chain share: who this peer is, what the chain says of it, and who signs.

use std::path::Path;

use aceso::state::{Beacon, Lease, Peer, Profile};
use aceso_sdk::{
    chain::{
        Chain, Fetched, Instruction, Pubkey, RpcSettings, Sent, Signer, Transaction, address,
        token::{self, Mint},
    },
    home::FileWallet,
};

use crate::{
    args::Authority,
    chain::{self, FollowError},
    config::Config,
    failure::Failure,
    index::Index,
    run::State,
};

pub(super) struct Office {
    pub config: Config,
    pub chain: Chain,
    pub profile: Pubkey,
    pub peer_at: Pubkey,
}

impl Office {
    pub async fn open(path: &Path) -> Result<Self, Failure> {
        Self::with(Config::load(path)?).await
    }

    pub async fn with(config: Config) -> Result<Self, Failure> {
        let chain = chain::connect(&config, RpcSettings::default()).await?;
        let profile = config.profile_address()?;
        Ok(Self { config, chain, profile, peer_at: address::peer(&profile) })
    }

    pub async fn peer(&self) -> Result<Fetched<Peer>, Failure> {
        let found = self.chain.find(&self.peer_at).await?;
        Ok(found.ok_or(FollowError::NoPeer { profile: self.profile })?)
    }

    pub async fn beacon(&self) -> Result<Fetched<Beacon>, Failure> {
        Ok(self.chain.find(&address::beacon()).await?.ok_or(FollowError::NoMarket)?)
    }

    pub async fn mint(&self, peer: &Peer) -> Result<Mint, Failure> {
        Ok(self.chain.mint(&peer.mint).await?)
    }

    /// The wallet of the profile: another one would be refused by the program, in fewer words.
    pub async fn authority(&self, args: &Authority) -> Result<FileWallet, Failure> {
        let wallet = FileWallet::open(&args.authority)?;
        let profile = self.chain.find::<Profile>(&self.profile).await?.ok_or_else(|| {
            Failure::input(format!(
                "there is no profile {} on this chain; `aceso profile show` prints yours",
                self.profile
            ))
        })?;
        if profile.authority != wallet.pubkey() {
            return Err(Failure::input(format!(
                "{} does not belong to the profile, {} does; name its keypair file with --authority",
                wallet.pubkey(),
                profile.authority
            )));
        }
        Ok(wallet)
    }

    /// Token account of the authority: the one named, or the associated one.
    pub async fn tokens(
        &self,
        named: Option<Pubkey>,
        authority: &FileWallet,
        mint: &Mint,
    ) -> Result<token::Tokens, Failure> {
        let at = named.unwrap_or_else(|| token::associated(&authority.pubkey(), mint));
        let tokens = self.chain.tokens(&at).await?.filter(|t| t.mint == mint.address);
        tokens.ok_or_else(|| {
            Failure::input(format!(
                "{at} is no token account of the mint {}; make one (`spl-token create-account`), or name another with --account",
                mint.address
            ))
        })
    }

    /// Signed and paid by one wallet.
    pub async fn send(
        &self,
        instruction: Instruction,
        wallet: &FileWallet,
    ) -> Result<Sent, Failure> {
        Ok(self.chain.send(&Transaction::new(vec![instruction], wallet, &[])).await?)
    }

    /// What the running daemon has written down, or else the index, which is free then.
    pub async fn leases(&self) -> Result<Leases, Failure> {
        let state = State::read(&State::path(&self.config.data_dir));
        let index = self.config.data_dir.join("index.redb");
        let mut at: Vec<Pubkey> = state
            .iter()
            .flat_map(|state| &state.leases)
            .filter_map(|(at, _)| at.parse().ok())
            .collect();
        let mut running = index.exists();
        if running && let Ok(index) = Index::open_as_it_is(&index, &self.peer_at) {
            running = false;
            at = index.leases()?.into_iter().map(|(at, _)| at).collect();
        }
        at.sort_unstable();
        let found = self.chain.find_many::<Lease>(&at).await?.into_iter().flatten();
        let found = found.filter(|lease| lease.peer == self.peer_at).collect();
        Ok(Leases { found, state, running })
    }
}

/// Leases as the chain has them now, and what the daemon last said.
pub(super) struct Leases {
    pub found: Vec<Fetched<Lease>>,
    pub state: Option<State>,
    /// Whether a daemon holds the index.
    pub running: bool,
}

impl Leases {
    /// Whether the bytes of a lease were here when the daemon last looked.
    pub fn is_held(&self, lease: &Pubkey) -> Option<bool> {
        let lease = lease.to_string();
        let known = &self.state.as_ref()?.leases;
        known.iter().find(|(at, _)| *at == lease).map(|(_, held)| *held)
    }
}

/// An amount that somebody typed.
pub(super) fn amount(text: &str, mint: &Mint) -> Result<u64, Failure> {
    mint.read(text).ok_or_else(|| {
        Failure::input(format!(
            "{text:?} is no amount of this mint, which has {} decimals; write it like {}",
            mint.decimals,
            mint.show(mint.read("1.5").unwrap_or(1))
        ))
    })
}
