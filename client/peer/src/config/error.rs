use std::{io, path::PathBuf};

/// Why the configuration is not taken. Each says where to look and what to write.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no configuration at {}; make one with `aceso-peer init`, or name it with --config", path.display())]
    Missing { path: PathBuf },

    #[error("cannot read the configuration {} ({source}); check who may read it", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    /// The parser's own words point at line and column.
    #[error("the configuration is not TOML: {reason}; mend that line")]
    Syntax { reason: String },

    #[error(
        "{key} is no key of the configuration{hint}; the commented sample of `aceso-peer init` lists all"
    )]
    Unknown { key: String, hint: String },

    #[error("{key} is missing; add a line like `{name} = {value}`", name = key.rsplit('.').next().unwrap_or(key))]
    Required { key: String, value: String },

    #[error("{key}: {reason}")]
    Value { key: String, reason: String },
}

impl ConfigError {
    pub(super) fn value(key: &str, reason: impl Into<String>) -> Self {
        Self::Value { key: key.to_owned(), reason: reason.into() }
    }
}
