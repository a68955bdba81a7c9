//! kill -9 at any moment, again and again, while owners come and go: no lease is lost whose bytes the disk holds, none is paid
//! twice, and nothing that was half done stays behind.
//!
//! A short form runs with the tests; `make chaos` runs a thousand cycles (ACESO_CHAOS_CYCLES). What differs from run to run is
//! mostly when the processes die, so a seed would bring nothing back.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use aceso::state::{Lease, LeaseStatus};
use aceso_market_fixture::{Daemon, Goods, Market, MarketOptions, PeerHome, Person, until};
use aceso_sdk::chain::Fetched;

/// Leases at a time.
const MOST_LEASES: usize = 8;
/// An owner's packs are numbered by a byte.
const MOST_OPENED: u8 = u8::MAX;
/// Cycles between two looks at everything.
const CALM_EVERY: u32 = 20;
/// Epochs that each lease is bought for: more than pass.
const EPOCHS: u32 = 3_000;

#[derive(Debug, Default)]
struct Tally {
    opened: u32,
    uploads: u32,
    broken_uploads: u32,
    cancelled: u32,
    epochs: u32,
    looks: u32,
}

struct Chaos {
    market: Market,
    home: PeerHome,
    owner: Person,
    goods: Vec<Goods>,
    next_number: u8,
    tally: Tally,
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_no_lease_and_is_paid_once() {
    let cycles = std::env::var("ACESO_CHAOS_CYCLES").map_or(12, |text| text.parse().unwrap());
    let mut chaos = Chaos::start().await;
    let begin = Instant::now();
    for cycle in 1..=cycles {
        chaos.cycle().await;
        if cycle % CALM_EVERY == 0 || cycle == cycles {
            chaos.calm().await;
            let secs = begin.elapsed().as_secs();
            println!("{cycle} of {cycles} kills after {secs} s: {:?}", chaos.tally);
        }
    }
    assert!(chaos.tally.uploads > 0 && chaos.tally.epochs > 0, "{:?}", chaos.tally);
}

impl Chaos {
    async fn start() -> Self {
        let market = Market::start(MarketOptions::default()).await;
        let binary = Path::new(env!("CARGO_BIN_EXE_aceso-peer"));
        let home = PeerHome::register(&market, binary, 100_000_000).await;
        let owner = market.person(1_000_000_000_000).await;
        let mut chaos = Self {
            market,
            home,
            owner,
            goods: Vec::new(),
            next_number: 0,
            tally: Tally::default(),
        };
        for _ in 0..2 {
            chaos.open().await;
        }
        chaos
    }

    /// One life of the daemon, from its first instruction to a moment that nobody chose.
    async fn cycle(&mut self) {
        let log = self.home.dir.path().join("log");
        let daemon = Daemon::spawn(&self.home.binary, &self.home.config(), &log);
        // Half of them die while they start or soon after, the others at work.
        let life = match dice(10) {
            0..5 => dice(700),
            5..9 => 700 + dice(2_300),
            _ => 3_000 + dice(2_000),
        };
        let death = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(life));
            daemon.kill();
        });
        if dice(3) == 0 && self.goods.len() < MOST_LEASES {
            self.open().await;
        }
        if dice(4) == 0 && self.owed().await <= 1 {
            self.market.next_epoch().await;
            self.tally.epochs += 1;
        }
        if self.serves(&death).await {
            // It refuses what was signed in the seconds after its start, by the chain's clock.
            self.market.net.travel(6).await;
            while !death.is_finished() {
                self.upload().await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        if dice(12) == 0 && self.goods.len() > 3 {
            let which = dice(self.goods.len() as u64) as usize;
            let goods = self.goods.remove(which);
            self.owner.cancel(&self.market, &goods).await;
            self.tally.cancelled += 1;
        }
        death.await.unwrap();
    }

    /// Whether it comes to serving before it dies.
    async fn serves(&self, death: &tokio::task::JoinHandle<()>) -> bool {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        while !death.is_finished() {
            if client.get(format!("{}/healthz", self.home.url)).send().await.is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    async fn open(&mut self) {
        if self.next_number == MOST_OPENED {
            return;
        }
        let len = match dice(4) {
            0 => 2 << 20,
            _ => 1 + dice(200_000) as usize,
        };
        let bytes = Goods::sample(len);
        let (peer, number) = (self.home.at, self.next_number);
        self.next_number += 1;
        self.goods.push(self.owner.open(&self.market, &peer, bytes, number, EPOCHS).await);
        self.tally.opened += 1;
    }

    /// Sends what is offered and not accepted yet; the daemon may die in the middle.
    async fn upload(&mut self) {
        for goods in &self.goods {
            if goods.read(&self.market).await.status != LeaseStatus::Offered as u8 {
                continue;
            }
            match self.owner.upload(&self.market, &self.home.url, goods).await {
                Ok(answer) if answer.status() == 201 => self.tally.uploads += 1,
                _ => self.tally.broken_uploads += 1,
            }
        }
    }

    async fn owed(&self) -> u64 {
        let ledger = self.home.ledger(&self.market).await;
        self.market.beacon().await.arms.saturating_sub(ledger.head.next_seq)
    }

    /// Left alone for a while, everything comes right: all is accepted, proven and on the books.
    async fn calm(&mut self) {
        let daemon = self.home.start().await;
        self.market.net.travel(6).await;
        for goods in &self.goods {
            if goods.read(&self.market).await.status == LeaseStatus::Offered as u8 {
                self.owner.bring(&self.market, &self.home.url, goods).await;
                self.tally.uploads += 1;
            }
        }
        for goods in &self.goods {
            let live = async || goods.read(&self.market).await.status == LeaseStatus::Live as u8;
            until("accepted", 60, live).await;
        }
        self.market.next_epoch().await;
        self.tally.epochs += 1;
        let epoch = self.market.epoch().await;
        let settled = async || {
            let beacon = self.market.beacon().await;
            let ledger = self.home.ledger(&self.market).await.head;
            beacon.armed_epoch >= epoch && !beacon.is_armed() && ledger.is_settled(&beacon)
        };
        until("proven", 90, settled).await;
        self.check().await;
        daemon.kill();
        self.tally.looks += 1;
    }

    async fn check(&self) {
        let peer = self.home.peer(&self.market).await;
        let ledger = self.home.ledger(&self.market).await.head;
        assert!(!peer.is_defaulted());
        assert_eq!(ledger.losses, [0; 4], "no lease was lost");
        for goods in &self.goods {
            let lease: Fetched<Lease> = goods.read(&self.market).await;
            assert!(lease.is_live());
            let credited = ledger.credited_between(lease.from_epoch, lease.settled_epoch);
            let paid = u64::from(EPOCHS) * lease.price - lease.escrow;
            assert_eq!(paid, credited * lease.price, "each credited epoch is paid once");
            let bytes = std::fs::read(self.home.object(&goods.address.digest)).unwrap();
            assert!(bytes == goods.bytes, "the bytes are on the disk, whole");
        }
        let (books, vault) = self.home.books(&self.market).await;
        assert_eq!(books, vault);
        for folder in ["bytes/incoming", "trees/incoming"] {
            let left: Vec<_> = std::fs::read_dir(self.home.data().join(folder)).unwrap().collect();
            assert!(left.is_empty(), "{folder}: {left:?}");
        }
    }
}

/// Below `sides`.
fn dice(sides: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % sides
}
