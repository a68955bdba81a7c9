//! Refusals in words: what the program, Anchor or the network said about a transaction.

use aceso::error::AcesoError;
use anchor_lang::error::ERROR_CODE_OFFSET;
use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::system_program;
use solana_instruction::error::InstructionError;
use solana_signature::Signature;
use solana_transaction_error::TransactionError;

use super::{ChainError, address::PROGRAM};

/// The system program's code for a wallet that has too little to pay for a new account.
const SYSTEM_TOO_FEW_LAMPORTS: u32 = 1;

/// A failure as the network tells it, with what is known about the transaction.
pub(super) struct Failure<'a> {
    pub error: &'a TransactionError,
    pub logs: &'a [String],
    /// Program of each instruction.
    pub programs: &'a [Pubkey],
    /// Pays the fee, or for what the failed instruction makes.
    pub payer: Pubkey,
    /// What the payer has and needs, where it is known.
    pub available_lamports: u64,
    pub needed_lamports: u64,
    pub signature: Option<Signature>,
}

impl Failure<'_> {
    pub(super) fn in_words(&self) -> ChainError {
        let signature = self.signature;
        let failed = |reason: String| ChainError::Failed { signature, reason };
        match self.error {
            TransactionError::InstructionError(index, error) => match error {
                InstructionError::Custom(code) => self.custom(usize::from(*index), *code),
                InstructionError::ComputationalBudgetExceeded
                | InstructionError::ProgramFailedToComplete => failed(
                    "it needed more compute units than its simulation did; try again".to_owned(),
                ),
                error => failed(format!("instruction {}: {error}", index + 1)),
            },
            TransactionError::AccountNotFound
            | TransactionError::InsufficientFundsForFee
            | TransactionError::InsufficientFundsForRent { .. } => self.without_sol(),
            error => failed(format!("{error}; nothing was changed")),
        }
    }

    fn custom(&self, index: usize, code: u32) -> ChainError {
        let failing = failing_program(self.logs)
            .or_else(|| self.programs.get(index).copied())
            .unwrap_or_default();
        if failing == system_program::ID && code == SYSTEM_TOO_FEW_LAMPORTS {
            return self.without_sol();
        }
        if self.programs.get(index) != Some(&PROGRAM) {
            let reason = format!("program {failing} refused with code {code}");
            return ChainError::Failed { signature: self.signature, reason };
        }
        match code.checked_sub(ERROR_CODE_OFFSET).and_then(by_number) {
            Some(error) => ChainError::Program(error),
            None => ChainError::Framework { code, sentence: framework(code, self.logs) },
        }
    }

    fn without_sol(&self) -> ChainError {
        let (available_lamports, needed_lamports) =
            lamports_named(self.logs).unwrap_or((self.available_lamports, self.needed_lamports));
        ChainError::WalletWithoutSol {
            address: self.payer,
            available_lamports,
            needed_lamports: needed_lamports.max(available_lamports.saturating_add(1)),
        }
    }
}

/// The innermost program that failed, from "Program … failed: …", the first of which is the innermost.
fn failing_program(logs: &[String]) -> Option<Pubkey> {
    logs.iter().find_map(|line| {
        let (program, rest) = line.strip_prefix("Program ")?.split_once(' ')?;
        rest.starts_with("failed").then(|| program.parse().ok()).flatten()
    })
}

/// From "Transfer: insufficient lamports 12, need 34".
fn lamports_named(logs: &[String]) -> Option<(u64, u64)> {
    logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("insufficient lamports ")?;
        let (available, needed) = rest.split_once(", need ")?;
        Some((available.parse().ok()?, needed.trim().parse().ok()?))
    })
}

macro_rules! every_error {
    ($($name:ident),+ $(,)?) => {
        const ERRORS: &[AcesoError] = &[$(AcesoError::$name),+];

        /// Makes an error that the program has and this list lacks fail the build.
        const fn _listed(error: AcesoError) {
            match error { $(AcesoError::$name => (),)+ }
        }
    };
}

// In the program's order: the position is the number.
every_error![
    NotAuthority,
    ProfileRetired,
    NotOwner,
    WrongDelegate,
    DelegateEnded,
    CapabilityMissing,
    DelegateNotReader,
    NotAuthor,
    NotAdmin,
    NotProposed,
    NotUpgradeAuthority,
    AlreadyExists,
    WrongRentPayer,
    WrongFolder,
    WrongScope,
    WrongOwner,
    WrongReader,
    WrongRequester,
    ScopeRecreated,
    FolderChanged,
    RecordChanged,
    KeysChanged,
    FolderRotateDue,
    DigestMissing,
    BlobLength,
    ContentLength,
    BlobUnchanged,
    EndsTooEarly,
    StartsTooLate,
    PermissionUnknown,
    PurposeUnknown,
    CapabilityUnknown,
    PauseFlagUnknown,
    OutOfBounds,
    ToOneself,
    Paused,
    ProfileInUse,
    FolderInUse,
    RecordInUse,
    RecordArchived,
    RecordStatusSame,
    GrantEnded,
    GrantNotBegun,
    GrantNotEnded,
    NotPermitted,
    RequestEnded,
    RequestNotEnded,
    ExceedsRequest,
    DepositTooLow,
    NothingToWithdraw,
    Overflow,
    InvariantBroken,
    LayoutCurrent,
    MarketNotOpen,
    MarketAlreadyOpen,
    MintNotAccepted,
    MintListFull,
    NotMint,
    MintTransferFee,
    MintCloseAuthority,
    MintConfidentialTransfer,
    MintDefaultAccountState,
    MintNonTransferable,
    MintInterestBearing,
    MintPermanentDelegate,
    MintTransferHook,
    MintConfidentialTransferFee,
    MintConfidentialMintBurn,
    MintScaledUiAmount,
    MintPausable,
    MintExtensionUnknown,
    WrongTokenProgram,
    WrongMint,
    WrongVault,
    WrongTokenAccount,
    WrongTokenOwner,
    VaultToItself,
    VaultShort,
    WrongPayout,
    NothingOwed,
    AmountZero,
    NotOperator,
    WrongPeer,
    PeerDraining,
    PeerDefaulted,
    PeerNotDefaulted,
    PeerInUse,
    BondTooSmall,
    BondBelowMinimum,
    PriceOutOfBounds,
    EndpointInvalid,
    LeaseNotOffered,
    LeaseNotLive,
    LeaseNotEnded,
    LeaseChanged,
    OfferExpired,
    OfferNotExpired,
    PriceAboveMax,
    PriceRaised,
    StoredLength,
    LeaseNumber,
    LeaseTerm,
    LeaseTermOver,
    LeaseTermNotOver,
    AmendmentTooLarge,
    AmendmentChanged,
    LeaseOwes,
    LeaseInSet,
    SpotOpen,
    SpotNotOpen,
    SpotNotDue,
    EpochArmed,
    DrawPending,
    NothingArmed,
    TargetAhead,
    TargetForgotten,
    TargetDrawable,
    SlotHashesUnreadable,
    NotDrawn,
    DrawForgotten,
    NoProofOwed,
    ChallengeUnknown,
    ChallengeClosed,
    ChallengeNamesOther,
    ProofsWithoutLeases,
    LeafLength,
    PathLength,
    ProofWrong,
    GraceNotOver,
    ProofsOwed,
    LeaseNotInSet,
    LedgerFull,
    MintPermissionedBurn,
    PeerDefaultDue,
    NotLease,
    WrongChecker,
];

fn by_number(number: u32) -> Option<AcesoError> {
    ERRORS.iter().copied().find(|error| *error as u32 == number)
}

/// Anchor's own checks. They mean that accounts do not fit together, which is a fault of the caller or a node's lie.
fn framework(code: u32, logs: &[String]) -> String {
    let account = logs
        .iter()
        .find_map(|line| line.split_once("caused by account: ")?.1.split('.').next())
        .map_or_else(String::new, |account| format!(" ({account})"));
    let what = match code {
        100..=103 => {
            "this client and the program on chain do not know the same instructions; update the software"
        }
        2000 => "an account had to be writable and is not",
        2001 | 2012 => "an account is not the one that another names",
        2002 => "an account had to sign and did not",
        2003 => "an account breaks a rule of the program",
        2006 => "an account is not at the address that its parts give; name the right one",
        3001..=3003 => "an account does not hold what this program writes; name the right one",
        3007 => "an account belongs to another program; name the right one",
        3008 => "an account is not the program that it should be",
        3010 => "an account had to sign and did not",
        3012 => "an account does not exist (any more); fetch it again",
        _ => "an account was not acceptable",
    };
    format!("{what}{account} [Anchor error {code}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(error: &TransactionError, programs: &[Pubkey], logs: &[&str]) -> ChainError {
        let logs: Vec<String> = logs.iter().map(ToString::to_string).collect();
        Failure {
            error,
            logs: &logs,
            programs,
            payer: Pubkey::new_from_array([5; 32]),
            available_lamports: 10,
            needed_lamports: 5000,
            signature: None,
        }
        .in_words()
    }

    fn custom(code: u32) -> TransactionError {
        TransactionError::InstructionError(1, InstructionError::Custom(code))
    }

    #[test]
    fn errors_of_the_program_keep_number_and_sentence() {
        for (number, error) in ERRORS.iter().enumerate() {
            assert_eq!(*error as usize, number, "{error:?} is listed out of order");
        }
        let programs = [system_program::ID, PROGRAM];
        let said = say(&custom(AcesoError::FolderRotateDue.into()), &programs, &[]);
        assert_eq!(said.to_string(), AcesoError::FolderRotateDue.to_string());
        assert!(say(&custom(AcesoError::FolderChanged.into()), &programs, &[]).is_stale_state());
    }

    #[test]
    fn numbers_of_other_programs_are_not_ours() {
        let other = Pubkey::new_from_array([9; 32]);
        let said = say(&custom(AcesoError::FolderChanged.into()), &[PROGRAM, other], &[]);
        assert!(matches!(said, ChainError::Failed { .. }), "{said}");
    }

    #[test]
    fn framework_errors_name_the_account() {
        let log = "Program log: AnchorError caused by account: folder. Error Code: AccountNotInitialized.";
        let said = say(&custom(3012), &[PROGRAM, PROGRAM], &[log]).to_string();
        assert!(
            said.contains("does not exist") && said.contains("folder") && said.contains("3012"),
            "{said}"
        );
    }

    #[test]
    fn a_wallet_without_sol_is_named_with_what_it_needs() {
        let logs = [
            "Program BGW673vp91pFGwaEx2jAPctRLH3b2tVyeRG5b9PHJvM6 invoke [1]",
            "Program 11111111111111111111111111111111 invoke [2]",
            "Transfer: insufficient lamports 12, need 3400000",
            "Program 11111111111111111111111111111111 failed: custom program error: 0x1",
            "Program BGW673vp91pFGwaEx2jAPctRLH3b2tVyeRG5b9PHJvM6 failed: custom program error: 0x1",
        ];
        let programs = [PROGRAM, PROGRAM];
        match say(&custom(1), &programs, &logs) {
            ChainError::WalletWithoutSol {
                available_lamports: 12,
                needed_lamports: 3_400_000,
                ..
            } => {}
            other => panic!("{other}"),
        }
        match say(&TransactionError::AccountNotFound, &programs, &[]) {
            ChainError::WalletWithoutSol {
                available_lamports: 10, needed_lamports: 5000, ..
            } => {}
            other => panic!("{other}"),
        }
    }
}
