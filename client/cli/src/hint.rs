//! What to do about a failure. The libraries mostly say so themselves; what they cannot know is added here.

use aceso_sdk::{
    chain::{AcesoError, ChainError},
    file::FileError,
};

/// "what is wrong; what to do" as two sentences. A clause after the last semicolon is the advice.
pub fn split(text: &str) -> (String, Option<String>) {
    match text.rsplit_once("; ") {
        Some((sentence, hint)) => (sentence.to_owned(), Some(hint.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// The program writes whole sentences: the first says what is wrong, the others what to do.
pub fn split_program(text: &str) -> (String, Option<String>) {
    match text.split_once(". ") {
        Some((sentence, hint)) => (lower(sentence), Some(lower(hint.trim_end_matches('.')))),
        None => (lower(text.trim_end_matches('.')), None),
    }
}

pub fn for_chain(error: &ChainError) -> Option<String> {
    let hint = match error {
        ChainError::RpcRefused { .. } => {
            "try again, or use another node with --rpc; --verbose shows its words"
        }
        ChainError::Failed { .. } => "nothing was changed; --verbose shows what the node said",
        ChainError::Program(AcesoError::NotAdmin) => {
            "use the admin's wallet; `aceso config program show` names it"
        }
        ChainError::Program(AcesoError::RequestNotEnded) => {
            "wait until the time that `aceso request list` shows"
        }
        ChainError::Framework { .. } => "check the addresses, and that this software is the newest",
        _ => return None,
    };
    Some(hint.to_owned())
}

pub fn for_file(error: &FileError) -> Option<String> {
    let hint = match error {
        FileError::Io { .. } => "check the path and who may use it",
        FileError::OutOfRange { .. } => "ask for bytes within its length",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// After `error:` a sentence begins small, unless it begins with an abbreviation.
fn lower(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(sentence.chars().skip(1)).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_the_last_clause() {
        assert_eq!(split("a; b; c"), ("a; b".to_owned(), Some("c".to_owned())));
        assert_eq!(split("a"), ("a".to_owned(), None));
        let (sentence, hint) = split_program("The grant has ended. Revoke it, and grant anew.");
        assert_eq!(sentence, "the grant has ended");
        assert_eq!(hint.as_deref(), Some("revoke it, and grant anew"));
    }
}
