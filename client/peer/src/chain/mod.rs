//! The chain as this daemon hears of it: accounts for permissions ([`ChainAccounts`]), its time ([`ChainClock`]), and what
//! duties follow from ([`Follower`], [`Sight`]).

mod accounts;
mod clock;
mod error;
mod follow;
mod payout;
mod sight;
mod walk;

pub use accounts::ChainAccounts;
pub use clock::ChainClock;
pub use error::{FollowError, reason};
pub use follow::Follower;
pub use payout::payout;
pub use sight::Sight;

use aceso_sdk::chain::{Chain, ChainError, Cluster, RpcSettings};

use crate::config::Config;

/// Meets the configured nodes. Which chain they serve is theirs to say: whoever names a node here means its chain, mainnet
/// included, and a peer's profile exists on one chain only.
pub async fn connect(config: &Config, settings: RpcSettings) -> Result<Chain, ChainError> {
    let meet = |mainnet: bool| {
        let cluster = |url: &String| match mainnet {
            true => Cluster::Mainnet { url: Some(url.clone()) },
            false => Cluster::Url(url.clone()),
        };
        let (rpc, verify) = (cluster(&config.rpc_url), config.verify_rpc_url.as_ref().map(cluster));
        async move { Chain::connect(&rpc, verify.as_ref(), settings).await }
    };
    match meet(false).await {
        Err(ChainError::MainnetUnasked { .. }) => meet(true).await,
        met => met,
    }
}
