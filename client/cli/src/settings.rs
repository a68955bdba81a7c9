//! Settings of this computer: a JSON file in the home folder. Nothing in it is secret.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use aceso_sdk::{
    chain::{Cluster, PriorityFee},
    home::HomeDir,
};
use serde::{Deserialize, Serialize};

use crate::{args::Global, exit::Failure};

/// What `aceso config show` prints and `aceso config set` changes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub cluster: Option<String>,
    pub rpc: Option<String>,
    pub verify_rpc: Option<String>,
    pub store: Option<String>,
    pub gateways: Vec<String>,
    /// The wallet's keypair file, when it is not the one in the home folder.
    pub wallet: Option<PathBuf>,
    pub fee_payer: Option<PathBuf>,
    pub profile: Option<String>,
    /// Micro-lamports for each compute unit.
    pub priority_fee: Option<u64>,
}

impl Settings {
    pub fn path(dir: &HomeDir) -> PathBuf {
        dir.root().join("settings.json")
    }

    /// The settings, or none where nothing was ever set.
    pub fn load(dir: &HomeDir) -> Result<Self, Failure> {
        let path = Self::path(dir);
        match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(Failure::input(format!("cannot read {} ({e})", path.display()))
                .with_hint("check who may read it")),
            Ok(text) => serde_json::from_slice(&text).map_err(|e| {
                Failure::input(format!(
                    "the settings in {} cannot be understood ({e})",
                    path.display()
                ))
                .with_hint(
                    "mend the file, or move it away and set them anew with `aceso config set`",
                )
                .with_kind("settings-damaged")
            }),
        }
    }

    pub fn save(&self, dir: &HomeDir) -> Result<(), Failure> {
        let path = Self::path(dir);
        let failed = |e: io::Error| {
            Failure::input(format!("cannot write {} ({e})", path.display()))
                .with_hint("check space and who may write there")
        };
        let text = serde_json::to_vec_pretty(self).map_err(|e| Failure::ours(e.to_string()))?;
        let mut file = tempfile::NamedTempFile::new_in(dir.root()).map_err(failed)?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(&path).map(|_| ()).map_err(|e| failed(e.error))
    }

    /// What was typed comes before what was set.
    pub fn overridden_by(mut self, global: &Global) -> Self {
        if let Some(cluster) = &global.cluster {
            // A node that was set belongs to the cluster that was set.
            self.cluster = Some(cluster.to_string());
            self.rpc = None;
            self.verify_rpc = None;
        }
        self.rpc = global.rpc.clone().or(self.rpc);
        self.verify_rpc = global.verify_rpc.clone().or(self.verify_rpc);
        self.store = global.store.clone().or(self.store);
        self.fee_payer = global.fee_payer.clone().or(self.fee_payer);
        self.profile = global.profile.clone().or(self.profile);
        self
    }

    /// The cluster, with the node to use. Localnet where nothing was said: mainnet is never meant silently.
    pub fn cluster(&self) -> Result<Cluster, Failure> {
        let cluster = match &self.cluster {
            Some(text) => text.parse()?,
            None => Cluster::Localnet,
        };
        let Some(rpc) = &self.rpc else { return Ok(cluster) };
        node(&cluster, rpc)
    }

    pub fn verify_cluster(&self) -> Result<Option<Cluster>, Failure> {
        let Some(url) = &self.verify_rpc else { return Ok(None) };
        node(&self.cluster()?, url).map(Some)
    }

    pub fn priority_fee(&self) -> PriorityFee {
        self.priority_fee.map_or(PriorityFee::None, PriorityFee::Fixed)
    }

    pub fn wallet(&self, dir: &HomeDir) -> PathBuf {
        self.wallet.clone().unwrap_or_else(|| dir.wallet())
    }
}

/// A node of a cluster. Only whoever named mainnet gets a node of mainnet.
fn node(cluster: &Cluster, url: &str) -> Result<Cluster, Failure> {
    // Checked before it is read as a cluster: `--rpc mainnet` must not mean mainnet.
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Failure::input(format!("{url:?} is not the URL of a node")).with_hint(
            "it begins with http:// or https://; a name such as devnet goes with --cluster",
        ));
    }
    match cluster {
        Cluster::Mainnet { .. } => Ok(Cluster::Mainnet { url: Some(url.to_owned()) }),
        _ => Ok(Cluster::Url(url.to_owned())),
    }
}

/// A path as it was typed means the same from everywhere once it is set.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|e| Failure::input(format!("{} is no path ({e})", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mainnet_is_never_meant_silently() {
        assert_eq!(Settings::default().cluster().ok(), Some(Cluster::Localnet));
        let with = |cluster: Option<&str>, rpc: &str| Settings {
            cluster: cluster.map(str::to_owned),
            rpc: Some(rpc.to_owned()),
            ..Settings::default()
        };
        let url = "https://node.example".to_owned();
        assert_eq!(with(None, &url).cluster().ok(), Some(Cluster::Url(url.clone())));
        assert_eq!(with(Some("devnet"), &url).cluster().ok(), Some(Cluster::Url(url.clone())));
        assert_eq!(
            with(Some("mainnet"), &url).cluster().ok(),
            Some(Cluster::Mainnet { url: Some(url) })
        );
        assert!(with(None, "mainnet").cluster().is_err());
    }
}
