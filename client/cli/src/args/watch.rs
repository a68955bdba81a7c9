use clap::Args;

use super::value::Span;

/// How to watch.
#[derive(Args, Debug)]
pub struct Watch {
    /// Look once, do what is due, and end
    #[arg(long)]
    pub once: bool,

    /// How often to look
    #[arg(long, value_name = "SPAN", default_value = "30s", conflicts_with = "once")]
    pub every: Span,

    /// How long something has to be due before you do it: peers, who are paid for it, come first
    #[arg(long, value_name = "SPAN", conflicts_with = "once")]
    pub patience: Option<Span>,

    /// Ask a peer for a leaf of a lease by chance, this often; the deposit goes to whoever answers
    #[arg(long, value_name = "SPAN")]
    pub spot_check: Option<Span>,
}
