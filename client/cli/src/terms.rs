//! From dates and words as they were typed to the terms of a grant.

use aceso_sdk::flow::GrantTerms;
use jiff::ZonedDateTime;

use crate::{
    args::{
        grant::Terms,
        value::{Permission, When},
    },
    exit::Failure,
};

pub fn of(terms: &Terms, now: &ZonedDateTime) -> Result<GrantTerms, Failure> {
    let from_secs = terms.from.as_ref().and_then(|from| from.begin_secs(now));
    Ok(GrantTerms {
        purpose: terms.purpose.0,
        permissions: permissions(&terms.permit)?,
        from_secs,
        until_secs: end(&terms.until, from_secs, now)?,
    })
}

/// The last second; a date that has passed is a slip, and said before anything is sealed.
pub fn end(
    until: &When,
    from_secs: Option<i64>,
    now: &ZonedDateTime,
) -> Result<Option<i64>, Failure> {
    let end = until.end_secs(now);
    let begin = from_secs.unwrap_or_else(|| now.timestamp().as_second());
    match end {
        Some(end) if end <= begin => {
            Err(Failure::input("the end lies in the past, or before the beginning")
                .with_hint("name a later --until")
                .with_kind("ends-too-early"))
        }
        end => Ok(end),
    }
}

/// Without `open` the other permissions mean nothing.
pub fn permissions(list: &[Permission]) -> Result<u16, Failure> {
    if list.contains(&Permission::Open) {
        return Ok(Permission::bits(list));
    }
    Err(Failure::input("a grant that does not let anybody open anything is none")
        .with_hint("include open: --permit open,history")
        .with_kind("permission-unknown"))
}
