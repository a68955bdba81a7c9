//! Seeds, limits and flags. A number that a client must know is here and nowhere else.

use anchor_lang::prelude::{pubkey, Pubkey};

/// Seeds of the accounts (README: "Accounts").
pub const SEED_CONFIG: &[u8] = b"config";
pub const SEED_PROFILE: &[u8] = b"profile";
pub const SEED_DELEGATE: &[u8] = b"delegate";
pub const SEED_FOLDER: &[u8] = b"folder";
pub const SEED_RECORD: &[u8] = b"record";
pub const SEED_GRANT: &[u8] = b"grant";
pub const SEED_REQUEST: &[u8] = b"request";
pub const SEED_BEACON: &[u8] = b"beacon";
pub const SEED_PEER: &[u8] = b"peer";
pub const SEED_VAULT: &[u8] = b"vault";
pub const SEED_LEDGER: &[u8] = b"ledger";
pub const SEED_LEASE: &[u8] = b"lease";

/// First link of every audit chain: SHA-256(label ‖ address of the folder or record ‖ its creation slot, u64 LE).
pub const AUDIT_LABEL: &[u8] = b"aceso/audit/v1";

/// Heads, keyrings and bundles fit in one raw IPFS block (client/format/SPEC.md, "Addresses").
pub const MAX_BLOB_LEN: u32 = 1 << 20;
/// Sealed content: 1 TiB, far below what Cobblestone-256 carries under one key (4 PiB).
pub const MAX_CONTENT_LEN: u64 = 1 << 40;

/// A grant or delegation without an end carries this instead of a date.
pub const NO_END: i64 = i64::MAX;

/// Bounds of what Config's admin may set: an admin cannot price patients out or hold a deposit for years.
pub const MAX_REQUEST_DEPOSIT_LAMPORTS: u64 = 1_000_000_000;
pub const MIN_REQUEST_TTL_SECS: i64 = 60 * 60;
pub const MAX_REQUEST_TTL_SECS: i64 = 90 * 24 * 60 * 60;

/// Areas that Config can pause. What lets people out (revoke, expire, cancel, deny, erase, close, remove) cannot be.
pub const PAUSE_PROFILE: u32 = 1 << 0;
pub const PAUSE_FOLDER: u32 = 1 << 1;
pub const PAUSE_RECORD: u32 = 1 << 2;
pub const PAUSE_GRANT: u32 = 1 << 3;
pub const PAUSE_REQUEST: u32 = 1 << 4;
/// Registering a peer, adding bond, and what opens, accepts, extends or amends a lease. Never proofs nor payments.
pub const PAUSE_MARKET: u32 = 1 << 5;
pub const PAUSE_ALL: u32 =
    PAUSE_PROFILE | PAUSE_FOLDER | PAUSE_RECORD | PAUSE_GRANT | PAUSE_REQUEST | PAUSE_MARKET;

/// Permission bits of a grant, and who enforces each.
/// Open the scope's records: the program, which writes a receipt only for a live grant that has it.
pub const PERMIT_OPEN: u16 = 1 << 0;
/// Open versions older than the current one: the program refuses the receipt; keys already held still fit.
pub const PERMIT_HISTORY: u16 = 1 << 1;
/// Keep a copy after reading: nobody. It is a wish that an honest client honours.
pub const PERMIT_SAVE: u16 = 1 << 2;
pub const PERMIT_ALL: u16 = PERMIT_OPEN | PERMIT_HISTORY | PERMIT_SAVE;

/// Capabilities of a delegate.
/// File records, and update what it authored.
pub const CAN_CREATE: u16 = 1 << 0;
/// Approve and deny requests. Approving needs a grant on the folder, because it re-seals its key; denying needs none.
pub const CAN_ANSWER: u16 = 1 << 1;
/// Grant. Needs a grant on the folder itself.
pub const CAN_GRANT: u16 = 1 << 2;
/// Revoke grants.
pub const CAN_REVOKE: u16 = 1 << 3;
/// Rotate the folder's epoch and reseal heads. Needs a grant on the folder.
pub const CAN_ROTATE: u16 = 1 << 4;
/// Lease storage for the owner: open, extend, amend and cancel.
pub const CAN_LEASE: u16 = 1 << 5;
pub const CAN_ALL: u16 = CAN_CREATE | CAN_ANSWER | CAN_GRANT | CAN_REVOKE | CAN_ROTATE | CAN_LEASE;
/// Capabilities that are worth nothing without the folder's seed.
pub const CAN_NEEDS_SEED: u16 = CAN_ANSWER | CAN_GRANT | CAN_ROTATE;

// Storage market (DESIGN.md section 5). Sizes.
/// Stored bytes are proven in leaves of this many bytes; the last one is as short as it is.
pub const LEAF_BYTES: u64 = 512;
/// A lease is billed and drawn as if it had at least this many leaves (1 MiB): small ones are not free to drop.
pub const MIN_WEIGHT_LEAVES: u64 = 2048;
/// Leaves of a GiB: what `price_per_gib` is for.
pub const LEAVES_PER_GIB: u64 = (1 << 30) / LEAF_BYTES;
/// 16 GiB in one lease.
pub const MAX_STORED_LEN: u64 = 16 << 30;
/// Ten years (of one-day epochs), in an offer as in an extension.
pub const MAX_LEASE_EPOCHS: u32 = 3650;
/// Mints that Config can list.
pub const MAX_MINTS: usize = 8;
/// Bytes of a peer's URL.
pub const MAX_ENDPOINT_LEN: usize = 128;

// Storage market: bounds of what Config's admin may set.
pub const MIN_EPOCH_SECS: i64 = 60;
pub const MAX_EPOCH_SECS: i64 = 7 * 24 * 60 * 60;
/// Challenges of an epoch fit one `u32` of answers.
pub const MAX_CHALLENGES: u8 = 32;
/// Draws that a debt may stay open: two at least, so that one bad day slashes nobody.
pub const MIN_GRACE_DRAWS: u8 = 2;
pub const MAX_GRACE_DRAWS: u8 = 14;
/// The ledger remembers one lost lease more than this.
pub const MAX_LOSSES: u8 = 3;
/// Losses count for this long: 30 days.
pub const LOSSES_SECS: i64 = 30 * 24 * 60 * 60;
pub const MAX_LOCK_EPOCHS: u16 = 365;
pub const MAX_NOTICE_EPOCHS: u16 = 90;
pub const MIN_OFFER_TTL_SECS: u32 = 60 * 60;
pub const MAX_OFFER_TTL_SECS: u32 = 7 * 24 * 60 * 60;
/// Four signature fees: a peer that answers a spot check is never out of pocket.
pub const MIN_SPOT_DEPOSIT_LAMPORTS: u64 = 4 * 5_000;
pub const MAX_SPOT_DEPOSIT_LAMPORTS: u64 = 100_000_000;

// Storage market: proofs.
/// An epoch's seed: SHA-256(label ‖ program ‖ epoch, u64 LE ‖ slot hash).
pub const BEACON_LABEL: &[u8] = b"aceso/beacon/v1";
/// A challenge: SHA-256(label ‖ seed ‖ peer ‖ number, u8).
pub const CHALLENGE_LABEL: &[u8] = b"aceso/challenge/v1";
/// A root: SHA-256(label ‖ stored length, u64 LE ‖ hash of the tree). client/format says the same.
pub const PROOF_LABEL: &[u8] = b"aceso/proof/v1";
/// Slots between arming and the one whose hash is drawn: 13 seconds, beyond what a leader can compute ahead.
pub const TARGET_SLOTS: u64 = 32;
/// The sysvar that remembers the hashes of the last 512 slots.
pub const SLOT_HASHES: Pubkey = pubkey!("SysvarS1otHashes111111111111111111111111111");
