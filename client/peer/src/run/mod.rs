//! Does what is due: looks at the chain, works off the duties that follow, waits. It keeps no plan of its own, so it may be
//! killed at any point and goes on where the chain says.

mod execute;
mod prove;
mod repair;
mod report;
mod sender;
mod state;
mod tend;
mod tries;

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aceso_sdk::chain::{Chain, ChainError};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

pub use repair::{Repairs, endpoint};
pub use report::needed_lamports;
pub use sender::Sender;
pub use state::{DamagedObject, Failing, State};
pub use tend::{Tender, recover, sweep};

use crate::{
    chain::{FollowError, Follower, Sight, reason},
    config::Config,
    duty::{Held, due},
    holdings::{Holdings, Leased},
    http::Service,
};
use execute::Outcome;
use tries::Tries;

/// Longest pause after looks that failed.
const MOST_WAIT: Duration = Duration::from_secs(30);
/// A node that is behind for so many looks is asked whether it still serves the same chain.
const LAGGING_LOOKS: u32 = 12;

impl Held for Holdings {
    fn holds(&self, leased: &Leased) -> bool {
        // An index that fails says so elsewhere; what is not known to be here is not taken on.
        self.holds(leased).unwrap_or(false)
    }

    fn has_room(&self, len: u64) -> bool {
        self.taken().checked_add(len).is_some_and(|taken| taken <= self.quota())
    }
}

/// What the daemon does its duties with.
pub struct Engine {
    config: Config,
    chain: Chain,
    follower: Follower,
    service: Arc<Service>,
    sender: Sender,
    tries: Tries,
    /// Objects whose bytes could not be proven.
    damaged: mpsc::Sender<[u8; 32]>,
    state: PathBuf,
    written: Option<State>,
    balance_at: Option<Instant>,
    lagging: u32,
}

impl Engine {
    pub fn new(
        config: Config,
        chain: Chain,
        follower: Follower,
        service: Arc<Service>,
        sender: Sender,
        damaged: mpsc::Sender<[u8; 32]>,
    ) -> Self {
        let state = State::path(&config.data_dir);
        Self {
            config,
            chain,
            follower,
            service,
            sender,
            tries: Tries::default(),
            damaged,
            state,
            written: None,
            balance_at: None,
            lagging: 0,
        }
    }

    /// Until `stop`; ends by itself only when going on would be wrong.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), FollowError> {
        let (mut all, mut failed) = (true, 0u32);
        while !*stop.borrow() {
            let passed = self.pass(all, &stop).await;
            let changed = matches!(passed, Ok(true));
            let wait = match passed {
                Ok(_) => {
                    failed = 0;
                    let wait = Duration::from_secs(self.config.look_every_secs);
                    if changed { Duration::ZERO } else { self.tries.next().min(wait) }
                }
                Err(error) => {
                    self.check_chain(&error).await?;
                    failed = failed.saturating_add(1);
                    tracing::warn!(%error, failed, "the chain could not be looked at");
                    (Duration::from_secs(1) * failed).min(MOST_WAIT)
                }
            };
            let arrived = self.service.arrived.notified();
            all = tokio::select! {
                biased;
                _ = stop.changed() => false,
                () = arrived => true,
                () = tokio::time::sleep(wait) => changed,
            };
        }
        Ok(())
    }

    /// Looks, and does what is due. Says whether anything was done, so that another look is worth it.
    async fn pass(&mut self, all: bool, stop: &watch::Receiver<bool>) -> Result<bool, FollowError> {
        // Before anything is tried again, it must be known what became of the first try.
        self.sender.settle_open().await?;
        let sight = self.follower.look(all).await?;
        self.lagging = 0;
        self.report(&sight).await;
        let service = self.service.clone();
        let duties = due(&sight.view(), &*service.holdings, &self.config.margins);
        self.tries.keep(&duties);
        let mut done = false;
        for duty in duties {
            if *stop.borrow() {
                break;
            }
            if !self.tries.is_ready(&duty) {
                continue;
            }
            let outcome = self.execute(&sight, &duty).await;
            done |= matches!(outcome, Outcome::Done);
            self.note(&duty, outcome);
            if self.sender.is_open() {
                break;
            }
        }
        self.write_state(&sight);
        Ok(done)
    }

    /// A chain that was made anew looks like a node that is behind for ever.
    async fn check_chain(&mut self, error: &FollowError) -> Result<(), FollowError> {
        if !matches!(error, FollowError::Chain(ChainError::RpcLagging { .. })) {
            return Ok(());
        }
        self.lagging += 1;
        if !self.lagging.is_multiple_of(LAGGING_LOOKS) {
            return Ok(());
        }
        let Ok(chain) = crate::chain::connect(&self.config, Default::default()).await else {
            return Ok(());
        };
        if chain.genesis() == self.chain.genesis() {
            return Ok(());
        }
        let (known, found) = (self.chain.genesis().to_string(), chain.genesis().to_string());
        Err(FollowError::OtherChain { known, found })
    }

    async fn report(&mut self, sight: &Sight) {
        let (metrics, health) = (&self.service.metrics, &self.service.health);
        health.heard(metrics.uptime_secs());
        report::measure(metrics, sight, &self.service.holdings);
        let was_short = health.short_of_sol.load(Ordering::Relaxed);
        let every = if was_short { report::SHORT_EVERY } else { report::BALANCE_EVERY };
        if self.balance_at.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        self.balance_at = Some(Instant::now());
        let payer = self.sender.fee_payer();
        match self.chain.balance(&payer).await {
            Ok(lamports) => {
                report::balance(metrics, health, &payer, lamports, sight);
                // What failed for want of it need not wait any longer.
                if was_short && !health.short_of_sol.load(Ordering::Relaxed) {
                    self.tries = Tries::default();
                }
            }
            Err(error) => tracing::warn!(error = reason(&error), "the fee payer's SOL is unknown"),
        }
    }

    fn write_state(&mut self, sight: &Sight) {
        let state = State::of(sight, &self.service.holdings, self.tries.failing());
        if self.written.as_ref().is_some_and(|written| written.says_the_same(&state)) {
            return;
        }
        match state.write(&self.state) {
            Ok(()) => self.written = Some(state),
            Err(error) => {
                tracing::warn!(%error, "the state for `aceso-peer status` was not written")
            }
        }
    }
}
