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

    // Storage market: settings and mints.
    #[msg("The storage market is not open yet. Ask the program's admin to open it.")]
    MarketNotOpen,
    #[msg("The storage market is open already. Change its terms with market_update.")]
    MarketAlreadyOpen,
    #[msg("The program accepts no payments in this mint. Use one of the mints that Config lists.")]
    MintNotAccepted,
    #[msg("Config lists as many mints as it can hold. Remove one first.")]
    MintListFull,
    #[msg("The account is not a mint of SPL Token or Token-2022. Name the mint's own address.")]
    NotMint,
    #[msg("The mint takes a fee of each transfer (TransferFeeConfig), so books and vault would differ. Use another mint.")]
    MintTransferFee,
    #[msg("The mint can be closed and made anew (MintCloseAuthority). Use another mint.")]
    MintCloseAuthority,
    #[msg("The mint has confidential transfers (ConfidentialTransferMint), whose amounts the program cannot see. Use another mint.")]
    MintConfidentialTransfer,
    #[msg("The mint opens accounts in a state of its issuer's choice (DefaultAccountState), also frozen. Use another mint.")]
    MintDefaultAccountState,
    #[msg("The mint's tokens cannot be transferred (NonTransferable). Use another mint.")]
    MintNonTransferable,
    #[msg("The mint shows amounts with interest (InterestBearingConfig), which are not those that move. Use another mint.")]
    MintInterestBearing,
    #[msg(
        "The mint has a delegate who may empty any account (PermanentDelegate). Use another mint."
    )]
    MintPermanentDelegate,
    #[msg("The mint calls another program at each transfer (TransferHook), which could refuse a refund. Use another mint.")]
    MintTransferHook,
    #[msg("The mint takes a confidential fee (ConfidentialTransferFeeConfig). Use another mint.")]
    MintConfidentialTransferFee,
    #[msg("The mint has a confidential supply (ConfidentialMintBurn). Use another mint.")]
    MintConfidentialMintBurn,
    #[msg("The mint shows scaled amounts (ScaledUiAmountConfig), which are not those that move. Use another mint.")]
    MintScaledUiAmount,
    #[msg("The mint can be paused (PausableConfig), and a refund with it. Use another mint.")]
    MintPausable,
    #[msg("The mint has an extension that this program does not know. Use another mint.")]
    MintExtensionUnknown,

    // Storage market: token accounts.
    #[msg("This is neither SPL Token nor Token-2022, or not the program of the mint. Name the mint's owner.")]
    WrongTokenProgram,
    #[msg("The mint is not the peer's. Name the mint that the peer is paid in.")]
    WrongMint,
    #[msg("The vault is not the peer's. Name the vault that the peer account holds.")]
    WrongVault,
    #[msg("The account is not a token account of the peer's mint. Name one, or create it first.")]
    WrongTokenAccount,
    #[msg("The token account belongs to another wallet than the one this is paid to. Name one of its own.")]
    WrongTokenOwner,
    #[msg("Tokens cannot be paid from the vault to the vault. Name another token account.")]
    VaultToItself,
    #[msg("The vault holds less than its books say. This is a fault of the program or of the mint; nothing was changed.")]
    VaultShort,
    #[msg("The payout account is not the one that the peer has set. Name that one, or leave it out and only book.")]
    WrongPayout,
    #[msg("There is nothing to pay out.")]
    NothingOwed,
    #[msg("An amount of zero moves nothing. Name an amount.")]
    AmountZero,

    // Storage market: peers.
    #[msg(
        "This wallet is not the peer's operator. Sign with the key that the peer account names."
    )]
    NotOperator,
    #[msg("The account belongs to another peer, or to an earlier one at this address. Name those of one peer.")]
    WrongPeer,
    #[msg("The peer has given notice. Choose another peer.")]
    PeerDraining,
    #[msg("The peer has defaulted. Choose another peer.")]
    PeerDefaulted,
    #[msg("The peer has not defaulted: its debts are within the grace, and its losses within what is allowed.")]
    PeerNotDefaulted,
    #[msg("The peer still has leases. End and close them first; owners' refunds must be claimed.")]
    PeerInUse,
    #[msg("The peer's free bond is too small for this. Add bond.")]
    BondTooSmall,
    #[msg("The peer's bond is below the least that Config demanded for its mint. Choose another peer, or add bond.")]
    BondBelowMinimum,
    #[msg("A price of zero, or one above what can be counted. Set price_flat or price_per_gib within bounds.")]
    PriceOutOfBounds,
    #[msg("The endpoint must be an http or https URL of at most 128 visible ASCII characters.")]
    EndpointInvalid,

    // Storage market: leases.
    #[msg("The lease is not an open offer any more. Fetch it again.")]
    LeaseNotOffered,
    #[msg("The lease is not live. Open a new one.")]
    LeaseNotLive,
    #[msg("The lease has not ended yet.")]
    LeaseNotEnded,
    #[msg(
        "The lease is not what was accepted here (root, length, price or epochs). Fetch it again."
    )]
    LeaseChanged,
    #[msg("The offer has expired. Expire it, claim the refund and make a new one.")]
    OfferExpired,
    #[msg("The offer has not expired yet. Only its owner or the peer may end it earlier.")]
    OfferNotExpired,
    #[msg("The peer asks for more than the highest price named. Look at its present price.")]
    PriceAboveMax,
    #[msg("The peer has raised its price since this lease was opened. Open a new lease instead.")]
    PriceRaised,
    #[msg("Stored bytes must number 1 to 17,179,869,184. Split what is longer into packs.")]
    StoredLength,
    #[msg("Only packs are numbered; the number of any other lease is 0.")]
    LeaseNumber,
    #[msg("A lease runs for at least one epoch and ends within 3,650 epochs from now.")]
    LeaseTerm,
    #[msg("The lease's term is over. Open a new lease.")]
    LeaseTermOver,
    #[msg("An epoch of this lease's term can still be proven or is owed a proof. Wait until it is settled.")]
    LeaseTermNotOver,
    #[msg("The new bytes weigh more than the lease pays for. Open a new lease for them.")]
    AmendmentTooLarge,
    #[msg("No amendment is pending, or another one. Fetch the lease again.")]
    AmendmentChanged,
    #[msg("The lease still owes its owner tokens. Claim them first; anyone may send the claim.")]
    LeaseOwes,
    #[msg("The lease's weight is still in the peer's proof set. Apply the set first; anyone may.")]
    LeaseInSet,
    #[msg("A spot check of this lease is open. Answer it, or wait until it is decided.")]
    SpotOpen,
    #[msg("No spot check of this lease is open.")]
    SpotNotOpen,
    #[msg(
        "The spot check's deadline has not passed, or too few epochs have been drawn since. Wait."
    )]
    SpotNotDue,

    // Storage market: beacon, sets and proofs.
    #[msg("This epoch is armed already, or a later one. Wait for the next epoch.")]
    EpochArmed,
    #[msg("An armed epoch is not drawn yet. Draw it first; anyone may.")]
    DrawPending,
    #[msg("No epoch is armed that is not drawn. Arm the present one first; anyone may.")]
    NothingArmed,
    #[msg("The target slot has not passed yet. Wait half a minute and draw then.")]
    TargetAhead,
    #[msg("The chain has forgotten the hashes from before the target slot. Re-arm the epoch; anyone may.")]
    TargetForgotten,
    #[msg("The target slot is still ahead, or the chain still remembers it. Draw instead of re-arming.")]
    TargetDrawable,
    #[msg("The account is not the sysvar of slot hashes, or not readable as one.")]
    SlotHashesUnreadable,
    #[msg("No epoch of this number has been drawn.")]
    NotDrawn,
    #[msg(
        "The draw is older than the beacon remembers. The peer can only be defaulted; anyone may."
    )]
    DrawForgotten,
    #[msg("The peer owes no proof at the moment. Wait for the next draw.")]
    NoProofOwed,
    #[msg("There is no challenge of this number.")]
    ChallengeUnknown,
    #[msg("The challenge is answered or given up already. Fetch the ledger again.")]
    ChallengeClosed,
    #[msg("The challenge names another lease. Fetch the ledger again and name the lease in that slot.")]
    ChallengeNamesOther,
    #[msg("Name one lease for each proof, in their order, and at least one.")]
    ProofsWithoutLeases,
    #[msg("A leaf has 512 bytes, the last one what is left. Send the leaf whole.")]
    LeafLength,
    #[msg("The path is too long or too short for the leaf. Send the siblings from the leaf up to the root.")]
    PathLength,
    #[msg(
        "Leaf and path do not lead to the lease's root. Prove the leaf that the challenge names."
    )]
    ProofWrong,
    #[msg("The debt is still within its grace. Wait for more draws.")]
    GraceNotOver,
    #[msg(
        "The peer still owes proofs, or an armed epoch is not drawn. Wait until nothing is owed."
    )]
    ProofsOwed,
    #[msg("The lease has no weight in the peer's proof set. Leave it out.")]
    LeaseNotInSet,
    #[msg("The ledger has no room for another slot. This is a fault of the program; nothing was changed.")]
    LedgerFull,
    #[msg("The mint lets burning be forbidden (PermissionedBurn). Use another mint.")]
    MintPermissionedBurn,
    #[msg("The peer is due to default whole, which gives locks to the owners. Send peer_default first; anyone may.")]
    PeerDefaultDue,
    #[msg("The account is not a lease. Name leases of the peer only.")]
    NotLease,
    #[msg("The spot check is another wallet's. Name the one that the lease remembers.")]
    WrongChecker,
}
