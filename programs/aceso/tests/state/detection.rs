//! How surely a peer that lost bytes is found out: the beacon, the ledger and the challenges of the program itself, over
//! many peers and thirty days. The short form is a test; the long one writes docs/detection.md
//! (`cargo test -p aceso --test state -- --ignored detection`).

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use aceso::{instruction as ix, instructions::Proof, state::*};
use anchor_lang::{
    prelude::{AccountMeta, Pubkey},
    solana_program::instruction::Instruction,
    InstructionData, ToAccountMetas,
};
use bytemuck::Zeroable;
use solana_message::v1;

use crate::{
    beacon::{beacon, clock, EPOCH_SECS},
    ledger::{Book, PEER},
};

const CHALLENGES: u8 = 24;
const DAYS: u64 = 30;
const DAY_ZERO: u64 = 20_000;
/// Weight of a lease of 512 MiB.
const BIG: u64 = 1 << 20;

/// What the peer no longer has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loss {
    /// Every hundredth leaf, all over.
    Leaves,
    /// Every hundredth lease, whole.
    Leases,
    /// All records of 4 KiB: a hundredth of what it is paid for, a 25,000th of its bytes.
    SmallRecords,
    Nothing,
}

/// Who makes the seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Draws {
    /// Nobody who has an interest.
    Fair,
    /// The peer, at the moment that suits it best of all at which it can.
    Chosen,
    /// The same; and of a hundred target slots so many have a leader who withholds the block when the peer prefers the
    /// next one.
    Colluding(u64),
}

/// A generator that gives the same numbers everywhere (SplitMix64).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// What a peer stores: the same for all trials of a loss.
struct Stock {
    loss: Loss,
    book: Book,
    leases: Vec<Lease>,
}

impl Stock {
    fn new(loss: Loss) -> Self {
        let small = if loss == Loss::SmallRecords { 1_024 } else { 0 };
        let big = if small > 0 { 198 } else { 1_000 };
        let (mut book, mut leases) = (Book::new(CHALLENGES), Vec::new());
        let lens = (0..big).map(|_| BIG * 512).chain((0..small).map(|_| 4_096));
        for stored_len in lens {
            let weight = proof::leaf_count(stored_len).max(2_048);
            leases.push(Lease {
                peer: PEER,
                peer_created_slot: 5,
                stored_len,
                weight,
                slot: book.append(&beacon(), weight),
                has_slot: 1,
                status: LeaseStatus::Live as u8,
                ..Lease::zeroed()
            });
        }
        Self { loss, book, leases }
    }

    fn holds(&self, slot: u32, leaf: u64) -> bool {
        match self.loss {
            Loss::Leaves => !(leaf + u64::from(slot)).is_multiple_of(100),
            Loss::Leases => !slot.is_multiple_of(100),
            Loss::SmallRecords => slot < 198,
            Loss::Nothing => true,
        }
    }
}

/// One peer over the days that pass.
struct Trial<'a> {
    stock: &'a Stock,
    draws: Draws,
    rng: Rng,
    beacon: Beacon,
    book: Book,
    /// Those that have defaulted.
    ended: BTreeMap<u32, Lease>,
    now_secs: i64,
    /// Day (the first is 1) at which a challenge first named what is lost.
    caught: Option<u64>,
    /// Day at which the first lease defaulted by it.
    defaulted: Option<u64>,
    lost: u32,
    /// Day from which the whole peer could be defaulted.
    whole: Option<u64>,
}

impl<'a> Trial<'a> {
    fn new(stock: &'a Stock, draws: Draws, seed: u64) -> Self {
        Self {
            stock,
            draws,
            rng: Rng(seed.wrapping_mul(0xd134_2543_de82_ef95)),
            beacon: beacon(),
            book: stock.book.clone(),
            ended: BTreeMap::new(),
            now_secs: DAY_ZERO as i64 * EPOCH_SECS,
            caught: None,
            defaulted: None,
            lost: 0,
            whole: None,
        }
    }

    fn day(&mut self, day: u64) {
        self.now_secs = (DAY_ZERO + day) as i64 * EPOCH_SECS;
        self.draw(day * 216_000);
        self.prove(day);
        let due = self.book.view().whole_default_due(&self.beacon, self.now_secs);
        if due && self.whole.is_none() {
            self.whole = Some(day);
        }
        // Anyone applies the set when nothing is owed.
        if self.book.view().is_settled(&self.beacon) {
            for lease in self.ended.values_mut().filter(|lease| lease.has_slot == 1) {
                self.book.view().release(&self.beacon, lease).unwrap();
            }
        }
    }

    fn lease(&self, slot: u32) -> &Lease {
        self.ended.get(&slot).unwrap_or(&self.stock.leases[slot as usize])
    }

    fn draw(&mut self, slot: u64) {
        self.beacon.arm(&clock(slot, self.now_secs)).unwrap();
        let target = self.beacon.target_slot;
        let hash = [self.rng.next(), self.rng.next(), self.rng.next(), self.rng.next()];
        let block =
            |slot: u64| (slot, hash.map(|word| word.rotate_left((slot % 61) as u32) ^ slot));
        let drawn = |beacon: &Beacon, skipped: Option<u64>, at: u64| {
            // Newest first; a few of the 512 stand for all.
            let slots = [at, target + 1, target, target - 1];
            let mut slots: Vec<u64> =
                slots.into_iter().filter(|slot| Some(*slot) != skipped).collect();
            slots.dedup();
            let mut data = (slots.len() as u64).to_le_bytes().to_vec();
            for (slot, hash) in slots.into_iter().map(block) {
                data.extend_from_slice(&slot.to_le_bytes());
                hash.iter().for_each(|word| data.extend_from_slice(&word.to_le_bytes()));
            }
            let mut beacon = *beacon;
            beacon.draw(&data, self.now_secs).unwrap();
            beacon
        };
        let moments = [target + 1, target + 57, target + 510];
        let all: Vec<Beacon> = match self.draws {
            Draws::Fair => vec![drawn(&self.beacon, None, moments[0])],
            _ => moments.map(|at| drawn(&self.beacon, None, at)).to_vec(),
        };
        assert!(
            all.windows(2).all(|two| two[0] == two[1]),
            "the moment of drawing changed the seed"
        );
        let mut chosen = all[0];
        if let Draws::Colluding(percent) = self.draws {
            if self.rng.next() % 100 < percent {
                let other = drawn(&self.beacon, Some(target), moments[1]);
                assert_ne!(other, chosen);
                if self.misses(&other) < self.misses(&chosen) {
                    chosen = other;
                }
            }
        }
        self.beacon = chosen;
    }

    /// Challenges that the peer could not answer, if the beacon were this one. Known to it while it owes nothing older.
    fn misses(&self, beacon: &Beacon) -> usize {
        let mut book = self.book.clone();
        let mut ledger = book.view();
        ledger.sync(beacon).unwrap();
        let Ok(draw) = ledger.owed(beacon) else { return 0 };
        let missed = |k: &u8| {
            let (slot, _) = ledger.challenge(draw, *k).unwrap();
            let leaf = ledger.named_leaf(draw, *k, self.lease(slot)).unwrap();
            !self.stock.holds(slot, leaf)
        };
        (0..CHALLENGES).filter(missed).count()
    }

    /// The peer answers all that it can, oldest first; anyone gives up what may be given up.
    fn prove(&mut self, day: u64) {
        let mut ledger = self.book.view();
        ledger.sync(&self.beacon).unwrap();
        while let Ok(draw) = ledger.owed(&self.beacon) {
            for k in (0..CHALLENGES)
                .filter(|k| (ledger.answered | ledger.defaulted) >> k & 1 == 0)
                .collect::<Vec<_>>()
            {
                let (slot, _) = ledger.challenge(draw, k).unwrap();
                let mut lease = *self.ended.get(&slot).unwrap_or(&self.stock.leases[slot as usize]);
                let leaf = ledger.named_leaf(draw, k, &lease).unwrap();
                let dead = lease.is_lost();
                if self.stock.holds(slot, leaf) && !dead {
                    ledger.answer(k).unwrap();
                    continue;
                }
                self.caught.get_or_insert(day);
                if ledger.default_challenge(&self.beacon, k, dead).is_ok() && !dead {
                    lease.status = LeaseStatus::Ended as u8;
                    lease.end = EndReason::Defaulted as u8;
                    ledger.record_loss(self.now_secs);
                    self.defaulted.get_or_insert(day);
                    self.lost += 1;
                    self.ended.insert(slot, lease);
                }
            }
            if ledger.finish(&self.beacon, self.now_secs).unwrap().is_none() {
                break;
            }
        }
    }
}

struct Found {
    trials: u64,
    /// Within thirty days.
    caught: u64,
    /// Of those, with the lease lost by the day after the grace.
    defaulted: u64,
    /// Days until it is caught, on average of the caught.
    mean_day: f64,
}

/// Many peers until they are caught and the lease has defaulted, or thirty days are over.
fn search(loss: Loss, draws: Draws, first: u64, trials: u64) -> Found {
    let stock = Stock::new(loss);
    let run = |range: std::ops::Range<u64>| {
        let (mut caught, mut defaulted, mut days) = (0, 0, 0);
        for seed in range {
            let mut trial = Trial::new(&stock, draws, first + seed);
            for day in 1..=DAYS {
                trial.day(day);
                if let Some(day) = trial.caught {
                    (caught, days) = (caught + 1, days + day);
                    (day + 1..=day + 3).for_each(|day| trial.day(day));
                    defaulted += u64::from(trial.defaulted == Some(day + 3));
                    break;
                }
            }
        }
        (caught, defaulted, days)
    };
    let half = trials / 2;
    let sums = std::thread::scope(|scope| {
        let other = scope.spawn(|| run(0..half));
        let (one, two) = (run(half..trials), other.join().unwrap());
        (one.0 + two.0, one.1 + two.1, one.2 + two.2)
    });
    let mean_day = sums.2 as f64 / sums.0.max(1) as f64;
    Found { trials, caught: sums.0, defaulted: sums.1, mean_day }
}

/// What theory says: `share` of the weight lost, `k` challenges a day, thirty days, `colluding` of the target slots.
fn expected(share: f64, k: u8, colluding: f64) -> f64 {
    let clean = (1.0 - share).powi(i32::from(k));
    let day = (1.0 - colluding) * clean + colluding * (1.0 - (1.0 - clean).powi(2));
    1.0 - day.powi(DAYS as i32)
}

const SETTINGS: [(Loss, Draws, &str, &str); 7] = [
    (Loss::Leaves, Draws::Fair, "1 % of the leaves of every lease", "nobody's choice"),
    (Loss::Leaves, Draws::Chosen, "1 % of the leaves of every lease", "the peer's choice"),
    (
        Loss::Leaves,
        Draws::Colluding(5),
        "1 % of the leaves of every lease",
        "the peer's choice, 5 % of leaders collude",
    ),
    (Loss::Leases, Draws::Chosen, "1 % of the leases, whole", "the peer's choice"),
    (
        Loss::Leases,
        Draws::Colluding(5),
        "1 % of the leases, whole",
        "the peer's choice, 5 % of leaders collude",
    ),
    (
        Loss::SmallRecords,
        Draws::Chosen,
        "all small records: 0.004 % of the bytes, 1 % of the weight",
        "the peer's choice",
    ),
    (
        Loss::SmallRecords,
        Draws::Colluding(5),
        "all small records: 0.004 % of the bytes, 1 % of the weight",
        "the peer's choice, 5 % of leaders collude",
    ),
];

fn colluding(draws: Draws) -> f64 {
    match draws {
        Draws::Colluding(percent) => percent as f64 / 100.0,
        _ => 0.0,
    }
}

#[test]
fn detection_is_what_theory_says_whatever_is_lost() {
    assert!(expected(0.01, CHALLENGES, 0.0) >= 0.999);
    assert!(expected(0.01, CHALLENGES, 0.05) >= 0.9989);
    for (n, (loss, draws, ..)) in (1..).zip(SETTINGS) {
        let found = search(loss, draws, n << 32, 400);
        // Of 400 peers, 0.3 or 0.4 escape on average; more than six in one run of 20,000.
        assert!(found.trials - found.caught <= 6, "{loss:?} {draws:?}: {} caught", found.caught);
        assert_eq!(found.defaulted, found.caught, "what is caught defaults when its grace is over");
        assert!((3.0..6.0).contains(&found.mean_day), "{loss:?} {draws:?}: day {}", found.mean_day);
    }
}

#[test]
fn a_peer_that_holds_everything_is_never_caught_and_always_paid() {
    let stock = Stock::new(Loss::Nothing);
    let mut trial = Trial::new(&stock, Draws::Colluding(5), 1);
    (1..=90).for_each(|day| trial.day(day));
    assert_eq!((trial.caught, trial.lost, trial.whole), (None, 0, None));
    assert_eq!(trial.book.head().credited_between(0, u64::MAX), 90);
}

/// Bytes on the wire of a v1 transaction with so many proofs of so many levels, each of another lease.
fn wire_bytes(count: usize, levels: usize) -> usize {
    let key = |n: u8| Pubkey::new_from_array([n; 32]);
    let mut accounts = aceso::accounts::ProofSubmit {
        ledger: key(2),
        beacon: key(3),
        event_authority: key(4),
        program: aceso::ID,
    }
    .to_account_metas(None);
    accounts.extend((0..count).map(|n| AccountMeta::new_readonly(key(10 + n as u8), false)));
    let one = Proof { k: 0, leaf: vec![0; 512], path: vec![[0; 32]; levels] };
    let data = ix::ProofSubmit { proofs: vec![one; count] }.data();
    let instruction = Instruction { program_id: aceso::ID, accounts, data };
    let config = v1::TransactionConfig::empty()
        .with_compute_unit_limit(60_000)
        .with_loaded_accounts_data_size_limit(16 << 20);
    let blockhash = Default::default();
    let message = v1::Message::try_compile_with_config(&key(9), &[instruction], blockhash, config);
    64 + solana_message::VersionedMessage::V1(message.unwrap()).serialize().len()
}

/// Most proofs that one transaction carries.
fn proofs_per_transaction(levels: usize) -> usize {
    (1..=8).take_while(|count| wire_bytes(*count, levels) <= V1_BYTES).last().unwrap()
}

const V1_BYTES: usize = 4_096;
const FEE_LAMPORTS: u64 = 5_000;

fn sol_per_year(transactions_per_day: u64) -> f64 {
    (transactions_per_day * 365 * FEE_LAMPORTS) as f64 / 1e9
}

fn days_sol(per_transaction: usize) -> (u64, f64) {
    let transactions = u64::from(CHALLENGES).div_ceil(per_transaction as u64);
    (transactions, sol_per_year(transactions))
}

#[test]
fn proofs_of_a_peer_year_cost_at_most_three_hundredths_of_a_sol() {
    // (GiB, levels): leaves are half a KiB, so a GiB has 2^21.
    for (gib, levels) in [(0.5, 20), (1.0, 21), (2.0, 22), (4.0, 23), (8.0, 24), (16.0, 25)] {
        let (transactions, sol) = days_sol(proofs_per_transaction(levels));
        println!("{gib} GiB: {} bytes, {transactions} a day, {sol} SOL", wire_bytes(3, levels));
        // And if it had to arm and draw every day all alone.
        assert!(sol + sol_per_year(2) <= 0.03, "{gib} GiB");
    }
    assert_eq!(proofs_per_transaction(22), 3, "up to 2 GiB");
    assert_eq!(proofs_per_transaction(25), 2, "up to 16 GiB");
}

/// What becomes of a thousand peers that lost a hundredth and go on answering what they can.
fn aftermath(loss: Loss, peers: u64) -> [f64; 4] {
    let stock = Stock::new(loss);
    let mut sums = [0u64; 4];
    for seed in 0..peers {
        let mut trial = Trial::new(&stock, Draws::Chosen, seed + 1);
        (1..=60).for_each(|day| trial.day(day));
        sums[0] += trial.book.head().credited_between(DAY_ZERO, DAY_ZERO + 31);
        sums[1] += u64::from(trial.defaulted.is_some_and(|day| day <= 30));
        sums[2] += u64::from(trial.whole.is_some_and(|day| day <= 30));
        sums[3] += u64::from(trial.whole.is_some());
    }
    sums.map(|sum| sum as f64 / peers as f64)
}

/// The long form: the table of docs/detection.md.
#[test]
#[ignore = "minutes; writes docs/detection.md"]
fn detection_over_many_peers() {
    let trials = 200_000;
    let mut table = String::new();
    for (n, (loss, draws, lost, seeds)) in (1..).zip(SETTINGS) {
        let found = search(loss, draws, n << 32, trials);
        let share = found.caught as f64 / trials as f64;
        let theory = expected(0.01, CHALLENGES, colluding(draws));
        writeln!(
            table,
            "| {lost} | {seeds} | {:.3} % | {:.3} % | {:.1} | {} of {} |",
            share * 100.0,
            theory * 100.0,
            found.mean_day,
            found.defaulted,
            found.caught,
        )
        .unwrap();
        let sigma = (theory * (1.0 - theory) / trials as f64).sqrt();
        assert!((share - theory).abs() < 4.0 * sigma, "{loss:?} {draws:?}: {share} for {theory}");
        assert_eq!(found.defaulted, found.caught);
        assert!(share >= if colluding(draws) > 0.0 { 0.9989 } else { 0.999 }, "{loss:?} {draws:?}");
    }
    let mut after = String::new();
    for (loss, _, lost, _) in [SETTINGS[1], SETTINGS[3], SETTINGS[5]] {
        let [paid, defaulted, whole, whole_60] = aftermath(loss, 500);
        writeln!(
            after,
            "| {lost} | {:.1} % | {:.1} % | {:.1} % | {paid:.1} of 30 |",
            defaulted * 100.0,
            whole * 100.0,
            whole_60 * 100.0,
        )
        .unwrap();
    }
    let mut fees = String::new();
    for (size, levels) in [
        ("512 MiB", 20),
        ("1 GiB", 21),
        ("2 GiB", 22),
        ("4 GiB", 23),
        ("8 GiB", 24),
        ("16 GiB", 25),
    ] {
        let count = proofs_per_transaction(levels);
        let (transactions, sol) = days_sol(count);
        let bytes = wire_bytes(count, levels);
        writeln!(
            fees,
            "| {size} | {levels} | {count} | {bytes} | {transactions} | {sol:.4} | {:.4} |",
            sol + sol_per_year(2)
        )
        .unwrap();
    }
    let pdp = |share: f64| format!("{:.2} %", expected(share, 5, 0.0) * 100.0);
    let ours =
        |share: f64, colluding| format!("{:.2} %", expected(share, CHALLENGES, colluding) * 100.0);
    let mut beside = String::new();
    for percent in [0.1, 0.5, 1.0, 5.0] {
        let share = percent / 100.0;
        let published = match percent {
            1.0 => "77.9 % (published)".to_owned(),
            5.0 => "99.95 % (published)".to_owned(),
            _ => format!("{} (by its formula)", pdp(share)),
        };
        writeln!(
            beside,
            "| {percent} % | {published} | {} | {} |",
            ours(share, 0.0),
            ours(share, 0.05)
        )
        .unwrap();
    }
    let text = TEXT
        .replace("@TRIALS@", "200,000")
        .replace("@TABLE@", table.trim_end())
        .replace("@AFTER@", after.trim_end())
        .replace("@FEES@", fees.trim_end())
        .replace("@BESIDE@", beside.trim_end());
    print!("{text}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/detection.md");
    std::fs::write(path, text).unwrap();
}

const TEXT: &str = "\
# How surely a loss is found

Written by `cargo test -p aceso --test state -- --ignored detection` (the same numbers in every run: all chance comes from fixed seeds). Beacon, ledger, tree of weights and challenges are the program's own code; a lease is proven here by asking whether the peer still holds the leaf that its challenge names.

## Thirty days of a peer that lost a hundredth

24 challenges a day, epochs of a day, a grace of 3 draws, @TRIALS@ peers a line, each line with chances of its own; what a line says of *caught* is within 0.014 percent points of *theory* nineteen times of twenty. *Caught*: a challenge named what is lost, within 30 days. *Theory*: 1 − 0.99^(24·30), and with colluding leaders the day's chance to go unnoticed q = 0.99^24 replaced by 0.95·q + 0.05·(1 − (1 − q)²). *Defaulted*: caught peers whose lease was defaulted, and its lock paid to its owner, at the draw at which the grace was over.

| lost | who draws | caught | theory | after days | defaulted |
|---|---|---:|---:|---:|---:|
@TABLE@

- **A peer that chooses when to draw** has nothing to choose: each moment at which a draw is allowed gives the same seed (the run asserts it), and at any other it is refused.
- **A colluding leader** of the target slot can withhold its block, which makes the next block's hash the seed: one more chance, bought with a block's reward. That is what the lines with 5 % count, on every such day, with the peer taking the better of both. A leader cannot choose the hash of a block that it does produce freely, but may try a few orders of its transactions; a line for that would need a model of the network, and is not here.
- **What this does not cover: nobody else awake.** A draw that nobody makes for 512 slots (3.4 minutes) is re-armed for another seed. A peer that knew that nobody but itself draws could let seeds go by until it likes one. One honest party, for a few minutes a day, is enough: any other peer, or anyone who runs `aceso watch`. Every peer's daemon draws.
- **Small records are not free to drop.** They are drawn by weight (at least 2,048 leaves), so those that are a hundredth of the weight are found like any other hundredth, though they are a 25,000th of the bytes.

## What becomes of it

The same peers, going on for 60 days, answering all that they can (500 a line). A peer is defaulted whole after more than 3 lost leases in 30 days; that pays every lease its lock.

| lost | a lease defaulted within 30 days | whole peer within 30 days | within 60 days | days paid |
|---|---:|---:|---:|---:|
@AFTER@

Defaults lag behind by the grace: a loss that is first named in the last three days of the month defaults in the next.

## What proving costs

Fees of 5,000 lamports a signature, no priority fee. A proof has the leaf (512 bytes) and one hash a level; as many as fit go into one v1 transaction (4,096 bytes), and there are 24 a day **whatever the peer stores**. The last column adds arming and drawing every day, if no other peer ever did it.

| leases up to | levels | proofs in one | its bytes | transactions a day | SOL a peer-year | with arming and drawing |
|---|---:|---:|---:|---:|---:|---:|
@FEES@

Beside these are fees that follow the number of leases and not the proofs: accepting one is one signature (5,000 lamports, once, and 8 bytes of the ledger's rent, which comes back); a settlement pays for up to 54 leases with one (64 addresses, ten of them its own), so a lease that is settled every month costs 1,111 lamports a year; taking ended leases out of the set is one for up to 59.

## Beside Filecoin's PDP

PDP's documents (FilOzone/pdp, docs/design.md) name 5 challenges a day and what they find in 30 days; ours by the formulas above.

| lost | PDP, 5 a day | Aceso, 24 a day | with 5 % of leaders colluding |
|---|---:|---:|---:|
@BESIDE@

PDP's seeds come from drand, which no leader can withhold; it pays for each day's proof in gas that grows with the size and number of pieces, while 24 challenges here cost the same for any size.
";
