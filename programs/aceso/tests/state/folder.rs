//! A reader that left never finds a head sealed to an epoch whose seed it knows, whatever the history.

use std::collections::{BTreeMap, BTreeSet};

use aceso::{constants::NO_END, error::AcesoError, state::*};
use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use proptest::prelude::*;

const OWNER: Pubkey = Pubkey::new_from_array([1; 32]);
const DELEGATE: Pubkey = Pubkey::new_from_array([2; 32]);

#[derive(Clone, Debug)]
enum Step {
    /// Grants to a reader for so many seconds (0: without an end), by the owner or a delegate.
    Grant {
        reader: u8,
        secs: i64,
        by_owner: bool,
    },
    Update {
        reader: u8,
        secs: i64,
    },
    Revoke {
        reader: u8,
    },
    Expire {
        reader: u8,
    },
    Rotate {
        by_owner: bool,
    },
    /// A reader who may rotate seals the new key to whom it likes, and claims that the first end is so far off (0: never).
    Lie {
        reader: u8,
        secs: i64,
    },
    DelegateLeaves,
    Wait {
        secs: i64,
    },
    /// Relies on a state that has passed.
    Stale {
        epoch: u32,
        members: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let secs = prop_oneof![Just(0i64), 1i64..200];
    prop_oneof![
        4 => (0..6u8, secs.clone(), any::<bool>())
            .prop_map(|(reader, secs, by_owner)| Step::Grant { reader, secs, by_owner }),
        2 => (0..6u8, secs.clone()).prop_map(|(reader, secs)| Step::Update { reader, secs }),
        2 => (0..6u8).prop_map(|reader| Step::Revoke { reader }),
        2 => (0..6u8).prop_map(|reader| Step::Expire { reader }),
        3 => any::<bool>().prop_map(|by_owner| Step::Rotate { by_owner }),
        2 => (0..6u8, secs).prop_map(|(reader, secs)| Step::Lie { reader, secs }),
        1 => Just(Step::DelegateLeaves),
        3 => (1i64..120).prop_map(|secs| Step::Wait { secs }),
        1 => (0..3u32, 0..3u32).prop_map(|(epoch, members)| Step::Stale { epoch, members }),
    ]
}

/// The folder as the program keeps it, beside what its readers really know.
struct Model {
    folder: Folder,
    now_secs: i64,
    grants: BTreeMap<u8, Grant>,
    /// Epochs whose seed each reader has been given.
    knows: BTreeMap<u8, BTreeSet<u32>>,
    /// Who lied when it began the present epoch: as long as it reads itself, it can pass on what it reads.
    liar: Option<u8>,
    blobs: u64,
}

fn new_blob(blobs: &mut u64) -> Blob {
    *blobs += 1;
    let mut digest = [0xab; 32];
    digest[..8].copy_from_slice(&blobs.to_le_bytes());
    Blob { digest, len: 100 }
}

fn until(now_secs: i64, secs: i64) -> i64 {
    if secs == 0 {
        NO_END
    } else {
        now_secs + secs
    }
}

fn terms(now_secs: i64, secs: i64) -> Terms {
    Terms { purpose: 1, permissions: 1, from_secs: now_secs - 1, until_secs: until(now_secs, secs) }
}

impl Model {
    fn new() -> Self {
        let mut folder = Folder::zeroed();
        let mut blobs = 0;
        let keyring = new_blob(&mut blobs);
        folder.open(&Pubkey::new_from_array([9; 32]), OWNER, [3; 16], keyring, 1_000).unwrap();
        let (grants, knows) = (BTreeMap::new(), BTreeMap::new());
        Self { folder, now_secs: 1_000, grants, knows, liar: None, blobs }
    }

    fn swap(&mut self) -> Swap {
        Swap { expected: self.folder.keyring_digest, blob: new_blob(&mut self.blobs) }
    }

    /// Runs the rule on a copy, as a transaction does: a refusal leaves nothing.
    fn attempt(&mut self, rule: impl FnOnce(&mut Folder) -> anchor_lang::Result<()>) -> bool {
        let mut folder = self.folder;
        let done = rule(&mut folder).is_ok();
        if done {
            self.folder = folder;
        }
        done
    }

    fn apply(&mut self, step: &Step) {
        let (now_secs, epoch) = (self.now_secs, self.folder.epoch);
        match *step {
            Step::Wait { secs } => self.now_secs += secs,
            Step::Grant { reader, secs, by_owner } => {
                if self.grants.contains_key(&reader) {
                    return; // its address is taken
                }
                let (swap, terms) = (self.swap(), terms(now_secs, secs));
                let writer = if by_owner { OWNER } else { DELEGATE };
                let granted = self.attempt(|folder| {
                    folder.require_sealable(now_secs)?;
                    folder.swap_keyring(&swap, epoch, writer)?;
                    folder.grant_added(terms.until_secs)
                });
                if granted {
                    let mut grant = Grant::zeroed();
                    grant.number = epoch;
                    grant.reader_key_version = 1;
                    grant.reader = Pubkey::new_from_array([50 + reader; 32]);
                    grant.owner = OWNER;
                    grant.scope_kind = ScopeKind::Folder as u8;
                    grant.set_terms(&terms, now_secs).unwrap();
                    self.grants.insert(reader, grant);
                    // The newest keyring carries all earlier seeds.
                    self.knows.entry(reader).or_default().extend(1..=epoch);
                }
            }
            Step::Update { reader, secs } => {
                let Some(mut grant) = self.grants.get(&reader).copied() else { return };
                if grant.update(&terms(now_secs, secs), now_secs).is_err() {
                    return;
                }
                let until_secs = grant.until_secs;
                assert!(self.attempt(|folder| folder.grant_changed(until_secs)));
                self.grants.insert(reader, grant);
            }
            Step::Revoke { reader } => self.end(reader, false),
            Step::Expire { reader } => self.end(reader, true),
            Step::Rotate { by_owner } => {
                let live = self.grants.iter().filter(|(_, grant)| grant.until_secs > now_secs);
                let live: Vec<(u8, i64)> = live.map(|(r, grant)| (*r, grant.until_secs)).collect();
                let earliest = live.iter().map(|(_, until)| *until).min().unwrap_or(NO_END);
                let (swap, members) = (self.swap(), self.folder.members_version);
                // This delegate reads without an end.
                let profile = if by_owner { OWNER } else { DELEGATE };
                let writer = Writer { profile, reads_until_secs: NO_END };
                assert!(self.attempt(|folder| {
                    folder.rotate(&swap, epoch, members, earliest, writer, now_secs)
                }));
                self.liar = None;
                for (reader, _) in live {
                    self.knows.entry(reader).or_default().insert(epoch + 1);
                }
            }
            Step::Lie { reader, secs } => {
                let Some(grant) = self.grants.get(&reader).copied() else { return };
                if grant.require_live(now_secs).is_err() {
                    return; // `Acting` asks for a live grant of its own
                }
                let (swap, members) = (self.swap(), self.folder.members_version);
                let writer = Writer { profile: grant.reader, reads_until_secs: grant.until_secs };
                let claimed = until(now_secs, secs);
                if self.attempt(|folder| {
                    folder.rotate(&swap, epoch, members, claimed, writer, now_secs)
                }) {
                    // To everybody, those who left too.
                    (0..6).for_each(|reader| {
                        self.knows.entry(reader).or_default().insert(epoch + 1);
                    });
                    self.liar = Some(reader);
                }
            }
            Step::DelegateLeaves => assert!(self.attempt(Folder::reader_left)),
            Step::Stale { epoch, members } => self.refuse_stale(epoch, members),
        }
    }

    fn end(&mut self, reader: u8, expire: bool) {
        let Some(grant) = self.grants.get(&reader).copied() else { return };
        if expire && grant.require_ended(self.now_secs).is_err() {
            assert!(grant.until_secs >= self.now_secs);
            return;
        }
        assert!(self.attempt(|folder| folder.grant_removed(grant.until_secs)));
        self.grants.remove(&reader);
    }

    /// Whoever names another epoch, keyring or membership than the present one is refused.
    fn refuse_stale(&mut self, epoch: u32, members: u32) {
        let (now_secs, folder) = (self.now_secs, self.folder);
        let swap = self.swap();
        let owner = Writer { profile: OWNER, reads_until_secs: NO_END };
        let behind = Swap { expected: [0xcd; 32], ..swap };
        let mut rotate = |swap: &Swap, epoch, members| {
            self.attempt(|folder| folder.rotate(swap, epoch, members, NO_END, owner, now_secs))
        };
        if epoch != 0 {
            assert!(!rotate(&swap, folder.epoch.wrapping_sub(epoch), folder.members_version));
        }
        if members != 0 {
            assert!(!rotate(&swap, folder.epoch, folder.members_version.wrapping_sub(members)));
        }
        assert!(!rotate(&behind, folder.epoch, folder.members_version));
        assert!(folder.require_epoch(folder.epoch + 1, &folder.keyring_digest, now_secs).is_err());
        assert!(folder.require_epoch(folder.epoch, &[0xcd; 32], now_secs).is_err());
    }

    /// What must hold after every step.
    fn check(&self) {
        let folder = &self.folder;
        folder.invariant().unwrap();
        assert_eq!(folder.grants as usize, self.grants.len(), "counter");
        // The owner can always go back to the last keyring of its own, while another's is in force.
        let foreign = folder.keyring_by != OWNER;
        assert_eq!(foreign, folder.previous_keyring_digest != [0; 32]);
        if folder.require_sealable(self.now_secs).is_err() {
            return;
        }
        // A head may be sealed to this epoch: whoever knows its seed has a grant that has not run out, or has the seed from
        // somebody who has one.
        let may_read =
            |reader| self.grants.get(reader).is_some_and(|grant| grant.until_secs >= self.now_secs);
        let told = self.liar.as_ref().is_some_and(may_read);
        for (reader, epochs) in &self.knows {
            if epochs.contains(&folder.epoch) {
                assert!(
                    told || may_read(reader),
                    "reader {reader} left and knows the seed of epoch {}",
                    folder.epoch
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn who_left_is_shut_out(steps in prop::collection::vec(step(), 1..60)) {
        let mut model = Model::new();
        for step in &steps {
            model.apply(step);
            model.check();
        }
    }
}

#[test]
fn what_is_cleared_away_after_a_rotation_asks_for_no_second_one() {
    let mut model = Model::new();
    for step in [
        Step::Grant { reader: 0, secs: 10, by_owner: true },
        Step::Wait { secs: 11 },
        Step::Rotate { by_owner: true },
        Step::Expire { reader: 0 },
    ] {
        model.apply(&step);
        model.check();
    }
    assert_eq!(model.folder.rotate_due, 0);
}

#[test]
fn counters_refuse_to_wrap() {
    let overflow = |result: anchor_lang::Result<()>| {
        assert_eq!(result.unwrap_err(), AcesoError::Overflow.into());
    };
    let mut folder = Folder { members_version: u32::MAX, ..Folder::zeroed() };
    overflow(folder.grant_changed(1));
    overflow(folder.reader_left());
    let mut folder = Folder { records: u32::MAX, grants: u32::MAX, ..Folder::zeroed() };
    overflow(folder.record_added());
    overflow(folder.grant_added(1));
    let broken = |result: anchor_lang::Result<()>| {
        assert_eq!(result.unwrap_err(), AcesoError::InvariantBroken.into());
    };
    broken(Folder::zeroed().record_removed());
    broken(Folder::zeroed().grant_removed(0));
    broken(Record::zeroed().grant_removed());
    broken(Profile::zeroed().folder_removed());
    broken(Profile::zeroed().delegate_removed());
}
