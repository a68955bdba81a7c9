use aceso::state::Peer;
use aceso_sdk::chain::{Chain, ChainError, Pubkey};

/// Where a settlement may pay to: the peer's account, while it takes tokens. Else it only books, instead of failing.
pub async fn payout(chain: &Chain, peer: &Peer) -> Result<Option<Pubkey>, ChainError> {
    if peer.payout == Pubkey::default() {
        return Ok(None);
    }
    let tokens = chain.tokens(&peer.payout).await?;
    let takes = tokens.is_some_and(|tokens| tokens.mint == peer.mint && !tokens.frozen);
    if !takes {
        tracing::warn!(payout = %peer.payout, "the payout account is closed or frozen; settlements stay on the books until `aceso-peer payout set` names another");
    }
    Ok(takes.then_some(peer.payout))
}
