//! The one place where a failure becomes an exit code: 1 your input, 2 usage, 3 the network or ours.

use std::{error::Error, fmt::Debug, process::ExitCode};

use aceso_sdk::{
    blob::BlobError,
    chain::{AcesoError, ChainError},
    file::FileError,
    flow::FlowError,
    home::HomeError,
};
use serde_json::{Value, json};

use crate::hint;

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What was asked for cannot be done: ask for something else.
    Input,
    /// It was not asked for in a way that we understand.
    Usage,
    /// Network, store, node, or a fault of ours.
    Outside,
}

impl Blame {
    pub fn code(self) -> u8 {
        match self {
            Self::Input => 1,
            Self::Usage => 2,
            Self::Outside => 3,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Usage => "usage",
            Self::Outside => "outside",
        }
    }
}

/// What a command says when it gives up: one sentence what is wrong, one what to do.
#[derive(Debug)]
pub struct Failure {
    pub blame: Blame,
    pub sentence: String,
    pub hint: Option<String>,
    /// What node or library said; only with --verbose.
    pub detail: Option<String>,
    /// For programs: what kind of failure, stable across wordings.
    kind: String,
}

impl Failure {
    pub fn input(sentence: impl Into<String>) -> Self {
        Self::new(Blame::Input, sentence, "input")
    }

    pub fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Blame::Usage, sentence, "usage")
    }

    pub fn ours(sentence: impl Into<String>) -> Self {
        Self::new(Blame::Outside, sentence, "internal")
    }

    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn with_kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.kind);
        self
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.blame.code())
    }

    pub fn to_json(&self) -> Value {
        json!({ "error": {
            "kind": self.kind,
            "blame": self.blame.word(),
            "message": self.sentence,
            "hint": self.hint,
        } })
    }

    fn new(blame: Blame, sentence: impl Into<String>, kind: &str) -> Self {
        Self { blame, sentence: sentence.into(), hint: None, detail: None, kind: kind.to_owned() }
    }

    /// The libraries write "what is wrong; what to do"; here it becomes two lines.
    fn of(blame: Blame, error: &(impl Error + 'static)) -> Self {
        let (sentence, hint) = hint::split(&error.to_string());
        let mut failure = Self::new(blame, sentence, &variant(error));
        failure.hint = hint;
        // What lies below, when it says more than the sentence did.
        failure.detail = error
            .source()
            .map(ToString::to_string)
            .filter(|source| !error.to_string().contains(source));
        failure
    }
}

impl From<FlowError> for Failure {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Chain(error) => error.into(),
            FlowError::Home(error) => error.into(),
            FlowError::Blob(error) => error.into(),
            FlowError::File(error) => error.into(),
            FlowError::Format(error) => error.into(),
            error => {
                let blame = match error.blame() {
                    aceso_sdk::flow::Blame::Input => Blame::Input,
                    aceso_sdk::flow::Blame::Outside => Blame::Outside,
                };
                Self::of(blame, &error)
            }
        }
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let blame = match &error {
            ChainError::Program(AcesoError::InvariantBroken) => Blame::Outside,
            ChainError::Program(_)
            | ChainError::WalletWithoutSol { .. }
            | ChainError::UnknownCluster { .. }
            | ChainError::MainnetUnasked { .. }
            | ChainError::OtherCluster { .. }
            | ChainError::AccountMissing { .. }
            | ChainError::AccountWrong { .. }
            | ChainError::SignerMissing { .. }
            | ChainError::Signing(_) => Blame::Input,
            _ => Blame::Outside,
        };
        let mut failure = Self::of(blame, &error);
        // Node and library text is for --verbose; the sentence of the program is the whole message.
        match &error {
            ChainError::Program(refusal) => {
                failure.kind = variant(refusal);
                (failure.sentence, failure.hint) = hint::split_program(&refusal.to_string());
            }
            ChainError::RpcDown { url, reason } => {
                failure.sentence = format!("the node {url} cannot be reached or does not answer");
                failure.detail = Some(reason.clone());
            }
            ChainError::Failed { signature, reason } => {
                let named = signature.map(|s| format!(" ({s})")).unwrap_or_default();
                failure.sentence = format!("the transaction failed{named}");
                failure.detail = Some(reason.clone());
            }
            ChainError::RpcRefused { url, .. } => {
                failure.detail = Some(error.to_string());
                failure.sentence = format!("the node {url} refused the request");
            }
            _ => {}
        }
        if failure.hint.is_none() {
            failure.hint = hint::for_chain(&error);
        }
        failure
    }
}

impl From<BlobError> for Failure {
    fn from(error: BlobError) -> Self {
        let blame = match &error {
            BlobError::DiskFull { .. }
            | BlobError::ReadOnly { .. }
            | BlobError::OutOfRange { .. }
            | BlobError::BadAddress { .. }
            | BlobError::BadLocation { .. }
            | BlobError::Io { .. } => Blame::Input,
            _ => Blame::Outside,
        };
        Self::of(blame, &error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Blob(error) => error.into(),
            FileError::Format(error) => error.into(),
            FileError::Random(_) | FileError::Worker(_) => Self::of(Blame::Outside, &error),
            FileError::Exists { ref path } => {
                let mut failure = Self::of(Blame::Input, &error);
                failure.sentence =
                    format!("{} exists already, and was left as it is", path.display());
                failure.hint =
                    Some("name another file with -o, or replace it with --force".to_owned());
                failure
            }
            error => {
                let mut failure = Self::of(Blame::Input, &error);
                if failure.hint.is_none() {
                    failure.hint = hint::for_file(&error);
                }
                failure
            }
        }
    }
}

impl From<aceso_format::Error> for Failure {
    fn from(error: aceso_format::Error) -> Self {
        Self::of(Blame::Input, &error)
    }
}

impl From<HomeError> for Failure {
    fn from(error: HomeError) -> Self {
        Self::of(Blame::Input, &error)
    }
}

/// `NoGrant { … }` is `no-grant`: the name of an error's variant, which changes less often than its wording.
fn variant(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let name = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut kind = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('-');
        }
        kind.push(c.to_ascii_lowercase());
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_s_sentence_becomes_error_and_hint() {
        let failure = Failure::from(aceso_format::Error::Truncated);
        assert_eq!(failure.sentence, "the bytes end too early");
        assert_eq!(failure.hint.as_deref(), Some("fetch them again"));
        assert_eq!(failure.kind, "truncated");
        assert_eq!(failure.blame.code(), 1);
    }

    #[test]
    fn what_the_node_said_is_kept_for_verbose() {
        let error = ChainError::RpcDown {
            url: "http://x:1".to_owned(),
            reason: "error sending request".to_owned(),
        };
        let failure = Failure::from(error);
        assert_eq!(failure.blame, Blame::Outside);
        assert!(failure.sentence.contains("http://x:1") && !failure.sentence.contains("sending"));
        assert_eq!(failure.detail.as_deref(), Some("error sending request"));
    }

    #[test]
    fn a_refusal_of_the_program_is_ours_only_when_it_says_so() {
        let refused = Failure::from(ChainError::Program(AcesoError::GrantEnded));
        assert_eq!((refused.blame, refused.kind.as_str()), (Blame::Input, "grant-ended"));
        assert_eq!(
            Failure::from(ChainError::Program(AcesoError::InvariantBroken)).blame,
            Blame::Outside
        );
    }
}
