use aceso_sdk::chain::{ChainError, Pubkey};

use crate::{holdings::HoldError, index::IndexError};

/// Why the chain could not be followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    #[error("{}", reason(.0))]
    Chain(#[from] ChainError),
    #[error(
        "there is no peer of profile {profile} on this chain; register it with `aceso-peer register`, or name the right profile and node"
    )]
    NoPeer { profile: Pubkey },
    #[error("the storage market is not open on this chain; name the right node")]
    NoMarket,
    #[error(
        "the node serves another chain ({found}) than the one that this peer's index is of ({known}); name the right node, or, if the chain was made anew, stop the daemon and move index.redb away"
    )]
    OtherChain { known: String, found: String },
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Hold(#[from] HoldError),
}

/// What went wrong, without the node's URL: those of providers are worth money to whoever reads a log.
pub fn reason(error: &ChainError) -> String {
    match error {
        ChainError::RpcDown { reason, .. } => {
            format!("the node cannot be reached or does not answer ({reason}); check rpc_url")
        }
        ChainError::RpcLagging { found, seen, .. } => format!(
            "the node is behind, at slot {found} where {seen} was seen already; wait, or name another node"
        ),
        ChainError::RateLimited { .. } => {
            "the node refuses further requests for now; wait, or use a node of your own".to_owned()
        }
        ChainError::RpcRefused { code, message, .. } => {
            format!("the node refused the request ({code}: {message})")
        }
        ChainError::RpcNonsense { reason, .. } => {
            format!("the node answered with something else than was asked ({reason}); use another")
        }
        ChainError::NodesDisagree { kind, address, field, .. } => format!(
            "the two nodes disagree about {kind} {address} ({field}); nothing was done, so find out which is wrong"
        ),
        ChainError::OtherCluster { found, .. } => {
            format!("the second node serves another chain ({found}); name the right node")
        }
        ChainError::WalletWithoutSol { address, available_lamports, needed_lamports } => format!(
            "{address} has {available_lamports} lamports and needs {needed_lamports}; send it {} or more, `aceso-peer status` says how much lasts",
            needed_lamports.saturating_sub(*available_lamports)
        ),
        error => error.to_string(),
    }
}
