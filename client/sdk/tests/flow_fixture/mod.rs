//! A real chain and real stores for the flows: Surfnet on free ports, a directory store, and people with homes.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use aceso_sdk::{
    blob::{BlobStore, DirectoryStore},
    chain::{
        Chain, Cluster, Pubkey, Purpose, RpcSettings, Settings, Signer, Transaction, instruction,
    },
    file::{Input, Output, Silent},
    flow::*,
    home::{FileWallet, Home, HomeDir, Password, WorkFactor},
};
use tempfile::TempDir;

/// In lamports.
const SOL: u64 = 1_000_000_000;

/// A chain of its own, with the program set up. Ends with the test.
pub struct Localnet {
    child: Child,
    pub url: String,
}

impl Localnet {
    /// `slot_ms`: `None` makes a block for each transaction, and the chain's clock stands still between them.
    pub async fn start(slot_ms: Option<u32>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let program = root.join("target/deploy/aceso.so");
        assert!(program.exists(), "{} is missing: run make program", program.display());
        let mode = if slot_ms.is_some() { "clock" } else { "transaction" };
        let mut child = Command::new("node")
            .arg(root.join("tools/localnet/localnet.mjs"))
            .env("LOCALNET_RPC_PORT", free_port().to_string())
            .env("LOCALNET_WS_PORT", free_port().to_string())
            .env("LOCALNET_MODE", mode)
            .env("LOCALNET_SLOT_MS", slot_ms.unwrap_or(400).to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs: make localnet installs it");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready =
            lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("localnet ready"));
        let ready = ready.expect("the chain starts");
        // Whatever it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let url =
            ready.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
        let this = Self { child, url };
        let admin = admin();
        let settings = Settings {
            request_deposit_lamports: 10_000_000,
            request_fee_lamports: 1_000_000,
            request_ttl_secs: 7 * 24 * 60 * 60,
        };
        let init = instruction::config::init(admin.pubkey(), admin.pubkey(), settings);
        let chain = this.connect().await;
        chain.send(&Transaction::new(vec![init], &admin, &[])).await.unwrap();
        this
    }

    pub fn cluster(&self) -> Cluster {
        self.url.parse().unwrap()
    }

    pub async fn connect(&self) -> Chain {
        Chain::connect(&self.cluster(), None, RpcSettings::default()).await.unwrap()
    }

    /// Moves the chain's clock ahead.
    pub async fn travel(&self, secs: i64) {
        let chain = self.connect().await;
        let now = chain.rpc.time().await.unwrap().unix_secs;
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"surfnet_timeTravel","params":[{{"absoluteTimestamp":{}}}]}}"#,
            (now + secs) * 1000
        );
        let client = reqwest::Client::new();
        let request = client.post(&self.url).header("content-type", "application/json").body(body);
        let answer = request.send().await.unwrap().text().await.unwrap();
        assert!(!answer.contains("\"error\""), "{answer}");
        while chain.rpc.time().await.unwrap().unix_secs < now + secs {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Localnet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program's admin.
pub fn admin() -> FileWallet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    FileWallet::open(&private_copy(&root.join("tools/localnet/admin-keypair.json"))).unwrap()
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The checkout's file is readable by all, which a wallet must not be.
fn private_copy(path: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap().keep();
    let copy = dir.join("wallet.json");
    std::fs::copy(path, &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600)).unwrap();
    copy
}

/// A chain and one store that all use.
pub struct World {
    pub net: Localnet,
    pub dir: TempDir,
    pub store: Arc<dyn BlobStore>,
}

impl World {
    pub async fn start(slot_ms: Option<u32>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn BlobStore> =
            Arc::new(DirectoryStore::open(dir.path().join("blobs")).unwrap());
        Self { net: Localnet::start(slot_ms).await, dir, store }
    }

    /// Somebody with SOL and a keystore, and no profile yet.
    pub async fn newcomer(&self, name: &str) -> Session {
        let home = self.dir.path().join(name);
        let chain = self.net.connect().await;
        let dir = HomeDir::open(&home).unwrap();
        let wallet = FileWallet::create(&dir.wallet()).unwrap();
        fund(&chain, &wallet.pubkey(), 100 * SOL).await;
        let home = Home::create(dir, chain.genesis(), password(), WorkFactor(1)).unwrap();
        self.session(chain, home, Arc::new(wallet)).await
    }

    pub async fn session(&self, chain: Chain, home: Home, wallet: Wallet) -> Session {
        Session::open(SessionParts {
            chain,
            store: self.store.clone(),
            elsewhere: Vec::new(),
            home,
            wallet,
            fee_payer: None,
            profile: None,
            watch: Arc::new(Silent),
            options: SessionOptions::default(),
        })
        .await
        .unwrap()
    }

    /// Somebody with a profile.
    pub async fn person(&self, name: &str) -> Session {
        let mut session = self.newcomer(name).await;
        session.profile_create(ProfileCreate::new(name)).await.unwrap();
        session
    }

    /// The same person in a new process, whose node (or second node) is another.
    pub async fn again(
        &self,
        name: &str,
        rpc: &Cluster,
        verify: Option<&Cluster>,
        profile: Pubkey,
    ) -> Session {
        self.again_with(name, rpc, verify, profile, self.store.clone()).await
    }

    /// As [`World::again`], with another store.
    pub async fn again_with(
        &self,
        name: &str,
        rpc: &Cluster,
        verify: Option<&Cluster>,
        profile: Pubkey,
        store: Arc<dyn BlobStore>,
    ) -> Session {
        self.reopen(name, rpc, verify, Some(profile), store).await
    }

    /// As [`World::again`], before there is a profile.
    pub async fn again_without(&self, name: &str, rpc: &Cluster) -> Session {
        self.reopen(name, rpc, None, None, self.store.clone()).await
    }

    async fn reopen(
        &self,
        name: &str,
        rpc: &Cluster,
        verify: Option<&Cluster>,
        profile: Option<Pubkey>,
        store: Arc<dyn BlobStore>,
    ) -> Session {
        let chain = Chain::connect(rpc, verify, RpcSettings::default()).await.unwrap();
        let dir = HomeDir::open(self.dir.path().join(name)).unwrap();
        let wallet = FileWallet::open(&dir.wallet()).unwrap();
        let home = Home::unlock(dir, chain.genesis(), password(), WorkFactor(1)).unwrap();
        Session::open(SessionParts {
            chain,
            store,
            elsewhere: Vec::new(),
            home,
            wallet: Arc::new(wallet),
            fee_payer: None,
            profile,
            watch: Arc::new(Silent),
            options: SessionOptions::default(),
        })
        .await
        .unwrap()
    }

    /// A file of the store.
    pub fn blob_path(&self, blob: &aceso_sdk::blob::BlobAddress) -> PathBuf {
        let cid = blob.cid_string();
        find(&self.dir.path().join("blobs"), &cid).unwrap_or_else(|| panic!("{cid} is not stored"))
    }

    /// How many blobs the store holds.
    pub fn blob_count(&self) -> usize {
        count(&self.dir.path().join("blobs"))
    }
}

fn find(dir: &Path, name: &str) -> Option<PathBuf> {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if let Some(found) = find(&path, name) {
                return Some(found);
            }
        } else if path.file_name().unwrap().to_string_lossy().starts_with(name) {
            return Some(path);
        }
    }
    None
}

fn count(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}

fn password() -> Password {
    Password::new("correct horse".to_owned().into()).unwrap()
}

pub async fn fund(chain: &Chain, wallet: &Pubkey, lamports: u64) {
    chain.rpc.airdrop(wallet, lamports).await.unwrap();
    while chain.balance(wallet).await.unwrap() < lamports {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn me(session: &Session) -> Pubkey {
    session.profile().unwrap()
}

/// Both know each other.
pub async fn meet(one: &Session, one_name: &str, other: &Session, other_name: &str) {
    one.contact_add(ContactAdd { name: other_name.to_owned(), profile: me(other) }).await.unwrap();
    other.contact_add(ContactAdd { name: one_name.to_owned(), profile: me(one) }).await.unwrap();
}

pub async fn chart(session: &Session) -> Pubkey {
    session.folder_named(None, None).await.unwrap()
}

pub fn item(bytes: impl Into<Vec<u8>>, title: &str) -> PutItem {
    let input = Input::reader(std::io::Cursor::new(bytes.into()), title);
    let file_name = format!("{title}.txt");
    PutItem { input, about: About { title: title.to_owned(), file_name, ..About::default() } }
}

pub fn put(folder: Pubkey, items: Vec<PutItem>) -> RecordPut {
    RecordPut { folder, items, share: Vec::new(), again: false, goes_on: false }
}

/// Files one record.
pub async fn file(session: &Session, folder: Pubkey, bytes: &[u8], title: &str) -> Filed {
    let done = session.record_put(put(folder, vec![item(bytes, title)])).await.unwrap();
    done.records.into_iter().next().unwrap()
}

/// Opens a record; its bytes.
pub async fn open(
    session: &Session,
    record: Pubkey,
    version: Option<u32>,
) -> Result<Vec<u8>, FlowError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("opened");
    let output = GetOutput::To(Output::File { path: path.clone(), replace: false });
    session.record_get(RecordGet { record, version, range: None, output }).await?;
    Ok(std::fs::read(&path).unwrap())
}

pub async fn share(session: &Session, scope: Scope, reader: Pubkey) -> GrantCreated {
    let terms = GrantTerms { purpose: Purpose::Treatment, ..GrantTerms::default() };
    session.grant_create(GrantCreate { scope, reader, terms }).await.unwrap()
}

/// Its grant ends `secs` from now, by the chain's clock.
pub async fn share_until(
    session: &Session,
    scope: Scope,
    reader: Pubkey,
    secs: i64,
) -> GrantCreated {
    let now = session.chain().rpc.time().await.unwrap().unix_secs;
    let terms = GrantTerms { until_secs: Some(now + secs), ..GrantTerms::default() };
    session.grant_create(GrantCreate { scope, reader, terms }).await.unwrap()
}
