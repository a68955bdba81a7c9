//! The program's own rules about requests, applied before anything is sealed or sent.

use super::{FlowError, GrantTerms, Scope};
use crate::chain::{AcesoError, ChainError, Purpose, Request, ScopeKind, constants::NO_END};

/// How far the owner's clock may be ahead of the chain's before a date on it is more than what was asked.
const CLOCK_AHEAD_SECS: i64 = 120;

/// What the rules of a request can refuse.
const REFUSALS: [AcesoError; 14] = [
    AcesoError::ToOneself,
    AcesoError::DigestMissing,
    AcesoError::BlobLength,
    AcesoError::PurposeUnknown,
    AcesoError::PermissionUnknown,
    AcesoError::WrongScope,
    AcesoError::EndsTooEarly,
    AcesoError::StartsTooLate,
    AcesoError::OutOfBounds,
    AcesoError::DepositTooLow,
    AcesoError::RequestEnded,
    AcesoError::RequestNotEnded,
    AcesoError::ExceedsRequest,
    AcesoError::Overflow,
];

/// The same error as when the program says it.
pub(super) fn refused(error: anchor_lang::error::Error) -> FlowError {
    let number = match &error {
        anchor_lang::error::Error::AnchorError(error) => error.error_code_number,
        anchor_lang::error::Error::ProgramError(_) => 0,
    };
    match REFUSALS.into_iter().find(|refusal| u32::from(*refusal) == number) {
        Some(refusal) => ChainError::Program(refusal).into(),
        None => FlowError::WouldBeRefused { sentence: error.to_string() },
    }
}

pub(super) fn scope_asked(request: &Request) -> Option<Scope> {
    match request.scope_kind {
        kind if kind == ScopeKind::Folder as u8 => Some(Scope::Folder(request.scope)),
        kind if kind == ScopeKind::Record as u8 => Some(Scope::Record(request.scope)),
        _ => None,
    }
}

pub(super) fn purpose_asked(request: &Request) -> Result<Purpose, FlowError> {
    Purpose::try_from(request.purpose).map_err(refused)
}

/// What an approval gives: all that was asked from now on, or the owner's own terms, which may be less and not more.
pub(super) fn terms_given(
    request: &Request,
    scope: Scope,
    given: Option<GrantTerms>,
    now_secs: i64,
) -> Result<GrantTerms, FlowError> {
    request.require_open(now_secs).map_err(refused)?;
    let latest = |from_secs: i64| now_secs.max(from_secs).saturating_add(request.duration_secs);
    let mut terms = given.unwrap_or(GrantTerms {
        purpose: purpose_asked(request)?,
        permissions: request.permissions,
        from_secs: None,
        until_secs: Some(latest(0)),
    });
    let (latest, until) =
        (latest(terms.from_secs.unwrap_or(0)), terms.until_secs.unwrap_or(NO_END));
    if until > latest && until.saturating_sub(latest) <= CLOCK_AHEAD_SECS {
        terms.until_secs = Some(latest);
    }
    let in_chain = terms.to_chain();
    request.require_covers(&scope.address(), &in_chain, now_secs).map_err(refused)?;
    in_chain.validate(now_secs).map_err(refused)?;
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use anchor_lang::prelude::Pubkey;
    use bytemuck::Zeroable;

    use super::*;
    use crate::chain::constants::{PERMIT_HISTORY, PERMIT_OPEN};

    const NOW: i64 = 1_800_000_000;
    const FOLDER: Scope = Scope::Folder(Pubkey::new_from_array([7; 32]));

    fn request() -> Request {
        let mut request = Request::zeroed();
        request.scope = FOLDER.address();
        request.scope_kind = ScopeKind::Folder as u8;
        request.purpose = Purpose::Treatment as u8;
        request.permissions = PERMIT_OPEN;
        request.duration_secs = 3600;
        request.expires_at_secs = NOW + 60;
        request
    }

    fn given(change: impl Fn(&mut GrantTerms)) -> Result<GrantTerms, FlowError> {
        let mut terms = terms_given(&request(), FOLDER, None, NOW)?;
        change(&mut terms);
        terms_given(&request(), FOLDER, Some(terms), NOW)
    }

    fn is(found: Result<GrantTerms, FlowError>, refusal: AcesoError) -> bool {
        matches!(found, Err(FlowError::Chain(ChainError::Program(found))) if found as u32 == refusal as u32)
    }

    #[test]
    fn without_terms_all_that_was_asked_is_given() {
        let terms = terms_given(&request(), FOLDER, None, NOW).unwrap();
        assert_eq!(terms.until_secs, Some(NOW + 3600));
        assert_eq!(
            (terms.permissions, terms.purpose, terms.from_secs),
            (PERMIT_OPEN, Purpose::Treatment, None)
        );
    }

    #[test]
    fn less_may_be_given_and_not_more() {
        assert_eq!(
            given(|terms| terms.until_secs = Some(NOW + 9)).unwrap().until_secs,
            Some(NOW + 9)
        );
        assert!(is(given(|terms| terms.until_secs = None), AcesoError::ExceedsRequest));
        assert!(is(given(|terms| terms.until_secs = Some(NOW + 7200)), AcesoError::ExceedsRequest));
        assert!(is(given(|terms| terms.permissions |= PERMIT_HISTORY), AcesoError::ExceedsRequest));
        assert!(is(given(|terms| terms.purpose = Purpose::Research), AcesoError::ExceedsRequest));
        assert!(is(given(|terms| terms.until_secs = Some(NOW)), AcesoError::EndsTooEarly));
        let other = Scope::Folder(Pubkey::new_from_array([8; 32]));
        assert!(is(terms_given(&request(), other, None, NOW), AcesoError::WrongScope));
        assert!(is(terms_given(&request(), FOLDER, None, NOW + 61), AcesoError::RequestEnded));
    }

    #[test]
    fn a_clock_that_is_a_little_ahead_gives_what_was_asked() {
        assert_eq!(
            given(|terms| terms.until_secs = Some(NOW + 3650)).unwrap().until_secs,
            Some(NOW + 3600)
        );
        let later = given(|terms| {
            (terms.from_secs, terms.until_secs) = (Some(NOW + 600), Some(NOW + 4250))
        });
        assert_eq!(later.unwrap().until_secs, Some(NOW + 4200));
    }
}
