use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use solana_keypair::Keypair;
use solana_signer::{Signer, SignerError};
use zeroize::Zeroizing;

use super::{HomeError, private};
use crate::chain::{Pubkey, Signature};

/// A wallet in a Solana keypair file: a JSON array of 64 numbers, as `solana-keygen` writes it.
pub struct FileWallet {
    keypair: Keypair,
    path: PathBuf,
}

impl FileWallet {
    /// Makes a new wallet; a file that exists is never overwritten.
    pub fn create(path: &Path) -> Result<Self, HomeError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|error| HomeError::Random(error.to_string()))?;
        let keypair = Keypair::new_from_array(*seed);
        let bytes = Zeroizing::new(keypair.to_bytes());
        // Room for all of it: a string that grows leaves copies behind that nobody wipes.
        let mut text = Zeroizing::new(String::with_capacity(4 * bytes.len() + 2));
        for byte in bytes.iter() {
            let before = if text.is_empty() { '[' } else { ',' };
            text.push(before);
            let _ = write!(text, "{byte}");
        }
        text.push(']');
        private::create(path, text.as_bytes())?;
        Ok(Self { keypair, path: path.to_owned() })
    }

    /// Takes an existing wallet.
    pub fn open(path: &Path) -> Result<Self, HomeError> {
        let wrong = |reason| HomeError::WalletDamaged { path: path.to_owned(), reason };
        if !path.exists() {
            return Err(HomeError::Missing { what: "wallet", path: path.to_owned() });
        }
        private::require_private(path)?;
        let text = std::fs::read(path)
            .map(Zeroizing::new)
            .map_err(|error| HomeError::io("read", path, error))?;
        let bytes = numbers(&text).ok_or_else(|| wrong("not a list of 64 numbers"))?;
        let keypair = Keypair::try_from(bytes.as_slice())
            .map_err(|_| wrong("its halves do not belong together"))?;
        Ok(Self { keypair, path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The 64 numbers of a JSON array, without a copy of them that nobody wipes.
fn numbers(text: &[u8]) -> Option<Zeroizing<[u8; 64]>> {
    let list = std::str::from_utf8(text).ok()?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut bytes = Zeroizing::new([0; 64]);
    let mut parts = list.split(',');
    for byte in bytes.iter_mut() {
        *byte = parts.next()?.trim().parse().ok()?;
    }
    parts.next().is_none().then_some(bytes)
}

impl Signer for FileWallet {
    fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
        Ok(self.keypair.pubkey())
    }

    fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
        self.keypair.try_sign_message(message)
    }

    fn is_interactive(&self) -> bool {
        false
    }
}
