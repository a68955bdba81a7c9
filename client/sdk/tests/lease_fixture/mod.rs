//! A storage market on the chain of a test: a mint, tokens, and peers that are processes of the real daemon.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use aceso::{
    state::{MarketTerms, PeerArgs},
    token::SPL_TOKEN,
};
use aceso_sdk::{
    chain::{
        Instruction, Pubkey, Signer, Transaction, address,
        instruction::{market, peer},
        token::{Mint, associated},
    },
    flow::Session,
    home::FileWallet,
};

use super::flow_fixture::{Localnet, World, admin, free_port, fund, me};

pub const EPOCH_SECS: i64 = 86_400;
pub const LOCK_FLOOR: u64 = 5_000;
pub const BOND: u64 = 1_000_000;
const SOL: u64 = 1_000_000_000;

pub struct Fair<'w> {
    pub world: &'w World,
    pub mint: Mint,
}

/// A peer: whose it is, its daemon and its account.
pub struct Stall {
    pub session: Session,
    pub peer: Pubkey,
    pub operator: FileWallet,
    pub endpoint: String,
    dir: PathBuf,
    daemon: Option<Child>,
}

impl<'w> Fair<'w> {
    pub async fn open(world: &'w World, decimals: u8) -> Self {
        let mint = Pubkey::new_from_array([77; 32]);
        let mut data = vec![0; 82];
        data[36..44].copy_from_slice(&u64::MAX.to_le_bytes());
        (data[44], data[45]) = (decimals, 1);
        account_set(&world.net, &mint, &data, &SPL_TOKEN).await;
        let (chain, admin) = (world.net.connect().await, admin());
        let terms = MarketTerms {
            challenges: 3,
            grace_draws: 2,
            losses_max: 1,
            window_secs: (EPOCH_SECS / 2) as u32,
            lock_epochs: 2,
            notice_epochs: 2,
            offer_ttl_secs: 7_200,
            spot_deposit_lamports: 20_000,
            ..MarketTerms::default()
        };
        let at = admin.pubkey();
        let steps = vec![
            market::open(at, at, EPOCH_SECS, terms),
            market::mint_set(at, mint, LOCK_FLOOR, 10_000),
        ];
        chain.send(&Transaction::new(steps, &admin, &[])).await.unwrap();
        Self { world, mint: Mint { address: mint, program: SPL_TOKEN, decimals } }
    }

    /// Puts so many tokens on a wallet's account.
    pub async fn tokens(&self, wallet: &Pubkey, amount: u64) {
        let mut data = vec![0; 165];
        data[..32].copy_from_slice(self.mint.address.as_ref());
        data[32..64].copy_from_slice(wallet.as_ref());
        data[64..72].copy_from_slice(&amount.to_le_bytes());
        data[108] = 1;
        let at = associated(wallet, &self.mint);
        account_set(&self.world.net, &at, &data, &SPL_TOKEN).await;
    }

    pub async fn balance(&self, session: &Session) -> u64 {
        let at = associated(&session.wallet_address(), &self.mint);
        session.chain().tokens(&at).await.unwrap().map_or(0, |tokens| tokens.amount)
    }

    /// A registered peer with a bond, whose daemon does not run yet.
    pub async fn stall(&self, name: &str, price_flat: u64) -> Stall {
        let session = self.world.person(name).await;
        let dir = self.world.dir.path().join(format!("{name}-daemon"));
        fs::create_dir_all(&dir).unwrap();
        let operator = FileWallet::create(&dir.join("operator.json")).unwrap();
        fund(session.chain(), &operator.pubkey(), 10 * SOL).await;
        let endpoint = format!("http://127.0.0.1:{}", free_port());
        let (wallet, profile) = (session.wallet_address(), me(&session));
        self.tokens(&wallet, 2 * BOND).await;
        let args = PeerArgs {
            operator: operator.pubkey(),
            price_flat,
            price_per_gib: 1_024,
            endpoint: endpoint.clone(),
            share_key: [0; 32],
        };
        let register =
            peer::register(wallet, wallet, profile, self.mint.address, self.mint.program, args);
        let stall =
            Stall { session, peer: address::peer(&profile), operator, endpoint, dir, daemon: None };
        stall.send(vec![register]).await;
        let account = stall.account().await;
        let source = associated(&wallet, &self.mint);
        stall.send(vec![peer::bond_add(wallet, source, &account, BOND)]).await;
        stall
    }

    /// A peer whose daemon runs.
    pub async fn running(&self, name: &str, price_flat: u64) -> Stall {
        let mut stall = self.stall(name, price_flat).await;
        stall.start(&self.world.net).await;
        stall
    }
}

impl Stall {
    pub async fn account(&self) -> aceso_sdk::chain::Fetched<aceso::state::Peer> {
        self.session.chain().fetch(&self.peer).await.unwrap()
    }

    /// As its owner.
    pub async fn send(&self, steps: Vec<Instruction>) {
        let home = self.session.home().dir();
        let wallet = FileWallet::open(&home.wallet()).unwrap();
        self.session.chain().send(&Transaction::new(steps, &wallet, &[])).await.unwrap();
    }

    pub async fn set_price(&self, price_flat: u64) {
        let account = self.account().await;
        let args = PeerArgs {
            operator: account.operator,
            price_flat,
            price_per_gib: account.price_per_gib,
            endpoint: self.endpoint.clone(),
            share_key: [0; 32],
        };
        self.send(vec![peer::update(self.session.wallet_address(), &account, args)]).await;
    }

    pub async fn start(&mut self, net: &Localnet) {
        let listen = self.endpoint.strip_prefix("http://").unwrap();
        let operator = self.dir.join("operator.json");
        let config = format!(
            "data_dir = {:?}\nprofile = \"{}\"\nrpc_url = {:?}\noperator = {:?}\nfee_payer = {:?}\n\
             listen = {listen:?}\nendpoint = {:?}\nquota = \"1 GiB\"\nlook_every_secs = 1\n",
            self.dir.join("data"),
            me(&self.session),
            net.url,
            operator,
            operator,
            self.endpoint,
        );
        let path = self.dir.join("config.toml");
        fs::write(&path, config).unwrap();
        let log = fs::File::create(self.dir.join("log.txt")).unwrap();
        let daemon = Command::new(daemon())
            .arg("--config")
            .arg(&path)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
        for _ in 0..200 {
            if reqwest::get(format!("{}/healthz", self.endpoint)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the daemon does not serve: {}", self.log());
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log.txt")).unwrap_or_default()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }
}

impl Drop for Stall {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The daemon's binary, beside those of the tests; built where it is not.
fn daemon() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let path = exe.parent().and_then(Path::parent).unwrap().join("aceso-peer");
    if !path.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let built = Command::new(cargo).args(["build", "-p", "aceso-peer"]).status().unwrap();
        assert!(built.success() && path.exists(), "{} cannot be built", path.display());
    }
    path
}

async fn account_set(net: &Localnet, at: &Pubkey, data: &[u8], owner: &Pubkey) {
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"surfnet_setAccount","params":["{at}",{{"lamports":{SOL},"data":"{hex}","owner":"{owner}","executable":false}}]}}"#
    );
    let request = reqwest::Client::new().post(&net.url).header("content-type", "application/json");
    let answer = request.body(body).send().await.unwrap().text().await.unwrap();
    assert!(!answer.contains("\"error\""), "{answer}");
}
