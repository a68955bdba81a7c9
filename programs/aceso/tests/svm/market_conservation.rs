//! Random histories of the storage market on the real program: tokens and lamports go round and none is lost, an epoch is
//! paid exactly when it was credited, none is both paid and slashed, and in the end everything can be closed.

use std::collections::{BTreeMap, BTreeSet};

use aceso::{event::*, state::*};
use anchor_lang::prelude::Pubkey;

use crate::support::{
    action::Person,
    call::Call,
    clinic::Clinic,
    event::{events, Event},
    market::{market_terms, peer_args, Challenge, Market, BOND, EPOCH_SECS, PURSE},
    market_action::{self as action, About, Funds, Site},
    refusal::Cause,
    stored::Stored,
};

const STEPS: u64 = 10_000;

/// A small generator: the histories are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.roll(from.len())])
    }
}

/// A peer, and which one at its address.
type Life = (Pubkey, u32);

struct History {
    market: Market,
    dice: Dice,
    sites: [Site; 2],
    owners: [Person; 2],
    /// By owner and site.
    purses: [[Pubkey; 2]; 2],
    payers: Vec<Pubkey>,
    checkers: Vec<Pubkey>,
    /// Leases whose bytes their peer has lost.
    lost: BTreeSet<Pubkey>,
    lives: BTreeMap<Pubkey, u32>,
    credited: BTreeSet<(Life, u64)>,
    slashed: BTreeSet<(Life, u64)>,
    /// What peers have got by each lease.
    paid: BTreeMap<Pubkey, u64>,
    done: BTreeMap<&'static str, u32>,
}

impl History {
    fn new(seed: u64) -> Self {
        let terms = MarketTerms {
            challenges: 4,
            grace_draws: 2,
            losses_max: 2,
            lock_epochs: 3,
            notice_epochs: 3,
            ..market_terms()
        };
        let mut market = Market::without_leases(Clinic::new(), terms);
        let (patient, neighbour) = (market.patient, market.neighbour);
        let sites = [market.gold, market.silver];
        let theirs = market.purse("neighbour's silver", &sites[1].mint, &neighbour);
        let purses =
            [[market.patient_gold, market.patient_silver], [market.neighbour_gold, theirs]];
        // Rent comes from several wallets, so that a return to the wrong one shows.
        let payers = ["one", "two", "three"].map(|name| market.world.wallet(name)).to_vec();
        let checkers = ["checker", "another checker"].map(|name| market.world.wallet(name));
        Self {
            market,
            dice: Dice(seed),
            sites,
            owners: [patient, neighbour],
            purses,
            payers,
            checkers: checkers.to_vec(),
            lost: BTreeSet::new(),
            lives: BTreeMap::new(),
            credited: BTreeSet::new(),
            slashed: BTreeSet::new(),
            paid: BTreeMap::new(),
            done: BTreeMap::new(),
        }
    }

    fn life(&self, peer: &Pubkey) -> Life {
        (*peer, self.lives.get(peer).copied().unwrap_or(0))
    }

    /// Sends what may or may not be allowed. A refusal must have a reason that the caller can do something about.
    fn send(&mut self, name: &'static str, call: &Call) -> bool {
        match self.market.world.send(&[call.instruction()]) {
            Ok(meta) => {
                *self.done.entry(name).or_default() += 1;
                for event in events(&meta) {
                    self.note(&event);
                }
                true
            }
            Err(refusal) => {
                let faults = ["InvariantBroken", "VaultShort", "LedgerFull", "Overflow"];
                let fault = match &refusal.cause {
                    Cause::Named(name) => faults.contains(&name.as_str()),
                    // Too few tokens, and a frozen account.
                    Cause::Runtime(error) => {
                        !["Custom(1)", "Custom(17)"].contains(&&*format!("{error:?}"))
                    }
                    Cause::Transaction(_) => true,
                };
                assert!(!fault, "{name}: {refusal}");
                false
            }
        }
    }

    fn must(&mut self, name: &'static str, call: &Call) {
        let sent = self.market.world.clone().send(&[call.instruction()]).map(|_| ());
        assert!(self.send(name, call), "{name}: {}", sent.expect_err("refused"));
    }

    /// Keeps the account of what was proven, lost and paid, by the events alone.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Peer(event) if event.action == PeerAction::Registered => {
                *self.lives.entry(event.peer).or_default() += 1;
            }
            Event::Proofs(event) if event.credited => {
                let epoch = (self.life(&event.peer), event.epoch);
                assert!(!self.slashed.contains(&epoch), "slashed, and then paid");
                assert!(self.credited.insert(epoch), "credited twice");
            }
            Event::Settled(event) => {
                let leases = event.leases.iter().map(|paid| (paid.lease, paid.amount));
                for (lease, amount) in leases.collect::<Vec<_>>() {
                    self.pay(lease, amount);
                }
                let sum: u64 = event.leases.iter().map(|paid| paid.amount).sum();
                assert_eq!(sum, event.paid);
            }
            Event::Lease(event) => match event.action {
                LeaseAction::Opened => {
                    assert!(self.paid.insert(event.lease, 0).is_none(), "closed before");
                }
                LeaseAction::Ended => self.pay(event.lease, event.paid),
                LeaseAction::Closed => {
                    self.paid.remove(&event.lease);
                    self.lost.remove(&event.lease);
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Paid to the last token: its price for each credited epoch that it has settled.
    fn pay(&mut self, lease: Pubkey, amount: u64) {
        let sum = self.paid.get_mut(&lease).expect("it was opened");
        *sum += amount;
        let sum = *sum;
        let state = self.market.state_of(&lease);
        let life = self.life(&state.peer);
        let epochs = self.credited.range((life, state.from_epoch)..(life, state.settled_epoch));
        assert_eq!(sum, state.price * epochs.count() as u64, "what was proven, and only that");
    }

    fn about(&mut self) -> (usize, About, LeaseKind, u8) {
        let market = &self.market;
        let (patient, neighbour) = (market.patient, market.neighbour);
        let number = self.dice.0 as u8 % 3;
        let all = [
            (0, market.about_ecg(), LeaseKind::Record, 0),
            (0, market.about_letter(), LeaseKind::Record, 0),
            (0, market.about_chart(), LeaseKind::Keyring, 0),
            (0, market.about_bundle(patient), LeaseKind::Bundle, 0),
            (0, market.about_folder(patient, market.letters), LeaseKind::Pack, number),
            (1, market.about_theirs(), LeaseKind::Record, 0),
            (1, market.about_folder(neighbour, market.their_folder), LeaseKind::Pack, number),
            (1, market.about_bundle(neighbour), LeaseKind::Bundle, 0),
        ];
        all[self.dice.roll(all.len())]
    }

    fn stored(&mut self) -> std::sync::Arc<Stored> {
        let n = self.dice.roll(12);
        Stored::named(&format!("random {n}"), 1 + n * 431)
    }

    /// One instruction that may or may not be allowed in the present state, or time.
    fn step(&mut self) {
        let at = self.dice.roll(2);
        let site = self.sites[at];
        if self.market.world.account(&site.peer).is_none() {
            return self.register(at);
        }
        let leaving = self.market.peer(&site).status != PeerStatus::Active as u8;
        if leaving && self.dice.roll(3) == 0 {
            return self.leave(at);
        }
        match self.dice.roll(40) {
            0..=4 => self.offer(at),
            5 | 6 => self.accept(&site),
            7 => self.lease_of(&site, LeaseStatus::Offered, "lease_decline", action::lease_decline),
            8 => self.lease_of(&site, LeaseStatus::Offered, "lease_expire", action::lease_expire),
            9 => self.extend(at),
            10 => self.amend(&site),
            11 => self.cancel(&site),
            12 | 13 => self.settle(&site),
            14 => self.lease_of(&site, LeaseStatus::Live, "lease_end", action::lease_end),
            15 | 16 => self.claim(at),
            17 => self.lease_of(&site, LeaseStatus::Ended, "set_apply", |site, lease| {
                action::set_apply(site, &[lease])
            }),
            18 => self.close(&site),
            19..=24 => self.prove(&site),
            25 => self.debt(&site),
            26 => {
                self.send("peer_default", &action::peer_default(&site));
            }
            27 => self.spot(&site),
            28 => self.bond(at),
            29 => self.payout(at),
            30 => self.misfortune(at),
            31..=34 => self.beacon(),
            _ => {
                let secs = 60 + self.dice.roll(EPOCH_SECS as usize / 2) as i64;
                self.market.world.wait(secs);
            }
        }
    }

    fn register(&mut self, at: usize) {
        let (site, payer) = (self.sites[at], self.payers[self.dice.roll(3)]);
        let args = peer_args(site.operator);
        self.must("peer_register", &action::peer_register(payer, &site, args));
        let funds = Funds { funder: site.keeper.wallet, source: site.purse };
        self.must("peer_bond_add", &action::peer_bond_add(&site, funds, BOND));
    }

    fn offer(&mut self, at: usize) {
        let (owner, about, kind, number) = self.about();
        let (person, stored) = (self.owners[owner], self.stored());
        let funds = Funds { funder: person.wallet, source: self.purses[owner][at] };
        let epochs = 1 + self.dice.roll(8) as u32;
        let offer = Market::offer_args(kind, number, &stored, epochs);
        let payer = self.payers[self.dice.roll(3)];
        let acting = person.acting();
        let call = action::lease_open(payer, acting, &about, &self.sites[at], funds, offer);
        let lease = call.key("lease");
        if self.market.world.account(&lease).is_none() {
            self.send("lease_open", &call);
        }
    }

    fn pick(&mut self, site: &Site, status: LeaseStatus) -> Option<(Pubkey, Lease)> {
        let mut leases = self.market.leases(site);
        // Now and then one whose state does not fit.
        if self.dice.roll(8) > 0 {
            leases.retain(|(_, lease)| lease.status == status as u8);
        }
        self.dice.pick(&leases)
    }

    fn lease_of(
        &mut self,
        site: &Site,
        status: LeaseStatus,
        name: &'static str,
        call: fn(&Site, Pubkey) -> Call,
    ) {
        if let Some((lease, _)) = self.pick(site, status) {
            self.send(name, &call(site, lease));
        }
    }

    fn accept(&mut self, site: &Site) {
        let Some((lease, _)) = self.pick(site, LeaseStatus::Offered) else { return };
        let payer = self.payers[self.dice.roll(3)];
        let accepted = self.market.acceptance(&lease);
        self.send("lease_accept", &action::lease_accept(payer, site, lease, accepted));
    }

    fn owner_of(&self, lease: &Lease) -> (usize, Person, About) {
        let at = usize::from(self.owners[1].profile == lease.owner);
        let about = About { owner: lease.owner, scope: lease.scope, folder: None, record: None };
        (at, self.owners[at], about)
    }

    fn extend(&mut self, at: usize) {
        let site = self.sites[at];
        let Some((key, lease)) = self.pick(&site, LeaseStatus::Live) else { return };
        let (owner, person, about) = self.owner_of(&lease);
        let funds = Funds { funder: person.wallet, source: self.purses[owner][at] };
        let epochs = 1 + self.dice.roll(4) as u32;
        let acting = person.acting();
        self.send("lease_extend", &action::lease_extend(acting, &about, &site, key, funds, epochs));
    }

    fn amend(&mut self, site: &Site) {
        let Some((key, lease)) = self.pick(site, LeaseStatus::Live) else { return };
        if lease.next_len > 0 {
            let (root, digest, stored_len) = (lease.next_root, lease.next_digest, lease.next_len);
            let amendment = Amendment { root, digest, stored_len };
            self.send("lease_amend_accept", &action::lease_amend_accept(site, key, amendment));
            return;
        }
        let (stored, (_, person, about)) = (self.stored(), self.owner_of(&lease));
        let (root, digest) = (stored.root(), stored.digest);
        let amendment = Amendment { root, digest, stored_len: stored.len() };
        let call = action::lease_amend(person.acting(), &about, key, amendment);
        self.send("lease_amend", &call);
    }

    fn cancel(&mut self, site: &Site) {
        let Some((key, lease)) = self.pick(site, LeaseStatus::Live) else { return };
        let (_, person, about) = self.owner_of(&lease);
        self.send("lease_cancel", &action::lease_cancel(person.acting(), &about, site, key));
    }

    fn settle(&mut self, site: &Site) {
        let mut leases: Vec<Pubkey> = self.market.leases(site).iter().map(|l| l.0).collect();
        leases.truncate(10);
        // One of them twice.
        leases.extend(self.dice.pick(&leases));
        let payout = self.market.peer(site).payout;
        let payout = (payout != Pubkey::default() && self.dice.roll(2) == 0).then_some(payout);
        self.send("lease_settle", &action::lease_settle(site, payout, &leases));
    }

    fn claim(&mut self, at: usize) {
        let site = self.sites[at];
        let Some((key, lease)) = self.pick(&site, LeaseStatus::Ended) else { return };
        let (owner, person, _) = self.owner_of(&lease);
        let purse = self.purses[owner][at];
        self.send("lease_claim", &action::lease_claim(&site, key, person.profile, purse));
    }

    fn close(&mut self, site: &Site) {
        let Some((key, lease)) = self.pick(site, LeaseStatus::Ended) else { return };
        self.send("lease_close", &action::lease_close(site, key, lease.meta.payer));
    }

    /// The peer answers what it can of the epoch that it owes.
    fn prove(&mut self, site: &Site) {
        let mut owed = self.market.owed(site);
        owed.retain(|challenge| !self.lost.contains(&challenge.lease));
        if self.dice.roll(3) == 0 {
            owed.truncate(1);
        }
        for challenges in owed.chunks(3) {
            let call = self.market.answer(site, challenges);
            self.send("proof_submit", &call);
        }
    }

    fn debt(&mut self, site: &Site) {
        let owed = self.market.owed(site);
        let Some(Challenge { k, lease, .. }) = self.dice.pick(&owed) else { return };
        let ledger = self.market.ledger(site);
        let epoch = self.market.beacon().ring[(ledger.next_seq % 64) as usize].epoch;
        if self.send("debt_default", &action::debt_default(site, lease, k)) {
            let epoch = (self.life(&site.peer), epoch);
            assert!(!self.credited.contains(&epoch), "paid, and then slashed");
            self.slashed.insert(epoch);
        }
    }

    fn spot(&mut self, site: &Site) {
        let leases = self.market.leases(site);
        let open = leases.iter().find(|(_, lease)| lease.spot_checker != Pubkey::default());
        let Some((key, lease)) = open.copied().filter(|_| self.dice.roll(4) > 0) else {
            let Some((key, lease)) = self.pick(site, LeaseStatus::Live) else { return };
            let checker = self.checkers[self.dice.roll(2)];
            let offset = self.dice.roll(lease.weight as usize) as u64;
            self.send("spot_open", &action::spot_open(checker, site, key, offset));
            return;
        };
        if self.lost.contains(&key) || self.dice.roll(2) == 0 {
            self.send("spot_default", &action::spot_default(site, key, lease.spot_checker));
            return;
        }
        let leaf = lease.spot_offset % lease.stored_len.div_ceil(512);
        let proof = Stored::of(&lease.root).prove(0, leaf);
        self.send("spot_answer", &action::spot_answer(key, self.payers[0], proof));
    }

    /// Of a peer that takes no new leases, everybody wants out.
    fn leave(&mut self, at: usize) {
        let site = self.sites[at];
        let leases = self.market.leases(&site);
        let Some((key, lease)) = self.dice.pick(&leases) else {
            let payer = self.market.peer(&site).meta.payer;
            self.send("peer_retire", &action::peer_retire(&site, site.purse, payer));
            return;
        };
        let (owner, person, _) = self.owner_of(&lease);
        let purse = self.purses[owner][at];
        let defaulted = self.market.peer(&site).is_defaulted();
        match lease.status {
            0 => self.send("lease_decline", &action::lease_decline(&site, key)),
            1 => self.send("lease_end", &action::lease_end(&site, key)),
            _ if lease.spot_checker != Pubkey::default() => {
                self.send("spot_default", &action::spot_default(&site, key, lease.spot_checker))
            }
            _ if lease.owed > 0 => {
                let call = action::lease_claim(&site, key, person.profile, purse);
                self.send("lease_claim", &call)
            }
            _ if lease.has_slot == 1 && !defaulted => {
                self.send("set_apply", &action::set_apply(&site, &[key]))
            }
            _ => self.send("lease_close", &action::lease_close(&site, key, lease.meta.payer)),
        };
    }

    fn bond(&mut self, at: usize) {
        let site = self.sites[at];
        let amount = 1 + self.dice.roll(60_000) as u64;
        let funds = Funds { funder: site.keeper.wallet, source: site.purse };
        match self.dice.roll(3) {
            0 => self
                .send("peer_bond_withdraw", &action::peer_bond_withdraw(&site, site.purse, amount)),
            _ => self.send("peer_bond_add", &action::peer_bond_add(&site, funds, amount)),
        };
    }

    fn payout(&mut self, at: usize) {
        let site = self.sites[at];
        let choices = [None, Some(site.purse), Some(self.purses[0][at])];
        let payout = choices[self.dice.roll(3)];
        self.send("peer_payout_set", &action::peer_payout_set(&site, payout));
    }

    /// What happens to peers: lost bytes, frozen accounts, dust, other prices, notice, and the end.
    fn misfortune(&mut self, at: usize) {
        let site = self.sites[at];
        match self.dice.roll(10) {
            0 | 1 => {
                let leases: Vec<Pubkey> = self.market.leases(&site).iter().map(|l| l.0).collect();
                self.lost.extend(self.dice.pick(&leases));
            }
            2 => self.market.world.freeze(&self.purses[0][at]),
            3 | 4 => self.market.world.thaw(&self.purses[0][at]),
            5 => {
                let (vault, purse) = (site.vault, site.purse);
                let (held, left) =
                    (self.market.world.tokens(&vault), self.market.world.tokens(&purse));
                self.market.world.set_tokens(&vault, held + 3);
                self.market.world.set_tokens(&purse, left - 3);
            }
            6 | 7 => {
                let mut args = peer_args(site.operator);
                args.price_flat = 50 + self.dice.roll(100) as u64;
                self.send("peer_update", &action::peer_update(&site, args));
            }
            8 if self.dice.roll(3) == 0 => {
                self.send("peer_drain", &action::peer_drain(&site));
            }
            _ => {
                let payer = self.market.peer(&site).meta.payer;
                self.send("peer_retire", &action::peer_retire(&site, site.purse, payer));
            }
        }
    }

    fn beacon(&mut self) {
        if !self.market.beacon().is_armed() && !self.send("beacon_arm", &action::beacon_arm()) {
            return;
        }
        // Mostly somebody is there to draw in time.
        if self.dice.roll(4) > 0 {
            self.market.world.wait(20);
        }
        self.market.world.remember_slots();
        if !self.send("beacon_draw", &action::beacon_draw()) {
            self.send("beacon_rearm", &action::beacon_rearm());
        }
        for site in self.sites {
            if self.dice.roll(3) > 0 && self.market.world.account(&site.peer).is_some() {
                self.prove(&site);
            }
        }
    }

    /// Nothing has appeared or vanished, and every book is what its parts sum up to.
    fn check(&self, totals: &Totals) {
        assert_eq!(Totals::of(&self.market, &self.sites), *totals, "appeared or vanished");
        for site in &self.sites {
            if self.market.world.account(&site.peer).is_some() {
                self.market.check_books(site);
            }
            for (key, lease) in self.market.leases(site) {
                lease.invariant().expect("a lease's invariant");
                let rent = self.market.world.rent(Lease::SPACE);
                let held = self.market.world.lamports(&key);
                assert_eq!(held, rent + lease.spot_deposit_lamports, "rent and a deposit");
            }
        }
    }

    /// Gold proves all that it owes and its leases are cancelled; silver falls silent and defaults. Then everything is
    /// claimed and closed.
    fn wind_up(&mut self) {
        self.lost.clear();
        for at in 0..2 {
            if self.market.world.account(&self.sites[at].peer).is_none() {
                self.register(at);
            }
            self.market.world.thaw(&self.purses[0][at]);
        }
        for _ in 0..4 {
            while !self.draw() {}
            let gold = self.sites[0];
            self.catch_up(&gold);
        }
        for at in 0..2 {
            let site = self.sites[at];
            self.catch_up(&site);
            self.clear(at);
        }
    }

    /// The peer defaults when that is due, and otherwise proves all that it owes.
    fn catch_up(&mut self, site: &Site) {
        while !self.market.peer(site).is_defaulted() {
            let (ledger, beacon) = (self.market.ledger(site), self.market.beacon());
            if ledger.whole_default_due(&beacon, self.market.world.now_secs()) {
                return self.must("peer_default", &action::peer_default(site));
            }
            let owed = self.market.owed(site);
            if owed.is_empty() {
                return;
            }
            for challenges in owed.chunks(3) {
                let call = self.market.answer(site, challenges);
                self.must("proof_submit", &call);
            }
        }
    }

    /// Arms and draws the next epoch, or what is armed.
    fn draw(&mut self) -> bool {
        if !self.market.beacon().is_armed() {
            self.market.next_epoch();
            self.must("beacon_arm", &action::beacon_arm());
        }
        self.market.world.wait(20);
        self.market.world.remember_slots();
        let drawn = self.send("beacon_draw", &action::beacon_draw());
        if !drawn {
            self.must("beacon_rearm", &action::beacon_rearm());
        }
        drawn
    }

    fn clear(&mut self, at: usize) {
        let site = self.sites[at];
        // A peer that is due to default does so first: before that, no live lease of it ends.
        self.send("peer_default", &action::peer_default(&site));
        for (key, lease) in self.market.leases(&site) {
            let (owner, person, about) = self.owner_of(&lease);
            if !lease.is_ended() {
                let call = action::lease_cancel(person.acting(), &about, &site, key);
                self.must("lease_cancel", &call);
            }
            let lease = self.market.state_of(&key);
            if lease.spot_checker != Pubkey::default() {
                let call = action::spot_default(&site, key, lease.spot_checker);
                self.must("spot_default", &call);
            }
            if lease.owed > 0 {
                let purse = self.purses[owner][at];
                let call = action::lease_claim(&site, key, person.profile, purse);
                self.must("lease_claim", &call);
            }
            let defaulted = self.market.peer(&site).is_defaulted();
            if lease.has_slot == 1 && !defaulted {
                self.must("set_apply", &action::set_apply(&site, &[key]));
            }
            self.must("lease_close", &action::lease_close(&site, key, lease.meta.payer));
        }
        let peer = self.market.peer(&site);
        assert_eq!((peer.locked, peer.escrow, peer.owed, peer.live), (0, 0, 0, 0));
        let retire = action::peer_retire(&site, site.purse, peer.meta.payer);
        self.must("peer_retire", &retire);
    }
}

/// What must never change: lamports with the fees paid, and the tokens of each mint.
#[derive(Debug, PartialEq, Eq)]
struct Totals {
    lamports: u128,
    tokens: [u128; 2],
}

impl Totals {
    fn of(market: &Market, sites: &[Site; 2]) -> Self {
        let lamports = market.world.total_lamports() + u128::from(market.world.fees_lamports());
        Self { lamports, tokens: sites.map(|site| market.world.total_tokens(&site.mint)) }
    }
}

fn run(seed: u64) {
    let mut history = History::new(seed);
    let totals = Totals::of(&history.market, &history.sites);
    let mut stay: Vec<Pubkey> = history.market.world.program_accounts();
    stay.retain(|key| history.sites.iter().all(|site| ![site.peer, site.ledger].contains(key)));
    let wallets = |history: &History| -> u64 {
        let sponsor = history.market.sponsor;
        let all = history.payers.iter().chain(&history.checkers).chain([&sponsor]);
        all.map(|key| history.market.world.lamports(key)).sum()
    };
    let held_by_sites: u64 = history
        .sites
        .iter()
        .flat_map(|site| [site.peer, site.ledger, site.vault])
        .map(|key| history.market.world.lamports(&key))
        .sum();
    let before = wallets(&history) + held_by_sites;
    for n in 0..STEPS {
        history.step();
        if n.is_multiple_of(4) {
            history.check(&totals);
        }
    }
    history.wind_up();
    history.check(&totals);
    println!(
        "{:?}\n{} credited, {} slashed",
        history.done,
        history.credited.len(),
        history.slashed.len()
    );
    // Nothing is stranded: all rent and every deposit is back, and no token is anywhere but in purses.
    assert_eq!(history.market.world.program_accounts(), stay);
    assert_eq!(wallets(&history), before, "rent and deposits");
    let purses: u64 = (0..2)
        .flat_map(|at| [history.sites[at].purse, history.purses[0][at], history.purses[1][at]])
        .map(|key| history.market.world.tokens(&key))
        .sum();
    assert_eq!(purses, 6 * PURSE);
    // The history must have been about everything.
    let rare: Vec<_> = history.done.iter().filter(|(_, count)| **count < 2).collect();
    assert!(
        history.done.len() == ALL && rare.len() <= 3,
        "hardly anything happened: {rare:?} {:?}",
        history.done
    );
    assert!(history.credited.len() > 20 && history.slashed.len() > 2);
}

/// Instructions that a history is made of.
const ALL: usize = 29;

#[test]
fn a_first_history_strands_nothing() {
    run(0x5eed_0001);
}

#[test]
fn a_second_history_strands_nothing() {
    run(0xace5_0002);
}

#[test]
fn a_third_history_strands_nothing() {
    run(0x0fee_0003);
}
