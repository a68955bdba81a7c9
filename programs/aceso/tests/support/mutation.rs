//! One-step changes of a valid call, and what must come of each.

use super::{call::Call, refusal::Cause, world::World};

/// What must come of a broken call.
#[derive(Clone, Debug)]
pub enum Expect {
    Refused(Cause),
    /// Legitimate all the same, for this reason.
    Accepted(&'static str),
}

impl<E: Into<Cause>> From<E> for Expect {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

type Change = Box<dyn Fn(&mut World, &mut Call)>;

/// A change of the call, or of the world around it.
pub struct Mutation {
    /// `account: what was done to it`, `args: …`, `state: …` or `actor: …`.
    pub label: String,
    pub change: Change,
    /// Nothing here means that the fixture must say.
    pub expect: Option<Expect>,
    /// It leaves the world alone.
    pub call_only: bool,
}

impl Mutation {
    pub fn new(
        label: impl Into<String>,
        expect: Option<Expect>,
        change: impl Fn(&mut World, &mut Call) + 'static,
    ) -> Self {
        Self { label: label.into(), change: Box::new(change), expect, call_only: false }
    }

    /// A change of the call alone.
    pub fn of_call(
        label: impl Into<String>,
        expect: Option<Expect>,
        change: impl Fn(&mut Call) + 'static,
    ) -> Self {
        let mutation = Self::new(label, expect, move |_, call| change(call));
        Self { call_only: true, ..mutation }
    }
}
