//! Seeds, limits and flags. A number that a client must know is here and nowhere else.

/// Seeds of the accounts (README: "Accounts").
pub const SEED_CONFIG: &[u8] = b"config";
pub const SEED_PROFILE: &[u8] = b"profile";
pub const SEED_DELEGATE: &[u8] = b"delegate";
pub const SEED_FOLDER: &[u8] = b"folder";
pub const SEED_RECORD: &[u8] = b"record";
pub const SEED_GRANT: &[u8] = b"grant";
pub const SEED_REQUEST: &[u8] = b"request";

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
pub const PAUSE_ALL: u32 =
    PAUSE_PROFILE | PAUSE_FOLDER | PAUSE_RECORD | PAUSE_GRANT | PAUSE_REQUEST;

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
/// Lease storage for the owner (storage market; no instruction uses it yet).
pub const CAN_LEASE: u16 = 1 << 5;
pub const CAN_ALL: u16 = CAN_CREATE | CAN_ANSWER | CAN_GRANT | CAN_REVOKE | CAN_ROTATE | CAN_LEASE;
/// Capabilities that are worth nothing without the folder's seed.
pub const CAN_NEEDS_SEED: u16 = CAN_ANSWER | CAN_GRANT | CAN_ROTATE;
