//! TLS with ring, as everywhere here. The files are looked at again when they change: certificates last weeks.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

const LOOK_AGAIN: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {} ({source}); check the path in [tls] and who may read it", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} holds no {what} in PEM ({reason}); write what your certificate authority gave you", path.display())]
    Pem { path: PathBuf, what: &'static str, reason: String },
    #[error("certificate and key in [tls] do not belong together ({0}); name the two of one pair")]
    Pair(String),
}

#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl TlsFiles {
    /// What a server needs. HTTP/1.1 only: one response at a time is what the limits count.
    pub fn server_config(self) -> Result<ServerConfig, TlsError> {
        let pair = Pair { key: self.load()?, changed: self.changed(), looked: Instant::now() };
        let renewing = Renewing { files: self, pair: Mutex::new(pair) };
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| TlsError::Pair(e.to_string()))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(renewing));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn load(&self) -> Result<Arc<CertifiedKey>, TlsError> {
        let chain = read(&self.certificate)?;
        let pem = |path: &Path, what, reason: String| TlsError::Pem {
            path: path.to_owned(),
            what,
            reason,
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
            .collect::<Result<_, _>>()
            .map_err(|e| pem(&self.certificate, "certificate", e.to_string()))?;
        if chain.is_empty() {
            return Err(pem(&self.certificate, "certificate", "none found".to_owned()));
        }
        let key = zeroize::Zeroizing::new(read(&self.key)?);
        let key = PrivateKeyDer::from_pem_slice(&key)
            .map_err(|_| pem(&self.key, "private key", "none found".to_owned()))?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(|e| TlsError::Pair(e.to_string()))?;
        Ok(Arc::new(key))
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key]
            .map(|path| fs::metadata(path).and_then(|found| found.modified()).ok())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Io { path: path.to_owned(), source })
}

struct Pair {
    key: Arc<CertifiedKey>,
    changed: [Option<SystemTime>; 2],
    looked: Instant,
}

struct Renewing {
    files: TlsFiles,
    pair: Mutex<Pair>,
}

impl std::fmt::Debug for Renewing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Renewing({:?})", self.files)
    }
}

impl ResolvesServerCert for Renewing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let mut pair = self.pair.lock().unwrap_or_else(PoisonError::into_inner);
        if pair.looked.elapsed() >= LOOK_AGAIN {
            pair.looked = Instant::now();
            let changed = self.files.changed();
            if changed != pair.changed {
                // Half a renewal is on disk for a moment: the old pair serves until both files fit.
                match self.files.load() {
                    Ok(key) => (pair.key, pair.changed) = (key, changed),
                    Err(error) => {
                        tracing::warn!(%error, "the renewed certificate cannot be used yet")
                    }
                }
            }
        }
        Some(pair.key.clone())
    }
}
