use age::secrecy::SecretString;
use zeroize::Zeroizing;

use super::HomeError;

/// A password: wiped when dropped, and never shown.
pub struct Password(SecretString);

impl Password {
    /// A line end, as a prompt or a file leaves it, is not part of the password.
    pub fn new(mut text: Zeroizing<String>) -> Result<Self, HomeError> {
        let len = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(len);
        if text.is_empty() {
            return Err(HomeError::PasswordEmpty);
        }
        Ok(Self(SecretString::from(text.as_str().to_owned())))
    }

    pub(super) fn secret(&self) -> SecretString {
        self.0.clone()
    }
}
