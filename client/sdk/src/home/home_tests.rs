use std::{fs, path::PathBuf, time::Duration};

use aceso_format::{
    BlobAddress,
    key::{SigningSeed, XWingSeed},
};
use anchor_lang::prelude::Pubkey;
use solana_hash::Hash;
use solana_signer::Signer;
use zeroize::Zeroizing;

use super::*;
use crate::chain::{Fetched, Folder, Lifetime, Profile, Record, Signature};

const LIGHT: WorkFactor = WorkFactor(4);
const GENESIS: Hash = Hash::new_from_array([1; 32]);

struct Place {
    _temp: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("home");
        Self { _temp: temp, root }
    }

    fn dir(&self) -> HomeDir {
        HomeDir::open(&self.root).unwrap()
    }

    fn create(&self) -> Home {
        Home::create(self.dir(), GENESIS, password(), LIGHT).unwrap()
    }

    fn unlock(&self) -> Home {
        Home::unlock(self.dir(), GENESIS, password(), LIGHT).unwrap()
    }
}

fn password() -> Password {
    Password::new(Zeroizing::new("correct horse".to_owned())).unwrap()
}

fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}

fn fetched<T: bytemuck::Zeroable>(change: impl FnOnce(&mut T)) -> Fetched<T> {
    let mut account = T::zeroed();
    change(&mut account);
    Fetched { address: key(7), account, lamports: 1, slot: 1 }
}

fn folder(slot: u64, epoch: u32, count: u64, head: u8) -> Fetched<Folder> {
    fetched(|folder: &mut Folder| {
        folder.meta.created_slot = slot;
        (folder.epoch, folder.audit_count, folder.audit_head) = (epoch, count, [head; 32]);
    })
}

fn record(version: u32, count: u64, head: u8) -> Fetched<Record> {
    fetched(|record: &mut Record| {
        record.meta.created_slot = 5;
        (record.version, record.audit_count, record.audit_head) = (version, count, [head; 32]);
    })
}

#[test]
fn names_are_unique_within_their_kind_and_stay() {
    let place = Place::new();
    let home = place.create();
    home.name_set(NameKind::Contact, " Dr Ada ", &key(1)).unwrap();
    home.name_set(NameKind::Folder, "Dr Ada", &key(2)).unwrap();
    let taken = home.name_set(NameKind::Contact, "dr  ada", &key(3));
    assert!(matches!(taken, Err(HomeError::NameTaken { taken_by, .. }) if taken_by == key(1)));
    for bad in ["", "  ", "a\u{7}b"] {
        let refused = home.name_set(NameKind::Contact, bad, &key(3));
        assert!(matches!(refused, Err(HomeError::NameUnusable { .. })), "{bad:?}");
    }
    home.name_set(NameKind::Contact, "Ада 医生", &key(1)).unwrap();
    drop(home);
    let home = place.unlock();
    assert_eq!(home.named(NameKind::Contact, "ада 医生").unwrap(), Some(key(1)));
    assert_eq!(home.named(NameKind::Contact, "Dr Ada").unwrap(), None);
    assert_eq!(home.name_of(&key(2)).unwrap().as_deref(), Some("Dr Ada"));
    assert_eq!(home.contacts().unwrap().len(), 1);
    home.name_remove(NameKind::Contact, &key(1)).unwrap();
    assert!(home.contacts().unwrap().is_empty());
    // Another chain knows nothing of this one.
    let other =
        Home::unlock(place.dir(), Hash::new_from_array([2; 32]), password(), LIGHT).unwrap();
    assert_eq!(other.name_of(&key(2)).unwrap(), None);
}

#[test]
fn what_was_seen_does_not_go_back() {
    let home = Place::new().create_kept();
    let home = &home.1;
    home.folder_seen(&folder(5, 2, 10, 1)).unwrap();
    home.folder_seen(&folder(5, 2, 10, 1)).unwrap();
    let refused = |folder| home.folder_seen(&folder).unwrap_err();
    assert!(matches!(
        refused(folder(5, 1, 11, 2)),
        HomeError::EpochBelowSeen { found: 1, seen: 2, .. }
    ));
    assert!(matches!(
        refused(folder(5, 2, 9, 2)),
        HomeError::CountBelowSeen { found: 9, seen: 10, .. }
    ));
    assert!(matches!(
        refused(folder(5, 2, 10, 2)),
        HomeError::SameCountDiffers { what: "trail", .. }
    ));
    assert!(matches!(refused(folder(4, 9, 99, 2)), HomeError::CountBelowSeen { .. }));
    let mut other_keyring = folder(5, 2, 10, 1);
    other_keyring.account.keyring_digest = [9; 32];
    assert!(matches!(refused(other_keyring), HomeError::SameCountDiffers { what: "keyring", .. }));
    home.folder_seen(&folder(5, 3, 12, 3)).unwrap();
    // Made anew at the same address: nobody's word is enough for that.
    assert!(matches!(refused(folder(6, 1, 1, 4)), HomeError::MadeAnew { .. }));
    home.pin_forget(&key(7)).unwrap();
    home.folder_seen(&folder(6, 1, 1, 4)).unwrap();
    assert_eq!(home.folder_pin(&key(7)).unwrap().unwrap().created_slot, 6);

    home.record_seen(&record(2, 5, 1)).unwrap();
    let refused = |record| home.record_seen(&record).unwrap_err();
    assert!(matches!(
        refused(record(1, 9, 1)),
        HomeError::VersionBelowSeen { found: 1, seen: 2, .. }
    ));
    assert!(matches!(refused(record(2, 4, 1)), HomeError::CountBelowSeen { .. }));
    assert!(matches!(refused(record(2, 5, 2)), HomeError::SameCountDiffers { .. }));
    // Of a refusal nothing is remembered.
    let both = home.all_seen(&[folder(6, 2, 2, 5)], &[record(1, 1, 1)]);
    assert!(both.is_err());
    assert_eq!(home.folder_pin(&key(7)).unwrap().unwrap().epoch, 1);
}

#[test]
fn pinned_bundles_hold() {
    let home = Place::new().create_kept();
    let home = &home.1;
    let profile = |version, digest| {
        fetched(|profile: &mut Profile| {
            (profile.key_version, profile.bundle_digest) = (version, [digest; 32]);
        })
    };
    let pin = |key_version, digest, verified| BundlePin {
        profile: key(7),
        key_version,
        digest: [digest; 32],
        len: 2000,
        fingerprint: "ab".repeat(20),
        first_seen_secs: 5,
        verified,
    };
    assert_eq!(home.bundle_check(&profile(2, 1)).unwrap(), None);
    home.bundle_pin_set(&pin(2, 1, false)).unwrap();
    assert_eq!(home.bundle_check(&profile(2, 1)).unwrap(), Some(pin(2, 1, false)));
    let refused = |version, digest| home.bundle_check(&profile(version, digest)).unwrap_err();
    assert!(matches!(refused(2, 9), HomeError::BundleChanged { pinned: 2, found: 2, .. }));
    assert!(matches!(refused(3, 9), HomeError::BundleChanged { pinned: 2, found: 3, .. }));
    assert!(matches!(refused(1, 1), HomeError::BundleBelowSeen { found: 1, seen: 2, .. }));
    assert!(home.bundle_pin_set(&pin(1, 1, true)).is_err());
    assert!(home.bundle_pin_set(&pin(2, 9, true)).is_err());
    home.bundle_pin_set(&pin(3, 9, true)).unwrap();
    assert_eq!(home.bundle_pins().unwrap(), [pin(3, 9, true)]);
}

#[test]
fn a_damaged_book_is_not_forgotten_in_silence() {
    let (place, home) = Place::new().create_kept();
    home.name_set(NameKind::Contact, "Ada", &key(1)).unwrap();
    let path = place.dir().chain(&GENESIS).join("book.json");
    let text = fs::read_to_string(&path).unwrap();
    for bad in [&text[..text.len() / 2], "", "{}", &text.replace("\"layout\": 1", "\"layout\": 2")]
    {
        fs::write(&path, bad).unwrap();
        assert!(matches!(home.contacts(), Err(HomeError::Damaged { .. })), "{bad:?}");
        assert!(home.name_set(NameKind::Contact, "Eve", &key(2)).is_err());
    }
}

#[test]
fn an_interrupted_action_is_found_with_its_steps_and_secret() {
    let (place, home) = Place::new().create_kept();
    let blob = BlobAddress { digest: [4; 32], len: 900 };
    let lifetime = Lifetime { signature: Signature::from([6; 64]), last_valid_block_height: 77 };
    let steps = [
        JournalStep::Pinning { store: "kubo".to_owned(), blob },
        JournalStep::Sending { part: 3, lifetime },
        JournalStep::Confirmed { part: 3 },
        JournalStep::Note { name: "record".to_owned(), value: serde_json::json!([1, "x"]) },
    ];
    let mut action = home.journal().begin("put", &("folder", 5), b"head key").unwrap();
    for step in &steps {
        action.step(step.clone()).unwrap();
    }
    // Still held by a living command.
    assert!(place.unlock().journal().unfinished().unwrap().actions.is_empty());
    drop(action);

    let home = place.unlock();
    let mut found = home.journal().unfinished().unwrap().actions;
    let action = found.remove(0);
    assert_eq!((action.kind(), action.secret()), ("put", &b"head key"[..]));
    assert_eq!(action.intent::<(String, u32)>().unwrap(), ("folder".to_owned(), 5));
    assert_eq!(action.steps(), steps);
    drop(action);

    // A line that was cut off by a crash is left out; a changed secret is refused; an end leaves nothing.
    let dir = place.dir().chain(&GENESIS).join("journal");
    let path = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("head key"));
    fs::write(&path, &text[..text.len() - 5]).unwrap();
    let mut found = home.journal().unfinished().unwrap().actions;
    assert_eq!(found[0].steps(), &steps[..3]);
    found[0].step(steps[3].clone()).unwrap();
    drop(found);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let at = text.find("\"secret\":\"").unwrap() + 20;
    let letter = if &text[at..=at] == "A" { "B" } else { "A" };
    fs::write(&path, format!("{}{letter}{}", &text[..at], &text[at + 1..])).unwrap();
    // One that cannot be read is told of, and hides no other.
    drop(home.journal().begin("put", &(), &[]).unwrap());
    let found = home.journal().unfinished().unwrap();
    assert!(matches!(found.unreadable.as_slice(), [HomeError::JournalUnreadable { .. }]));
    let [other] = found.actions.try_into().ok().unwrap();
    other.end().unwrap();
    fs::write(&path, &text).unwrap();
    let mut found = home.journal().unfinished().unwrap().actions;
    found.remove(0).end().unwrap();
    assert!(home.journal().unfinished().unwrap().actions.is_empty());
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
}

#[test]
fn a_mark_is_of_its_parts_and_of_its_keystore() {
    let (_place, home) = Place::new().create_kept();
    let mark = |parts: &[&[u8]]| home.journal().mark(parts);
    assert_eq!(mark(&[b"ab", b"c"]), mark(&[b"ab", b"c"]));
    assert_ne!(mark(&[b"ab", b"c"]), mark(&[b"a", b"bc"]));
    let (_other, elsewhere) = Place::new().create_kept();
    assert_ne!(mark(&[b"ab"]), elsewhere.journal().mark(&[b"ab"]));
}

#[test]
fn a_second_writer_waits_and_then_gives_up_by_name() {
    let place = Place::new();
    let dir = place.dir();
    let lock = dir.lock(Duration::ZERO).unwrap();
    let busy = dir.lock(Duration::from_millis(100));
    assert!(matches!(busy, Err(HomeError::Busy { .. })));
    let waiting = {
        let dir = dir.clone();
        std::thread::spawn(move || dir.lock(Duration::from_secs(10)).map(|_| ()))
    };
    std::thread::sleep(Duration::from_millis(100));
    drop(lock);
    waiting.join().unwrap().unwrap();
}

#[test]
fn two_commands_at_once_lose_nothing() {
    let place = Place::new();
    drop(place.create());
    let threads: Vec<_> = (0..6u8)
        .map(|number| {
            let home = place.unlock();
            std::thread::spawn(move || {
                let keys = ProfileKeys {
                    profile: key(number),
                    key_version: 1,
                    xwing: XWingSeed::from_bytes([number; 32]),
                    signing: SigningSeed::from_bytes([number; 32]),
                };
                home.keys_add(keys).unwrap();
                home.name_set(NameKind::Profile, &format!("p{number}"), &key(number)).unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let home = place.unlock();
    assert_eq!(home.keystore().profiles().len(), 6);
    assert_eq!(home.names(NameKind::Profile).unwrap().len(), 6);
}

#[test]
fn wallets_are_private_and_never_overwritten() {
    let place = Place::new();
    let path = place.dir().wallet();
    assert!(matches!(FileWallet::open(&path), Err(HomeError::Missing { .. })));
    let wallet = FileWallet::create(&path).unwrap();
    assert!(matches!(FileWallet::create(&path), Err(HomeError::Exists { .. })));
    assert_eq!(FileWallet::open(&path).unwrap().pubkey(), wallet.pubkey());
    // As solana-keygen writes it.
    let numbers: Vec<u8> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(numbers[32..], wallet.pubkey().to_bytes());
    let other = place.root.join("other.json");
    let draft = private::write_draft(&other, b"[1,2,3]").unwrap();
    fs::rename(draft, &other).unwrap();
    assert!(matches!(FileWallet::open(&other), Err(HomeError::WalletDamaged { .. })));
}

#[cfg(unix)]
#[test]
fn what_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let (place, home) = Place::new().create_kept();
    home.name_set(NameKind::Contact, "Ada", &key(1)).unwrap();
    drop(home);
    let wallet = place.dir().wallet();
    drop(FileWallet::create(&wallet).unwrap());
    let chain = place.dir().chain(&GENESIS);
    for path in [place.dir().keystore(), wallet.clone(), chain.join("book.json")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    for path in [place.root.clone(), chain.clone(), chain.join("journal")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{}", path.display());
    }
    fs::set_permissions(&wallet, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(FileWallet::open(&wallet), Err(HomeError::Exposed { mode: 0o644, .. })));
    fs::set_permissions(&place.root, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(HomeDir::open(&place.root), Err(HomeError::Exposed { want: 0o700, .. })));
}

impl Place {
    fn create_kept(self) -> (Self, Home) {
        let home = self.create();
        (self, home)
    }
}
