//! What every file here imports: Anchor's prelude, with macros of the same names that are small.
//!
//! Anchor's write out at each use how an error is made: 400 bytes each, a tenth of the program. These call one function.

use anchor_lang::error::Source;
pub use anchor_lang::prelude::*;

/// The error of a refusal, with the place in the source that refused.
#[cold]
#[inline(never)]
#[track_caller]
pub fn refusal<E: Into<Error>>(error: E) -> Error {
    let at = core::panic::Location::caller();
    error.into().with_source(Source { filename: at.file(), line: at.line() })
}

macro_rules! refuse {
    ($error:expr $(,)?) => {
        Err($crate::prelude::refusal($error))
    };
}

macro_rules! refuse_unless {
    ($holds:expr, $error:expr $(,)?) => {
        if !($holds) {
            return Err($crate::prelude::refusal($error));
        }
    };
}

macro_rules! refuse_unless_same {
    ($left:expr, $right:expr, $error:expr $(,)?) => {
        if $left != $right {
            return Err($crate::prelude::refusal($error));
        }
    };
}

macro_rules! refuse_if_same {
    ($left:expr, $right:expr, $error:expr $(,)?) => {
        if $left == $right {
            return Err($crate::prelude::refusal($error));
        }
    };
}

pub(crate) use {
    refuse as err, refuse_if_same as require_keys_neq, refuse_unless as require,
    refuse_unless_same as require_keys_eq,
};
