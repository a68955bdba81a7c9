/// Why a request cannot be signed, or a signature not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    #[error(
        "the signature covers {component:?}, which this request does not have; sign the request as it is sent"
    )]
    ComponentMissing { component: String },

    #[error(
        "the signature covers {component:?} in a form that is not known here; cover the component as it is, once and without parameters"
    )]
    ComponentUnknown { component: String },

    #[error(
        "the signature has no {parameter}, or one of another form; sign with created, expires, nonce, keyid and tag"
    )]
    Parameter { parameter: &'static str },

    #[error(
        "the headers of the signature are not structured fields ({reason}); write them as RFC 9421 does"
    )]
    Syntax { reason: String },

    #[error("no randomness from the operating system ({0}); try again")]
    Random(String),

    #[error("the wallet did not sign ({0}); unlock it and try again")]
    Signing(#[from] solana_signer::SignerError),
}

impl From<sfv::Error> for PeerError {
    fn from(error: sfv::Error) -> Self {
        Self::Syntax { reason: error.to_string() }
    }
}
