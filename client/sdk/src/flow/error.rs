use anchor_lang::prelude::Pubkey;

use super::{Filed, Scope};
use crate::{
    blob::BlobError,
    chain::{AcesoError, ChainError},
    file::FileError,
    home::HomeError,
};

/// Whose turn it is after a failure; the CLI's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What was asked for cannot be done: ask for something else.
    Input,
    /// Network, store, node or ourselves.
    Outside,
}

/// Every refusal of a flow. A sentence says what is wrong and what to do, and holds nothing secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    // Who acts.
    #[error(
        "no profile acts here; make one with `aceso profile create`, or name one that this keystore holds"
    )]
    NoProfile,
    #[error(
        "this keystore does not hold the keys of profile {profile}; use the keystore that made it"
    )]
    NotOurs { profile: Pubkey },
    #[error(
        "this keystore does not hold version {key_version} of the keys of {profile}, which this was sealed to; import the keystore that has it, or ask the writer to seal it again"
    )]
    KeysGone { profile: Pubkey, key_version: u32 },
    #[error("{wallet} does not sign for profile {profile}, {authority} does; use that wallet")]
    WrongWallet { profile: Pubkey, wallet: Pubkey, authority: Pubkey },
    #[error(
        "wallet {wallet} was not proposed for profile {profile}; ask its present wallet to propose it"
    )]
    NotProposed { profile: Pubkey, wallet: Pubkey },
    #[error(
        "{name:?} is neither an address nor a name known here; add a contact, or copy the whole address"
    )]
    NameUnknown { name: String },
    #[error("{name:?} could be {count} different {what}s; use more of the address")]
    NameAmbiguous { name: String, what: &'static str, count: usize },
    #[error("{name:?} is taken by {taken_by}; choose another name")]
    NameTaken { name: String, taken_by: Pubkey },

    // What the chain does not have.
    #[error(
        "{profile} has no profile on this network; ask for the address of a profile, which is not that of a wallet, and check --cluster"
    )]
    ProfileMissing { profile: Pubkey },
    #[error(
        "profile {profile} is retired and can neither receive nor open anything; ask its owner for a new one"
    )]
    ProfileRetired { profile: Pubkey },
    #[error(
        "there is no {what} {address} on this network; it was closed or erased, or the address is wrong"
    )]
    Missing { what: &'static str, address: Pubkey },
    #[error("{scope:?} is not one of profile {owner}; name a folder or record of its own")]
    OtherOwner { scope: Scope, owner: Pubkey },
    #[error("profile {actor} may not {action} here; ask the owner, or for a delegation")]
    NotAllowed { actor: Pubkey, action: &'static str },

    // Keys and who vouches for them.
    #[error(
        "the keys of {who} have changed since they were pinned (version {pinned} then, {found} now); compare the new fingerprint with its owner and run `aceso contact verify`"
    )]
    KeysChangedSincePin { who: String, profile: Pubkey, pinned: u32, found: u32 },
    #[error("the keys of {who} (profile {profile}) are not usable: {source}")]
    Bundle { who: String, profile: Pubkey, source: aceso_format::Error },
    #[error(
        "this is signed by version {key_version} of the keys of {profile}, which never had one; use another node, or ask the owner of the folder to reseal it"
    )]
    WriterUnknown { profile: Pubkey, key_version: u32 },
    #[error(
        "version {key_version} of the keys of {who} (profile {profile}), by which this or something older is signed, is not stored any more: {source}"
    )]
    FormerBundleMissing { who: String, profile: Pubkey, key_version: u32, source: Box<BlobError> },
    #[error(
        "the keys that {who} (profile {profile}) has now do not vouch for version {key_version}, by which this or something older is signed: {source}; nothing was opened, ask the owner of the folder to reseal it"
    )]
    KeyChainBroken { who: String, profile: Pubkey, key_version: u32, source: aceso_format::Error },
    #[error(
        "the fingerprint differs: {found} here, {expected} given; do not use these keys, and ask again by another channel"
    )]
    FingerprintDiffers { found: String, expected: String },

    // A node that lies or lags.
    #[error(
        "the {what} {address} does not fit together: {source}; the node, the store or its writer is at fault, so nothing was opened"
    )]
    Untrue { what: &'static str, address: Pubkey, source: aceso_format::Error },
    #[error(
        "the {what} {address} is written by {writer}, who may not write it; the node or the owner's delegate is at fault, so nothing was opened"
    )]
    WriterNotAllowed { what: &'static str, address: Pubkey, writer: Pubkey },
    #[error(
        "the chain says one thing of {what} {address} and the sealed manifest another ({field}); nothing was opened: ask its author"
    )]
    ManifestDiffers { what: &'static str, address: Pubkey, field: &'static str },

    #[error(
        "the node shows {found} {what} of {scope} and the account says {seen}; it hides some or invents some, so nothing was done: use another node"
    )]
    ListIncomplete { what: &'static str, scope: Pubkey, found: u64, seen: u64 },
    #[error(
        "the node shows a grant for {reader}, to whom nothing was sealed before; nothing is sealed to it until its fingerprint was compared: run `aceso contact verify`"
    )]
    ReaderUnlisted { reader: Pubkey },

    // Reading.
    #[error(
        "profile {reader} has no live grant for record {record}; ask the owner with `aceso request create`"
    )]
    NoGrant { reader: Pubkey, record: Pubkey },
    #[error(
        "the grant has ended (unix time {until_secs}), maybe between listing and opening; ask the owner for a new one"
    )]
    GrantEnded { until_secs: i64 },
    #[error("the grant begins later (unix time {from_secs}); wait until then")]
    GrantNotBegun { from_secs: i64 },
    #[error(
        "the grant does not let one open older versions; open the current one, or ask the owner"
    )]
    HistoryNotPermitted,
    #[error("the {what} {address} is not sealed to you; ask the owner to share it again")]
    NotListed { what: &'static str, address: Pubkey },
    #[error(
        "the {what} {address} lists you, but what it holds for you does not open: its writer {writer} sealed nothing or junk; ask the owner to share it again"
    )]
    ListedNotSealed { what: &'static str, address: Pubkey, writer: Pubkey },
    #[error(
        "the {what} {address} is sealed to version {sealed_to} of your keys; ask the owner to share it again"
    )]
    SealedToOldKeys { what: &'static str, address: Pubkey, sealed_to: u32 },
    #[error(
        "record {record} is in the owner's inbox; its owner has to run any command once before others can open it"
    )]
    InInbox { record: Pubkey },
    #[error("record {record} has no version {version}; the current one is {current}")]
    NoSuchVersion { record: Pubkey, version: u32, current: u32 },

    #[error("request {request} leaves the choice to its owner; name a folder or record to grant")]
    ScopeNeeded { request: Pubkey },

    // Writing.
    #[error(
        "a filer cannot read the record, so a new version needs a title, a name and a type of its own; say them"
    )]
    AboutNeeded,
    #[error("nothing to put; name at least one file")]
    NothingToPut,
    #[error(
        "the {what} changed {tries} times while this was tried ({last}); somebody else is at work on it, so try again later"
    )]
    Contended { what: &'static str, tries: u32, last: String },
    #[error(
        "the node said that this came to nothing ({said}), and the chain has what it was to write; look at what is there before you try again, and use another node"
    )]
    TookEffect { said: Box<FlowError> },
    #[error("the {what} {address} was changed by somebody else while it was read; try again")]
    ChangedMeanwhile { what: &'static str, address: Pubkey },
    #[error("{sentence}")]
    WouldBeRefused { sentence: String },
    #[error(
        "{reader} has a grant there already; change it with `aceso grant update`, or, if its keys are new, seal to them with `aceso folder rotate` or by resealing the record"
    )]
    GrantExists { reader: Pubkey },
    #[error("{profile} acts for you already; remove that delegation first, then add the new one")]
    DelegateExists { profile: Pubkey },
    #[error(
        "{delegate} does not act for {owner}, so nothing was ended; see `aceso delegate list`, and with --received for whom you act"
    )]
    NotDelegated { owner: Pubkey, delegate: Pubkey },
    #[error("{} of {total} files are filed and stay so; then: {source}", .filed.len())]
    Partly { filed: Vec<Filed>, total: usize, source: Box<FlowError> },
    #[error(
        "the network keeps {fee} lamports of a request that nobody answers and {deposit} were offered; offer at least {least}"
    )]
    DepositTooLow { fee: u64, deposit: u64, least: u64 },

    // Leasing.
    #[error("there is no storage market on this network yet; its admin has to open it")]
    MarketClosed,
    #[error("no storage peer is registered here; look again later with `aceso peer list`")]
    NoMarketPeers,
    #[error(
        "not enough peers: {wanted} wanted, {found} to be had ({reasons}); ask for fewer copies, allow a higher price, or look at `aceso peer list`"
    )]
    TooFewPeers { wanted: usize, found: usize, reasons: String },
    #[error("{mint} is no mint that peers are paid in here; see `aceso peer list`")]
    MintNotTaken { mint: Pubkey },
    #[error("peers are paid in several mints ({mints}); name one with --mint")]
    MintAmbiguous { mints: String },
    #[error(
        "{need} are needed and {have} are on your token account {account}; pay more in, or lease less"
    )]
    TokensShort { account: Pubkey, have: String, need: String },
    #[error(
        "this costs more than any account can hold; lease for a shorter time, or from cheaper peers"
    )]
    CostOverflow,
    #[error("a lease has at most {most_secs} seconds; ask for a shorter time, and extend it later")]
    LeaseTooLong { most_secs: i64 },
    #[error("{len} bytes cannot be leased in one piece; at most 16 GiB can")]
    TooLongToLease { len: u64 },
    #[error(
        "no record of folder {folder} is small enough for a pack; lease its records one by one"
    )]
    NothingToPack { folder: Pubkey },
    #[error(
        "what lease {lease} was offered for has changed since; it was not uploaded, so take the offer back and open the lease anew"
    )]
    OfferOutdated { lease: Pubkey },
    #[error("lease {lease} is not live; see `aceso lease list`")]
    LeaseOver { lease: Pubkey },
    #[error(
        "lease {lease} has changed since its cost was added up; nothing was paid, so look at it and ask again"
    )]
    LeaseChangedSince { lease: Pubkey },
    #[error(
        "of record {record} neither this computer's store nor any peer has the bytes; nothing can be repaired until one of them is back"
    )]
    NothingToRepairFrom { record: Pubkey },

    #[error("{0}")]
    Chain(#[from] ChainError),
    #[error("{0}")]
    Home(#[from] HomeError),
    #[error("{0}")]
    Blob(#[from] BlobError),
    #[error("{0}")]
    File(#[from] FileError),
    #[error("{0}")]
    Format(#[from] aceso_format::Error),
    #[error("the system's source of random numbers failed ({0}); nothing was sealed")]
    Random(String),
}

impl FlowError {
    /// Whose turn it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Chain(
                ChainError::Program(_)
                | ChainError::UnknownCluster { .. }
                | ChainError::MainnetUnasked { .. }
                | ChainError::OtherCluster { .. }
                | ChainError::SameNode { .. }
                | ChainError::AccountMissing { .. }
                | ChainError::AccountWrong { .. }
                | ChainError::WalletWithoutSol { .. }
                | ChainError::TooLarge { .. }
                | ChainError::SignerMissing { .. },
            ) => Blame::Input,
            Self::Chain(_) | Self::Blob(_) | Self::FormerBundleMissing { .. } | Self::Random(_) => {
                Blame::Outside
            }
            Self::Partly { source, .. } => source.blame(),
            Self::Untrue { .. }
            | Self::ManifestDiffers { .. }
            | Self::ListIncomplete { .. }
            | Self::TookEffect { .. }
            | Self::ChangedMeanwhile { .. }
            | Self::Contended { .. } => Blame::Outside,
            Self::File(FileError::Blob(_) | FileError::Random(_) | FileError::Worker(_)) => {
                Blame::Outside
            }
            Self::Home(
                HomeError::BundleBelowSeen { .. }
                | HomeError::EpochBelowSeen { .. }
                | HomeError::VersionBelowSeen { .. }
                | HomeError::CountBelowSeen { .. }
                | HomeError::SameCountDiffers { .. }
                | HomeError::Busy { .. }
                | HomeError::DiskFull { .. }
                | HomeError::Io { .. },
            ) => Blame::Outside,
            _ => Blame::Input,
        }
    }

    /// Whether somebody else was faster: look again, seal again, try again.
    pub(super) fn is_stale_state(&self) -> bool {
        match self {
            Self::Chain(error) => {
                error.is_stale_state()
                    || matches!(error, ChainError::Program(AcesoError::FolderRotateDue))
            }
            Self::ListIncomplete { .. } | Self::ChangedMeanwhile { .. } => true,
            _ => false,
        }
    }

    pub(super) fn is_fate_unknown(&self) -> bool {
        match self {
            Self::Partly { source, .. } => source.is_fate_unknown(),
            error => matches!(error, Self::Chain(ChainError::FateUnknown { .. })),
        }
    }

    /// Whether the chain may have it, although it is an error.
    pub(super) fn may_have_taken_effect(&self) -> bool {
        self.is_fate_unknown() || matches!(self, Self::TookEffect { .. })
    }

    /// Whether nothing else is worth trying after it: the fate of something is open, or no node answers.
    pub(super) fn stops_everything(&self) -> bool {
        self.may_have_taken_effect()
            || matches!(self, Self::Chain(error) if error.is_transient())
            || matches!(self, Self::Home(HomeError::DiskFull { .. }))
    }

    /// Whether what somebody has sealed is at fault, and not the network.
    pub(super) fn is_about_sealing(&self) -> bool {
        matches!(
            self,
            Self::NotListed { .. }
                | Self::ListedNotSealed { .. }
                | Self::SealedToOldKeys { .. }
                | Self::KeysGone { .. }
                | Self::Untrue { .. }
                | Self::ManifestDiffers { .. }
                | Self::WriterNotAllowed { .. }
                | Self::WriterUnknown { .. }
                | Self::FormerBundleMissing { .. }
                | Self::KeyChainBroken { .. }
                | Self::KeysChangedSincePin { .. }
                | Self::Blob(
                    BlobError::NotFound { .. }
                        | BlobError::Mismatch { .. }
                        | BlobError::TooLong { .. }
                )
        )
    }

    /// Whether it is one recipient's doing that nothing can be sealed to it.
    pub(super) fn is_about_recipient(&self) -> bool {
        matches!(
            self,
            Self::ProfileMissing { .. }
                | Self::ProfileRetired { .. }
                | Self::KeysChangedSincePin { .. }
                | Self::ReaderUnlisted { .. }
                | Self::Bundle { .. }
                | Self::Blob(
                    BlobError::NotFound { .. }
                        | BlobError::Mismatch { .. }
                        | BlobError::TooLong { .. }
                )
        )
    }
}
