//! Why a transaction was refused, comparable with the name of the error that a test expects.

use std::fmt;

use aceso::error::AcesoError;
use anchor_lang::error::ErrorCode;
use litesvm::types::FailedTransactionMetadata;
use solana_instruction_error::InstructionError;
use solana_transaction_error::TransactionError;

/// An error: the program's or Anchor's by name, or the runtime's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    Named(String),
    Runtime(InstructionError),
    Transaction(TransactionError),
}

impl From<AcesoError> for Cause {
    fn from(error: AcesoError) -> Self {
        Self::Named(error.name())
    }
}

impl From<ErrorCode> for Cause {
    fn from(error: ErrorCode) -> Self {
        Self::Named(error.name())
    }
}

impl From<InstructionError> for Cause {
    fn from(error: InstructionError) -> Self {
        Self::Runtime(error)
    }
}

impl From<TransactionError> for Cause {
    fn from(error: TransactionError) -> Self {
        Self::Transaction(error)
    }
}

/// A refused transaction: the cause, and the log for whoever reads a failed test.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub cause: Cause,
    pub logs: Vec<String>,
}

impl Refusal {
    pub fn new(failed: FailedTransactionMetadata) -> Self {
        let logs = failed.meta.logs;
        let cause = match failed.err {
            TransactionError::InstructionError(_, error) => {
                logged_name(&logs).map_or(Cause::Runtime(error), Cause::Named)
            }
            error => Cause::Transaction(error),
        };
        Self { cause, logs }
    }
}

/// The name that Anchor logs: `Error Code: NotOwner. Error Number: 6002.`
fn logged_name(logs: &[String]) -> Option<String> {
    logs.iter().rev().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        rest.split('.').next().map(str::to_owned)
    })
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}\n{}", self.cause, self.logs.join("\n"))
    }
}
