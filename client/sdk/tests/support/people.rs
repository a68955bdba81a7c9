//! People who act on a test chain. Blobs are only named here, never stored: the program does not look into them.

use std::time::Duration;

use aceso_sdk::chain::{
    Blob, Chain, Cluster, Content, Fetched, Folder, Instruction, Profile, Pubkey, Record,
    RpcSettings, Sent, Settings, Signer, Transaction, address,
    instruction::{self, Actor, record::NewRecord, sealed_to_epoch},
};
use serde_json::json;
use solana_keypair::Keypair;

use super::localnet::root;

pub const SOL: u64 = 1_000_000_000;

pub fn blob(number: u8) -> Blob {
    let mut digest = [number; 32];
    getrandom::fill(&mut digest[..16]).unwrap();
    Blob { digest, len: 900 + u32::from(number) }
}

pub fn content() -> Content {
    Content { digest: blob(1).digest, len: 5000 }
}

/// Quick to give up: tests of faults wait for deadlines.
pub fn impatient() -> RpcSettings {
    RpcSettings { deadline: Duration::from_secs(4), attempt: Duration::from_secs(1) }
}

pub async fn connect(url: &str) -> Chain {
    Chain::connect(&Cluster::Url(url.to_owned()), None, RpcSettings::default()).await.unwrap()
}

pub fn admin() -> Keypair {
    let text = std::fs::read(root().join("tools/localnet/admin-keypair.json")).unwrap();
    let bytes: Vec<u8> = serde_json::from_slice(&text).unwrap();
    Keypair::try_from(bytes.as_slice()).unwrap()
}

pub async fn fund(chain: &Chain, wallet: &Pubkey, lamports: u64) {
    chain.rpc.airdrop(wallet, lamports).await.unwrap();
    for _ in 0..100 {
        if chain.balance(wallet).await.unwrap() >= lamports {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no airdrop");
}

/// Sets the program up, as migrations do.
pub async fn set_up(chain: &Chain) {
    let admin = admin();
    let settings = Settings {
        request_deposit_lamports: 1_000_000,
        request_fee_lamports: 100_000,
        request_ttl_secs: 7 * 24 * 60 * 60,
    };
    let init = instruction::config::init(admin.pubkey(), admin.pubkey(), settings);
    send(chain, vec![init], &admin).await;
}

pub async fn send(chain: &Chain, instructions: Vec<Instruction>, wallet: &Keypair) -> Sent {
    chain.send(&Transaction::new(instructions, wallet, &[])).await.unwrap()
}

/// Somebody with a wallet, a profile and a folder.
pub struct Person {
    pub wallet: Keypair,
    pub profile: Pubkey,
    pub folder: Pubkey,
    pub actor: Actor,
}

impl Person {
    pub async fn new(chain: &Chain) -> Self {
        let wallet = Keypair::new();
        let key = wallet.pubkey();
        fund(chain, &key, 10 * SOL).await;
        let (id, profile) = address::new_profile(&key).unwrap();
        let actor = Actor::owner(key, profile);
        let (folder_id, folder) = address::new_folder(&profile).unwrap();
        let create = instruction::profile::create(key, key, id, blob(2));
        let create_folder = instruction::folder::create(key, &actor, folder_id, blob(3));
        send(chain, vec![create, create_folder], &wallet).await;
        Self { wallet, profile, folder, actor }
    }

    pub async fn folder(&self, chain: &Chain) -> Fetched<Folder> {
        chain.fetch(&self.folder).await.unwrap()
    }

    pub async fn profile(&self, chain: &Chain) -> Fetched<Profile> {
        chain.fetch(&self.profile).await.unwrap()
    }

    pub fn new_record(&self, folder: &Folder) -> (Pubkey, Instruction) {
        let (id, address) = address::new_record(&self.profile).unwrap();
        let record = NewRecord {
            owner: self.profile,
            folder: self.folder,
            id,
            content: content(),
            head: blob(4),
            sealed_to: sealed_to_epoch(folder),
        };
        (address, instruction::record::create(self.wallet.pubkey(), &self.actor, &record))
    }

    pub async fn put(&self, chain: &Chain) -> Fetched<Record> {
        let (address, create) = self.new_record(&*self.folder(chain).await);
        send(chain, vec![create], &self.wallet).await;
        chain.fetch(&address).await.unwrap()
    }
}

/// A cheat of the local chain: moves its clock.
pub async fn time_travel(chain: &Chain, seconds: i64) {
    let now = chain.rpc.time().await.unwrap().unix_secs;
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "surfnet_timeTravel",
        "params": [{ "absoluteTimestamp": (now + seconds) * 1000 }],
    });
    let client = reqwest::Client::new();
    client.post(chain.rpc.url()).json(&body).send().await.unwrap().error_for_status().unwrap();
    // Clock.slot follows with the next block.
    tokio::time::sleep(Duration::from_millis(900)).await;
}
