use clap::{Args, Subcommand};

use super::value::{Address, Size, Span};

#[derive(Debug, Subcommand)]
pub enum Peer {
    /// Peers that store for others, and what they take for it
    List(PeerList),
}

#[derive(Args, Debug)]
pub struct PeerList {
    /// What to have stored, such as 20MB [default: the least that is billed, 1 MiB]
    #[arg(long, value_name = "SIZE")]
    pub size: Option<Size>,

    /// How long to have it stored [default: one epoch of the market]
    #[arg(long = "for", value_name = "SPAN")]
    pub term: Option<Span>,

    /// Only peers that are paid in this mint
    #[arg(long, value_name = "MINT")]
    pub mint: Option<Address>,
}
