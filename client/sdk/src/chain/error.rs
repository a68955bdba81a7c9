use aceso::error::AcesoError;
use anchor_lang::prelude::Pubkey;
use solana_signature::Signature;

use super::audit::AuditError;

/// What goes wrong between us and the chain. Nothing here is secret: addresses and signatures are public.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    // The node.
    #[error(
        "the node {url} cannot be reached or does not answer ({reason}); check --rpc and your network, then try again"
    )]
    RpcDown { url: String, reason: String },

    #[error(
        "the node {url} is behind: it answers for slot {found} and slot {seen} was seen already; try again, or use another node"
    )]
    RpcLagging { url: String, found: u64, seen: u64 },

    #[error(
        "the node {url} refuses further requests for now (rate limit); wait a minute, or use a node of your own"
    )]
    RateLimited { url: String },

    #[error("the node {url} refused the request ({code}: {message})")]
    RpcRefused { url: String, code: i64, message: String },

    #[error(
        "the node {url} answered with something else than was asked ({reason}); use another node"
    )]
    RpcNonsense { url: String, reason: String },

    #[error(
        "the nodes {url} and {verify_url} disagree about {kind} {address} ({field}); one of them is behind or lies, so nothing was done: try again, or find out which"
    )]
    NodesDisagree {
        url: String,
        verify_url: String,
        kind: &'static str,
        address: Pubkey,
        field: String,
    },

    // The cluster.
    #[error("{text} is neither localnet, devnet nor mainnet, nor a URL; name one of them")]
    UnknownCluster { text: String },

    #[error(
        "the node {url} serves mainnet, which was not asked for; write mainnet= before its URL if you mean it"
    )]
    MainnetUnasked { url: String },

    #[error("the node {url} serves another chain ({found}) than {asked}; name the right node")]
    OtherCluster { url: String, asked: String, found: String },

    #[error(
        "{url} is given as both nodes, and cannot check itself; name another one's node with --verify-rpc, or leave it out"
    )]
    SameNode { url: String },

    #[error("the program {program} is not on this chain, or not set up; check the cluster")]
    ProgramMissing { program: Pubkey },

    // Accounts.
    #[error("there is no {kind} at {address}; it may have been closed, or the address is wrong")]
    AccountMissing { kind: &'static str, address: Pubkey },

    #[error("{address} is not a {kind} of this program ({reason}); check the address")]
    AccountWrong { kind: &'static str, address: Pubkey, reason: &'static str },

    #[error(
        "{kind} {address} has layout {found} and this client knows {known}; update the software"
    )]
    LayoutUnknown { kind: &'static str, address: Pubkey, found: u8, known: u8 },

    #[error("a {kind} has no field {field}; this is a fault of ours, please report it")]
    FieldUnknown { kind: &'static str, field: &'static str },

    // Transactions.
    /// A refusal of the program; its sentence reaches the user unchanged.
    #[error("{}", .0)]
    Program(AcesoError),

    #[error("the program refused an account: {sentence}")]
    Framework { code: u32, sentence: String },

    #[error(
        "{address} has too little SOL: it has {available_lamports} and {needed_lamports} lamports are needed; send it some, or name another --fee-payer"
    )]
    WalletWithoutSol { address: Pubkey, available_lamports: u64, needed_lamports: u64 },

    #[error("the transaction failed: {reason}")]
    Failed { signature: Option<Signature>, reason: String },

    #[error(
        "no block took the transaction before it expired; nothing was changed, so try again, with a priority fee if the network is busy"
    )]
    Expired { signature: Signature },

    #[error(
        "the fate of transaction {signature} is unknown, because the node stopped answering; it can take effect until block height {last_valid_block_height}: run the command again, which looks first what became of it"
    )]
    FateUnknown { signature: Signature, last_valid_block_height: u64, reason: String },

    #[error("one of these steps takes {len} bytes and a transaction holds {max}; split it")]
    TooLarge { len: usize, max: usize },

    #[error("{address} has to sign and no key for it is at hand; name its wallet")]
    SignerMissing { address: Pubkey },

    #[error("the wallet did not sign ({0}); try again")]
    Signing(String),

    #[error("the system's source of random numbers failed ({0}); nothing was done")]
    Random(String),

    #[error("the fate of a transaction could not be written down first ({0}), so it was not sent")]
    Journal(String),

    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl ChainError {
    /// Whether the same request may succeed a moment later, with nothing else changed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RpcDown { .. }
                | Self::RpcLagging { .. }
                | Self::RateLimited { .. }
                | Self::Expired { .. }
        )
    }

    /// Whether the program refused because somebody else was faster: fetch again, seal again, retry.
    pub fn is_stale_state(&self) -> bool {
        matches!(
            self,
            Self::Program(
                AcesoError::FolderChanged | AcesoError::RecordChanged | AcesoError::KeysChanged
            )
        )
    }
}
