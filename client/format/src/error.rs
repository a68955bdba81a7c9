//! Why bytes were refused. Each message is a sentence that says what is wrong and what to do about it.

use alloc::string::String;

/// Result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Every refusal of this crate. No variant carries a secret or a part of a plaintext.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A blob's address does not fit the bytes at hand.
    #[error(
        "these bytes are not the block {expected}; fetch it again, from another source if it happens twice"
    )]
    BlockMismatch {
        /// CID that was asked for.
        expected: String,
    },
    /// A CID is not one that this product writes.
    #[error(
        "{text:?} is not a CIDv1 of a raw or dag-pb block under SHA-256 in lower-case base32; copy the whole CID"
    )]
    CidInvalid {
        /// What was given, cut to 80 characters.
        text: String,
    },
    /// A commitment does not match the derived one: other key, other context or damaged prefix.
    #[error(
        "this key does not open this message; check that key, record and version belong together"
    )]
    CommitmentMismatch,
    /// A plaintext or a blob is over the limit of its kind.
    #[error("the {what} has {len} bytes and at most {max} are allowed; split or shorten it")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// Its length, bytes.
        len: u64,
        /// The limit, bytes.
        max: u64,
    },
    /// A list is over the limit of its kind.
    #[error(
        "the {what} has {count} entries and at most {max} are allowed; use fewer, or a team for readers"
    )]
    TooMany {
        /// What has too many entries.
        what: &'static str,
        /// How many entries.
        count: u64,
        /// The limit.
        max: u64,
    },
    /// A chunk did not authenticate.
    #[error("chunk {index} is damaged or does not belong here; fetch the bytes again")]
    ChunkForged {
        /// Index of the chunk in its message, from zero.
        index: u64,
    },
    /// A caller's buffer does not have the length the operation needs.
    #[error(
        "the buffer for {what} has {len} bytes and {expected} are needed; call with the lengths that this crate gives"
    )]
    BufferLength {
        /// Which buffer.
        what: &'static str,
        /// Length given, bytes.
        len: usize,
        /// Length needed, bytes.
        expected: usize,
    },
    /// Content was pushed past its announced length, or finished before reaching it.
    #[error(
        "{pushed} bytes of content came and {expected} were announced; start again with the right length"
    )]
    ContentLength {
        /// Bytes announced.
        expected: u64,
        /// Bytes that came.
        pushed: u64,
    },
    /// A field has a value that its layout does not allow.
    #[error(
        "the {what} has a field that its layout does not allow ({field}); ask its writer to make it again"
    )]
    FieldInvalid {
        /// Which object.
        what: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// A header sets a flag this version does not know.
    #[error(
        "the {what} sets flags {flags:#06x} that this version does not know; update the software"
    )]
    FlagUnknown {
        /// Which object.
        what: &'static str,
        /// The flags.
        flags: u16,
    },
    /// History of a keyring does not continue the one seen before.
    #[error(
        "the new keyring does not continue the epochs seen before (epoch {epoch}); keep the old one and ask the owner"
    )]
    HistoryBroken {
        /// First epoch that is missing or different.
        epoch: u32,
    },
    /// A recipient is listed but its packet does not open with the recipient's own, right key.
    #[error(
        "you are listed as {recipient} but nothing was sealed to your key; ask the writer to seal it again"
    )]
    ListedNotSealed {
        /// Kind of the recipient: `owner`, `reader`, `folder` or `grant`.
        recipient: &'static str,
    },
    /// An object starts with other magic bytes.
    #[error("these bytes are not a {what}; check the address that they came from")]
    MagicMismatch {
        /// What was expected.
        what: &'static str,
    },
    /// A dag-pb node is not the one that its length prescribes.
    #[error(
        "the node {cid} does not have the shape that a blob of this length has; its writer did not follow unixfs-v1-2025"
    )]
    NodeShape {
        /// CID of the node.
        cid: String,
    },
    /// A recipient is not in the list.
    #[error(
        "you are not among the recipients; ask the owner for access, or open it as somebody who is"
    )]
    NotListed,
    /// An object is about another thing than the caller asked for.
    #[error("the {what} belongs to another {field}; fetch the one that the chain names")]
    OtherObject {
        /// Which object.
        what: &'static str,
        /// Which field differs.
        field: &'static str,
    },
    /// An object is of another epoch or version than the caller asked for.
    #[error(
        "the {what} is of {field} {found} and {expected} was expected; fetch the one that the chain names"
    )]
    OtherVersion {
        /// Which object.
        what: &'static str,
        /// `epoch`, `version` or `key version`.
        field: &'static str,
        /// Found in the object.
        found: u32,
        /// Asked for by the caller.
        expected: u32,
    },
    /// Padding is not the canonical one.
    #[error(
        "the padding is not canonical, so the length it hides cannot be trusted; ask the writer to seal it again"
    )]
    PaddingInvalid,
    /// A packet did not open.
    #[error("this packet was not sealed to this key for this purpose; check which key it names")]
    PacketForged,
    /// A packet names a suite this version does not know.
    #[error(
        "the packet uses cipher suite {suite} that this version does not know; update the software"
    )]
    PacketSuite {
        /// The suite byte.
        suite: u8,
    },
    /// A proof leads to another root.
    #[error(
        "these bytes and this path do not lead to the root; read them again, or repair the copy from another one"
    )]
    ProofForged,
    /// A proof, or a part of a proof tree, does not fit the length of the stored bytes.
    #[error(
        "this does not fit a proof tree over so many bytes ({field}); use the length that stands on the chain"
    )]
    ProofShape {
        /// What does not fit.
        field: &'static str,
    },
    /// Public key bytes are not a valid key.
    #[error("these bytes are not a valid {what} public key; ask its owner for a new bundle")]
    PublicKeyInvalid {
        /// `X-Wing` or `Ed25519`.
        what: &'static str,
    },
    /// A recipient appears twice.
    #[error("the same recipient is listed twice; list each one once")]
    RecipientRepeated,
    /// A seed does not make the published public key.
    #[error(
        "this seed does not make the published public key; do not use either, ask the writer for a new one"
    )]
    SeedMismatch,
    /// A signature does not verify.
    #[error(
        "the signature of the {what} is not by the key of its writer; do not use it, fetch it again"
    )]
    SignatureForged {
        /// Which object.
        what: &'static str,
    },
    /// A message ends before its final chunk, or inside of one.
    #[error("the bytes end too early; fetch them again")]
    Truncated,
    /// Bytes follow the end of an object.
    #[error("{len} bytes follow the end of the {what}; fetch it again")]
    TrailingBytes {
        /// Which object.
        what: &'static str,
        /// How many.
        len: usize,
    },
    /// Suite of an object is unknown.
    #[error(
        "the {what} uses cipher suite {suite} that this version does not know; update the software"
    )]
    SuiteUnknown {
        /// Which object.
        what: &'static str,
        /// The suite byte.
        suite: u8,
    },
    /// Version of an object's layout is unknown.
    #[error(
        "the {what} has layout version {version} that this version does not know; update the software"
    )]
    VersionUnknown {
        /// Which object.
        what: &'static str,
        /// The version byte.
        version: u8,
    },
}

impl Error {
    /// Name of the variant: the same in every client, for tests and for programs that decide by it.
    pub fn name(&self) -> &'static str {
        match self {
            Error::BlockMismatch { .. } => "BlockMismatch",
            Error::CidInvalid { .. } => "CidInvalid",
            Error::CommitmentMismatch => "CommitmentMismatch",
            Error::TooLong { .. } => "TooLong",
            Error::TooMany { .. } => "TooMany",
            Error::ChunkForged { .. } => "ChunkForged",
            Error::BufferLength { .. } => "BufferLength",
            Error::ContentLength { .. } => "ContentLength",
            Error::FieldInvalid { .. } => "FieldInvalid",
            Error::FlagUnknown { .. } => "FlagUnknown",
            Error::HistoryBroken { .. } => "HistoryBroken",
            Error::ListedNotSealed { .. } => "ListedNotSealed",
            Error::MagicMismatch { .. } => "MagicMismatch",
            Error::NodeShape { .. } => "NodeShape",
            Error::NotListed => "NotListed",
            Error::OtherObject { .. } => "OtherObject",
            Error::OtherVersion { .. } => "OtherVersion",
            Error::PaddingInvalid => "PaddingInvalid",
            Error::PacketForged => "PacketForged",
            Error::PacketSuite { .. } => "PacketSuite",
            Error::ProofForged => "ProofForged",
            Error::ProofShape { .. } => "ProofShape",
            Error::PublicKeyInvalid { .. } => "PublicKeyInvalid",
            Error::RecipientRepeated => "RecipientRepeated",
            Error::SeedMismatch => "SeedMismatch",
            Error::SignatureForged { .. } => "SignatureForged",
            Error::Truncated => "Truncated",
            Error::TrailingBytes { .. } => "TrailingBytes",
            Error::SuiteUnknown { .. } => "SuiteUnknown",
            Error::VersionUnknown { .. } => "VersionUnknown",
        }
    }
}
