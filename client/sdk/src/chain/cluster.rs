use std::{fmt, str::FromStr};

use solana_hash::Hash;

use super::ChainError;

/// Which chain. There is no default: whoever means the chain where money and patients are has to write `mainnet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cluster {
    /// `localnet`: the chain of `make localnet`.
    Localnet,
    Devnet,
    /// `mainnet`, or `mainnet=URL` for a node of one's own.
    Mainnet {
        url: Option<String>,
    },
    /// Any other node; refused when it turns out to serve mainnet.
    Url(String),
}

const LOCALNET_URL: &str = "http://127.0.0.1:8899";
const DEVNET_URL: &str = "https://api.devnet.solana.com";
const MAINNET_URL: &str = "https://api.mainnet-beta.solana.com";
/// First block of mainnet: tells it apart whatever the URL looks like.
const MAINNET_GENESIS: &str = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
const DEVNET_GENESIS: &str = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

impl Cluster {
    pub fn url(&self) -> &str {
        match self {
            Self::Localnet => LOCALNET_URL,
            Self::Devnet => DEVNET_URL,
            Self::Mainnet { url } => url.as_deref().unwrap_or(MAINNET_URL),
            Self::Url(url) => url,
        }
    }

    /// Refuses a node that serves another cluster than the one asked for.
    pub fn check_genesis(&self, genesis: &Hash) -> Result<(), ChainError> {
        let found = genesis.to_string();
        let fits = match self {
            Self::Mainnet { .. } => found == MAINNET_GENESIS,
            Self::Devnet => found == DEVNET_GENESIS,
            Self::Localnet => found != MAINNET_GENESIS && found != DEVNET_GENESIS,
            Self::Url(_) => found != MAINNET_GENESIS,
        };
        if fits {
            return Ok(());
        }
        let url = crate::place::shown(self.url());
        match (found.as_str(), self) {
            (MAINNET_GENESIS, _) => Err(ChainError::MainnetUnasked { url }),
            (_, Self::Mainnet { .. }) => {
                Err(ChainError::OtherCluster { url, asked: "mainnet".to_owned(), found })
            }
            _ => Err(ChainError::OtherCluster { url, asked: self.to_string(), found }),
        }
    }
}

impl FromStr for Cluster {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        match text.trim() {
            "localnet" | "localhost" | "l" => Ok(Self::Localnet),
            "devnet" | "d" => Ok(Self::Devnet),
            "mainnet" | "mainnet-beta" => Ok(Self::Mainnet { url: None }),
            text => match text.strip_prefix("mainnet=") {
                Some(url) if is_url(url) => Ok(Self::Mainnet { url: Some(url.to_owned()) }),
                None if is_url(text) => Ok(Self::Url(text.to_owned())),
                _ => Err(ChainError::UnknownCluster { text: text.to_owned() }),
            },
        }
    }
}

impl fmt::Display for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Localnet => f.write_str("localnet"),
            Self::Devnet => f.write_str("devnet"),
            Self::Mainnet { url: None } => f.write_str("mainnet"),
            Self::Mainnet { url: Some(url) } => write!(f, "mainnet={url}"),
            Self::Url(url) => f.write_str(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_urls_survive_a_round_trip() {
        for text in [
            "localnet",
            "devnet",
            "mainnet",
            "mainnet=https://node.example/key",
            "http://10.0.0.1:8899",
        ] {
            assert_eq!(text.parse::<Cluster>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "main",
            "mainnet=",
            "mainnet=node.example",
            "ftp://node.example",
            "node.example:8899",
        ] {
            assert!(
                matches!(text.parse::<Cluster>(), Err(ChainError::UnknownCluster { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn mainnet_is_never_meant_silently() {
        let mainnet: Hash = MAINNET_GENESIS.parse().unwrap();
        let other = Hash::new_from_array([7; 32]);
        for text in ["localnet", "devnet", "https://api.mainnet-beta.solana.com"] {
            let cluster: Cluster = text.parse().unwrap();
            assert!(
                matches!(cluster.check_genesis(&mainnet), Err(ChainError::MainnetUnasked { .. })),
                "{text}"
            );
        }
        assert!("mainnet".parse::<Cluster>().unwrap().check_genesis(&mainnet).is_ok());
        assert!(matches!(
            "mainnet".parse::<Cluster>().unwrap().check_genesis(&other),
            Err(ChainError::OtherCluster { .. })
        ));
        assert!("localnet".parse::<Cluster>().unwrap().check_genesis(&other).is_ok());
    }
}
