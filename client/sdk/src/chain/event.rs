//! Events, out of the calls of the program to itself.

use aceso::event::{Audited, ConfigChanged, DelegateChanged, ProfileChanged, RequestChanged};

/// What the program said about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Audited(Audited),
    Config(ConfigChanged),
    Profile(ProfileChanged),
    Delegate(DelegateChanged),
    Request(RequestChanged),
}
