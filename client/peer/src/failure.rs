//! What a command says when it gives up, and its exit code: 1 your input, 2 usage, 3 network or ours. As in `aceso`.

use std::process::ExitCode;

use aceso_sdk::{chain::ChainError, home::HomeError};

use crate::{
    chain::{FollowError, reason},
    config::ConfigError,
    holdings::HoldError,
    http::TlsError,
    index::IndexError,
    storage::StorageError,
    tree_store::TreeError,
};

/// Sentences are "what is wrong; what to do".
#[derive(Debug)]
pub struct Failure {
    code: u8,
    sentence: String,
}

impl Failure {
    pub fn input(sentence: impl Into<String>) -> Self {
        Self { code: 1, sentence: sentence.into() }
    }

    pub fn outside(sentence: impl Into<String>) -> Self {
        Self { code: 3, sentence: sentence.into() }
    }

    /// Prints error and advice as two lines.
    pub fn report(&self) -> ExitCode {
        match self.sentence.rsplit_once("; ") {
            Some((error, advice)) => eprintln!("error: {error}\n  try: {advice}"),
            None => eprintln!("error: {}", self.sentence),
        }
        ExitCode::from(self.code)
    }

    pub fn sentence(&self) -> &str {
        &self.sentence
    }
}

macro_rules! failure {
    ($blame:ident: $($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$blame(error.to_string())
            }
        })+
    };
}

failure!(input: ConfigError, HomeError, TlsError, IndexError);
failure!(outside: StorageError, TreeError, HoldError);

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        Self::outside(reason(&error))
    }
}

impl From<FollowError> for Failure {
    fn from(error: FollowError) -> Self {
        match error {
            FollowError::NoPeer { .. } | FollowError::OtherChain { .. } | FollowError::NoMarket => {
                Self::input(error.to_string())
            }
            error => Self::outside(error.to_string()),
        }
    }
}
