//! The storage market of the clinic: two mints, a peer for each, and leases in every state.

use std::{
    ops::{Deref, DerefMut},
    sync::OnceLock,
};

use aceso::{constants::*, state::*};
use anchor_lang::prelude::Pubkey;

use super::{
    action::Person,
    address,
    call::Call,
    clinic::Clinic,
    market_action::{self as action, About, Funds, Site},
    sample::{digest, DAY_SECS},
    stored::Stored,
    token::{METADATA, SPL_TOKEN, TOKEN_2022},
};

pub const EPOCH_SECS: i64 = DAY_SECS;
pub const BOND: u64 = 1_000_000;
pub const LOCK_FLOOR: u64 = 10_000;
pub const BOND_MIN: u64 = 50_000;
/// Tokens that each purse begins with.
pub const PURSE: u64 = 1_000_000_000;
/// Epochs of the leases.
pub const EPOCHS: u32 = 40;
pub const PRICE_FLAT: u64 = 100;
/// One for each leaf.
pub const PRICE_PER_GIB: u64 = LEAVES_PER_GIB;
/// Leaves of the long lease; all others weigh the least.
pub const LONG_WEIGHT: u64 = 2_344;

#[derive(Clone)]
pub struct Market {
    pub clinic: Clinic,
    /// Paid in a mint of SPL Token.
    pub gold: Site,
    /// Paid in a mint of Token-2022 with metadata.
    pub silver: Site,
    pub patient_gold: Pubkey,
    pub patient_silver: Pubkey,
    pub neighbour_gold: Pubkey,
    /// At gold: the ECG, 2,344 leaves of which the last has 384 bytes. In slot 0.
    pub live: Pubkey,
    /// At gold: the letter, two leaves. In slot 1.
    pub small: Pubkey,
    /// At gold, of the neighbour: cancelled, in slot 2.
    pub ended: Pubkey,
    /// At gold: the chart's keyring, not accepted.
    pub offered: Pubkey,
    /// At silver: the ECG, again.
    pub elsewhere: Pubkey,
}

impl Deref for Market {
    type Target = Clinic;

    fn deref(&self) -> &Clinic {
        &self.clinic
    }
}

impl DerefMut for Market {
    fn deref_mut(&mut self) -> &mut Clinic {
        &mut self.clinic
    }
}

pub fn market_terms() -> MarketTerms {
    MarketTerms {
        challenges: 24,
        grace_draws: 3,
        losses_max: 3,
        beacon_kind: 0,
        window_secs: 43_200,
        lock_epochs: 30,
        notice_epochs: 30,
        offer_ttl_secs: 172_800,
        spot_deposit_lamports: 20_000,
    }
}

pub fn peer_args(operator: Pubkey) -> PeerArgs {
    PeerArgs {
        operator,
        price_flat: PRICE_FLAT,
        price_per_gib: PRICE_PER_GIB,
        endpoint: "https://peer.example:8443".into(),
        share_key: digest("share key"),
    }
}

/// A challenge that is owed: which lease, and which leaf of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub k: u8,
    pub lease: Pubkey,
    pub leaf: u64,
}

impl Market {
    pub fn new() -> Self {
        static OPENED: OnceLock<Market> = OnceLock::new();
        OPENED.get_or_init(Self::make).clone()
    }

    /// An epoch is armed and drawn, and every proof of it owed.
    pub fn owing() -> Self {
        static DRAWN: OnceLock<Market> = OnceLock::new();
        let make = || {
            let mut market = Self::new();
            market.draw_epoch();
            market
        };
        DRAWN.get_or_init(make).clone()
    }

    /// Gold has proven one epoch, which nobody has settled yet, in time; it is the next day.
    pub fn proven() -> Self {
        static PROVEN: OnceLock<Market> = OnceLock::new();
        let make = || {
            let mut market = Self::owing();
            let gold = market.gold;
            market.prove(&gold);
            market.next_epoch();
            market
        };
        PROVEN.get_or_init(make).clone()
    }

    fn make() -> Self {
        let mut market = Self::without_leases(Clinic::new(), market_terms());
        let Clinic { patient, neighbour, .. } = market.clinic;
        let (gold, silver) = (market.gold, market.silver);
        let long = Stored::named("ecg at gold", 512 * LONG_WEIGHT as usize - 128);
        let (ecg, letter) = (market.about_ecg(), market.about_letter());
        market.live = market.lease("live", patient, &ecg, &gold, LeaseKind::Record, &long);
        let short = Stored::named("letter at gold", 700);
        market.small = market.lease("small", patient, &letter, &gold, LeaseKind::Record, &short);
        let theirs = Stored::named("their record at gold", 3_000);
        let about = market.about_theirs();
        market.ended = market.lease("ended", neighbour, &about, &gold, LeaseKind::Record, &theirs);
        let keyring = market.about_chart();
        let stored = Stored::named("keyring", 5_000);
        let kind = LeaseKind::Keyring;
        market.offered = market.offer("offered", patient, &keyring, &gold, kind, &stored);
        let copy = Stored::named("ecg at silver", 512 * LONG_WEIGHT as usize - 128);
        market.elsewhere =
            market.lease("elsewhere", patient, &ecg, &silver, LeaseKind::Record, &copy);
        let (acting, ended) = (neighbour.acting(), market.ended);
        market.must(action::lease_cancel(acting, &about, &gold, ended));
        market.world.wait(60);
        market
    }

    /// Two mints, and a peer with bond for each.
    pub fn without_leases(mut clinic: Clinic, terms: MarketTerms) -> Self {
        let (sponsor, admin) = (clinic.sponsor, clinic.admin);
        let gold = clinic.world.put_mint("gold", SPL_TOKEN, &[]);
        let silver = clinic.world.put_mint("silver", TOKEN_2022, &METADATA);
        clinic.label(gold, "gold");
        clinic.label(silver, "silver");
        clinic.must(action::market_open(sponsor, admin, EPOCH_SECS, terms));
        clinic.label(address::beacon().0, "beacon");
        for mint in [gold, silver] {
            clinic.must(action::market_mint_set(admin, mint, LOCK_FLOOR, BOND_MIN));
        }
        let (keeper, rival) = (clinic.person("keeper"), clinic.person("rival"));
        let operator = clinic.world.wallet("operator");
        let rival_operator = clinic.world.wallet("rival operator");
        let gold = Site::of(keeper, operator, gold, SPL_TOKEN);
        let silver = Site::of(rival, rival_operator, silver, TOKEN_2022);
        let none = Pubkey::default();
        let mut market = Self {
            clinic,
            gold,
            silver,
            patient_gold: none,
            patient_silver: none,
            neighbour_gold: none,
            live: none,
            small: none,
            ended: none,
            offered: none,
            elsewhere: none,
        };
        market.gold = market.register(gold, "keeper's gold", ["peer", "ledger", "vault"]);
        let names = ["silver peer", "silver ledger", "silver vault"];
        market.silver = market.register(silver, "rival's silver", names);
        let Clinic { patient, neighbour, .. } = market.clinic;
        market.patient_gold = market.purse("patient's gold", &gold.mint, &patient);
        market.patient_silver = market.purse("patient's silver", &silver.mint, &patient);
        market.neighbour_gold = market.purse("neighbour's gold", &gold.mint, &neighbour);
        market
    }

    /// Registers the peer and gives it bond from a new purse of its keeper.
    pub fn register(&mut self, site: Site, purse: &'static str, names: [&'static str; 3]) -> Site {
        let sponsor = self.sponsor;
        let purse = self.purse(purse, &site.mint, &site.keeper);
        let site = Site { purse, ..site };
        self.must(action::peer_register(sponsor, &site, peer_args(site.operator)));
        for (key, name) in [site.peer, site.ledger, site.vault].into_iter().zip(names) {
            self.label(key, name);
        }
        let funds = Funds { funder: site.keeper.wallet, source: purse };
        self.must(action::peer_bond_add(&site, funds, BOND));
        site
    }

    pub fn purse(&mut self, name: &'static str, mint: &Pubkey, person: &Person) -> Pubkey {
        let key = self.world.put_tokens(name, mint, &person.wallet, PURSE);
        self.label(key, name);
        key
    }

    pub fn about_record(&self, owner: Person, folder: Pubkey, record: Pubkey) -> About {
        About { owner: owner.profile, scope: record, folder: Some(folder), record: Some(record) }
    }

    pub fn about_ecg(&self) -> About {
        self.about_record(self.patient, self.chart, self.ecg)
    }

    pub fn about_letter(&self) -> About {
        self.about_record(self.patient, self.letters, self.letter)
    }

    pub fn about_theirs(&self) -> About {
        self.about_record(self.neighbour, self.their_folder, self.their_record)
    }

    pub fn about_chart(&self) -> About {
        self.about_folder(self.patient, self.chart)
    }

    pub fn about_folder(&self, owner: Person, folder: Pubkey) -> About {
        About { owner: owner.profile, scope: folder, folder: Some(folder), record: None }
    }

    pub fn about_bundle(&self, owner: Person) -> About {
        About { owner: owner.profile, scope: owner.profile, folder: None, record: None }
    }

    pub fn offer_args(kind: LeaseKind, number: u8, stored: &Stored, epochs: u32) -> Offer {
        Offer {
            kind,
            number,
            root: stored.root(),
            digest: stored.digest,
            stored_len: stored.len(),
            epochs,
            price_max: 1_000_000,
        }
    }

    /// Where a person's tokens of the site's mint are.
    pub fn funds(&self, owner: &Person, site: &Site) -> Funds {
        let gold = site.mint == self.gold.mint;
        let source = match (owner.profile == self.patient.profile, gold) {
            (true, true) => self.patient_gold,
            (true, false) => self.patient_silver,
            (false, true) => self.neighbour_gold,
            (false, false) => panic!("the neighbour has no silver"),
        };
        Funds { funder: owner.wallet, source }
    }

    pub fn offer(
        &mut self,
        name: &'static str,
        owner: Person,
        about: &About,
        site: &Site,
        kind: LeaseKind,
        stored: &Stored,
    ) -> Pubkey {
        let offer = Self::offer_args(kind, 0, stored, EPOCHS);
        let funds = self.funds(&owner, site);
        let call = action::lease_open(self.sponsor, owner.acting(), about, site, funds, offer);
        let lease = call.key("lease");
        self.must(call);
        self.label(lease, name);
        lease
    }

    /// An offer that the peer accepts.
    pub fn lease(
        &mut self,
        name: &'static str,
        owner: Person,
        about: &About,
        site: &Site,
        kind: LeaseKind,
        stored: &Stored,
    ) -> Pubkey {
        let lease = self.offer(name, owner, about, site, kind, stored);
        let call = self.accept_call(site, lease);
        self.must(call);
        lease
    }

    pub fn accept_call(&self, site: &Site, lease: Pubkey) -> Call {
        action::lease_accept(self.sponsor, site, lease, self.acceptance(&lease))
    }

    pub fn acceptance(&self, lease: &Pubkey) -> Acceptance {
        let Lease { root, stored_len, price, epochs, .. } = self.world.state::<Lease>(lease);
        Acceptance { root, stored_len, price, epochs }
    }

    // Time.

    pub fn epoch(&self) -> u64 {
        (self.world.now_secs() / EPOCH_SECS) as u64
    }

    pub fn beacon(&self) -> Beacon {
        self.world.state(&address::beacon().0)
    }

    /// One hour into the next epoch.
    pub fn next_epoch(&mut self) {
        let now_secs = self.world.now_secs();
        let next = (now_secs / EPOCH_SECS + 1) * EPOCH_SECS + 3_600;
        self.world.wait(next - now_secs);
    }

    /// Arms the present epoch and draws it.
    pub fn draw_epoch(&mut self) {
        self.must(action::beacon_arm());
        self.world.wait(20);
        self.world.remember_slots();
        self.must(action::beacon_draw());
    }

    // Proofs.

    pub fn peer(&self, site: &Site) -> Peer {
        self.world.state(&site.peer)
    }

    pub fn ledger(&self, site: &Site) -> Ledger {
        self.world.state(&site.ledger)
    }

    pub fn state_of(&self, lease: &Pubkey) -> Lease {
        self.world.state(lease)
    }

    /// Leases of the peer that stand, with their addresses.
    pub fn leases(&self, site: &Site) -> Vec<(Pubkey, Lease)> {
        let world = &self.world;
        let keys = world.program_accounts().into_iter().filter(|key| world.holds::<Lease>(key));
        let all = keys.map(|key| (key, world.state::<Lease>(&key)));
        all.filter(|(_, lease)| lease.peer == site.peer).collect()
    }

    /// The open challenges of the oldest epoch that is drawn and owed: found by laying the leases' weights end to end in
    /// the order of their slots, apart from the program's tree.
    pub fn owed(&self, site: &Site) -> Vec<Challenge> {
        let (ledger, beacon) = (self.ledger(site), self.beacon());
        let seq = ledger.next_seq;
        let idle = ledger.total == 0 && ledger.next_seq == ledger.pinned;
        if ledger.closed == 1 || idle || seq >= beacon.draws || beacon.arms - seq > 64 {
            return Vec::new();
        }
        let draw = beacon.ring[(seq % 64) as usize];
        let pinned = seq < ledger.pinned;
        let range = if pinned { ledger.ranges[(seq % 64) as usize] } else { ledger.total };
        let mut set = self.leases(site);
        set.retain(|(_, lease)| lease.has_slot == 1);
        set.sort_by_key(|(_, lease)| lease.slot);
        let done = ledger.answered | ledger.defaulted;
        (0..ledger.terms.challenges)
            .filter(|k| done & (1 << k) == 0)
            .map(|k| {
                let parts: [&[u8]; 4] =
                    [b"aceso/challenge/v1", &draw.seed, site.peer.as_ref(), &[k]];
                let hash = solana_sha256_hasher::hashv(&parts).to_bytes();
                let number = u128::from_le_bytes(hash[..16].try_into().unwrap());
                let mut offset = (number % u128::from(range)) as u64;
                for (key, lease) in &set {
                    if offset < lease.weight {
                        let leaf = offset % lease.stored_len.div_ceil(512);
                        return Challenge { k, lease: *key, leaf };
                    }
                    offset -= lease.weight;
                }
                panic!("an offset past the set")
            })
            .collect()
    }

    /// A call that answers these challenges.
    pub fn answer(&self, site: &Site, challenges: &[Challenge]) -> Call {
        let prove = |c: &Challenge| Stored::of(&self.state_of(&c.lease).root).prove(c.k, c.leaf);
        let proofs = challenges.iter().map(prove).collect();
        let leases: Vec<Pubkey> = challenges.iter().map(|c| c.lease).collect();
        action::proof_submit(site, proofs, &leases)
    }

    /// Proves all that is owed of the oldest epoch, three challenges at a time.
    pub fn prove(&mut self, site: &Site) {
        for challenges in self.owed(site).chunks(3) {
            let call = self.answer(site, challenges);
            self.must(call);
        }
    }

    /// An epoch passes in which the sites prove what they owe.
    pub fn good_epoch(&mut self, sites: &[Site]) {
        self.next_epoch();
        self.draw_epoch();
        for site in sites {
            self.prove(site);
        }
    }

    /// The vault holds at least what the books say, the books what the leases say.
    pub fn check_books(&self, site: &Site) {
        let (peer, leases) = (self.peer(site), self.leases(site));
        peer.invariant().expect("the peer's invariant");
        self.ledger(site).invariant().expect("the ledger's invariant");
        let sum =
            |part: fn(&Lease) -> u64| leases.iter().map(|(_, lease)| part(lease)).sum::<u64>();
        let books = (peer.locked, peer.escrow, peer.owed, peer.leases as usize, peer.live as usize);
        let live = leases.iter().filter(|(_, lease)| lease.is_live()).count();
        let sums = (sum(|l| l.lock), sum(|l| l.escrow), sum(|l| l.owed), leases.len(), live);
        assert_eq!(books, sums, "books and leases");
        let all = peer.bond + peer.locked + peer.escrow + peer.owed + peer.earned;
        assert!(self.world.tokens(&site.vault) >= all, "the vault is short");
    }
}
