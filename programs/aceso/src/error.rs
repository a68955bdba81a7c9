//! Every refusal of the program. Append only: clients know the numbers.
//!
//! A sentence reaches the user unchanged, so it says what is wrong and what to do.

use anchor_lang::prelude::*;

#[error_code]
pub enum AcesoError {
    // Who signs, and for whom.
    #[msg("This wallet does not control the profile. Sign with the profile's wallet.")]
    NotAuthority,
    #[msg("The profile is retired. Use another profile.")]
    ProfileRetired,
    #[msg("Only the owner may do this. Ask the owner.")]
    NotOwner,
    #[msg("The delegation is for another owner, profile or folder. Name the right one.")]
    WrongDelegate,
    #[msg("The delegation has ended. Ask the owner for a new one.")]
    DelegateEnded,
    #[msg("The delegation does not include this capability. Ask the owner to add it.")]
    CapabilityMissing,
    #[msg("A delegate needs a live grant on the folder for this, because it needs the folder's key. Ask the owner for one.")]
    DelegateNotReader,
    #[msg("Only the author of the record or its owner may change it.")]
    NotAuthor,
    #[msg("This wallet is not the program's admin.")]
    NotAdmin,
    #[msg("This wallet was not proposed. Ask the present holder to propose it.")]
    NotProposed,
    #[msg("This wallet may not upgrade the program, so it cannot set it up.")]
    NotUpgradeAuthority,

    // Accounts that do not belong together.
    #[msg("The account already exists. Choose another id, or close the old one first.")]
    AlreadyExists,
    #[msg("The account's rent belongs to another payer. Name the payer that it remembers.")]
    WrongRentPayer,
    #[msg("The record is not in this folder. Name the record's folder.")]
    WrongFolder,
    #[msg("The account is not what this call is about. Name the folder or record itself.")]
    WrongScope,
    #[msg("The account belongs to another owner.")]
    WrongOwner,
    #[msg("The grant is for another reader.")]
    WrongReader,
    #[msg("The request comes from another profile.")]
    WrongRequester,
    #[msg("The folder or record was created anew since this was written. Start again from its present state.")]
    ScopeRecreated,

    // Compare and swap.
    #[msg("The folder has moved on (epoch, keyring or members). Fetch it again and retry.")]
    FolderChanged,
    #[msg("The record has moved on (version, head or members). Fetch it again and retry.")]
    RecordChanged,
    #[msg("The recipient's keys have changed. Fetch the bundle again and retry.")]
    KeysChanged,
    #[msg("A reader has left since this epoch began. Rotate the folder first, or file to the owner's inbox.")]
    FolderRotateDue,

    // Arguments out of bounds.
    #[msg("A digest may not be all zeros. Store the blob first and pass its SHA-256.")]
    DigestMissing,
    #[msg("A blob must have 1 to 1,048,576 bytes.")]
    BlobLength,
    #[msg("Content must have 1 to 1,099,511,627,776 bytes.")]
    ContentLength,
    #[msg("The new blob equals the old one. Nothing was changed.")]
    BlobUnchanged,
    #[msg("The end lies in the past or before the beginning. Choose a later date.")]
    EndsTooEarly,
    #[msg("The beginning lies too far off. Choose a date within ten years.")]
    StartsTooLate,
    #[msg("Unknown permission bit, or none that opens. Use the documented bits and include open.")]
    PermissionUnknown,
    #[msg("Unknown purpose of use. Use an HL7 PurposeOfUse code of the documented list.")]
    PurposeUnknown,
    #[msg("Unknown capability bit, or none. Use the documented bits.")]
    CapabilityUnknown,
    #[msg("Unknown pause flag. Use the documented flags.")]
    PauseFlagUnknown,
    #[msg("The value is outside the bounds that the program sets for it.")]
    OutOfBounds,
    #[msg("One cannot grant, delegate or address this to oneself.")]
    ToOneself,

    // State.
    #[msg("The program is paused for this. Revoking, closing and refunds still work. Try again later.")]
    Paused,
    #[msg("The profile still has folders or delegates. Close or remove them first.")]
    ProfileInUse,
    #[msg("The folder still has records or grants. Erase or move, revoke or expire them first.")]
    FolderInUse,
    #[msg("The record still has grants of its own. Revoke or expire them first.")]
    RecordInUse,
    #[msg("The record is archived. Restore it first.")]
    RecordArchived,
    #[msg("The record already has this status.")]
    RecordStatusSame,
    #[msg("The grant has ended. Revoke or expire it, and grant anew.")]
    GrantEnded,
    #[msg("The grant has not begun yet. Wait until its first day.")]
    GrantNotBegun,
    #[msg(
        "The grant has not ended yet. The owner, or a delegate who may revoke, can end it earlier."
    )]
    GrantNotEnded,
    #[msg("The grant does not permit this. Ask the owner.")]
    NotPermitted,
    #[msg("The request has expired. It can only be denied, cancelled or expired now.")]
    RequestEnded,
    #[msg("The request has not expired yet.")]
    RequestNotEnded,
    #[msg("The request asked for less than this grant gives. Grant what was asked, or less.")]
    ExceedsRequest,
    #[msg("The deposit is lower than the program demands.")]
    DepositTooLow,
    #[msg("The program keeps no fees at the moment.")]
    NothingToWithdraw,
    #[msg("A counter is at its limit.")]
    Overflow,
    #[msg("The account breaks a rule of its own. This is a fault of the program; nothing was changed.")]
    InvariantBroken,
    #[msg("The account is already in the newest layout.")]
    LayoutCurrent,
}
