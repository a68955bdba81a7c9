/// How a key stands in the sample, and what holds where it is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No default: the daemon refuses to start without it.
    Required,
    /// The value of the sample is the default.
    Default,
    /// Off where it is missing; the value of the sample is an example.
    Optional,
}

/// One key of the file, as [`keys!`] collects it from a field: the doc comment is what the sample says.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub doc: &'static [&'static str],
    pub need: Need,
    /// TOML.
    pub value: &'static str,
}

/// Declares a table of the file once: its fields, what the sample says of them, and their defaults.
macro_rules! keys {
    (
        $(#[doc = $about:literal])*
        pub struct $table:ident { $(
            $(#[doc = $doc:literal])+
            $need:ident $name:ident: $type:ty = $value:literal;
        )+ $(+ $(#[doc = $inner_doc:literal])+ $inner:ident: $inner_type:ty;)* }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize)]
        pub struct $table {
            $($(#[doc = $doc])+ pub $name: $type,)+
            $($(#[doc = $inner_doc])+ pub $inner: $inner_type,)*
        }

        impl $table {
            pub const ABOUT: &'static [&'static str] = &[$($about),*];
            pub const KEYS: &'static [$crate::config::key::Key] = &[$($crate::config::key::Key {
                name: stringify!($name),
                doc: &[$($doc),+],
                need: $crate::config::key::Need::$need,
                value: $value,
            }),+];
        }
    };
}
pub(super) use keys;
