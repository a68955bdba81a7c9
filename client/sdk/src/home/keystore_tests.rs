use std::time::Duration;

use super::*;
use crate::home::HomeDir;

const LIGHT: WorkFactor = WorkFactor(4);

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn home() -> (tempfile::TempDir, HomeDir, HomeLock) {
    let temp = tempfile::tempdir().unwrap();
    let dir = HomeDir::open(temp.path().join("home")).unwrap();
    let lock = dir.lock(Duration::from_secs(1)).unwrap();
    (temp, dir, lock)
}

fn keys(profile: u8, key_version: u32) -> ProfileKeys {
    ProfileKeys {
        profile: Pubkey::new_from_array([profile; 32]),
        key_version,
        xwing: XWingSeed::from_bytes([profile + 1; 32]),
        signing: SigningSeed::from_bytes([key_version as u8; 32]),
    }
}

#[test]
fn keys_survive_and_the_newest_is_found() {
    let (_temp, dir, lock) = home();
    let path = dir.keystore();
    let mut store = Keystore::create(&path, password("first\n"), LIGHT, &lock).unwrap();
    for (profile, version) in [(1, 1), (1, 2), (2, 1)] {
        store.add(keys(profile, version), &lock).unwrap();
    }
    store.add(keys(1, 2), &lock).unwrap();
    assert!(matches!(
        Keystore::create(&path, password("first"), LIGHT, &lock),
        Err(HomeError::Exists { .. })
    ));
    drop(store);

    let mut store = Keystore::open(&path, password("first"), LIGHT).unwrap();
    let one = Pubkey::new_from_array([1; 32]);
    assert_eq!(store.profiles(), [one, Pubkey::new_from_array([2; 32])]);
    assert_eq!(store.newest(&one).unwrap().key_version, 2);
    assert!(store.keys(&one, 1).unwrap().same_as(&keys(1, 1)));
    store.remove(&one, 2, &lock).unwrap();
    assert_eq!(store.newest(&one).unwrap().key_version, 1);
    let other = ProfileKeys { signing: SigningSeed::from_bytes([99; 32]), ..keys(1, 1) };
    assert!(matches!(store.add(other, &lock), Err(HomeError::KeysDiffer { key_version: 1, .. })));
    let left: Vec<_> = fs::read_dir(dir.root()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "only lock and keystore are left: {left:?}");
}

#[test]
fn two_commands_add_to_each_others() {
    let (_temp, dir, lock) = home();
    let path = dir.keystore();
    let mut one = Keystore::create(&path, password("p"), LIGHT, &lock).unwrap();
    let mut other = Keystore::open(&path, password("p"), LIGHT).unwrap();
    one.add(keys(1, 1), &lock).unwrap();
    other.add(keys(2, 1), &lock).unwrap();
    one.add(keys(3, 1), &lock).unwrap();
    assert_eq!(Keystore::open(&path, password("p"), LIGHT).unwrap().profiles().len(), 3);
}

#[test]
fn each_kind_of_damage_has_its_name() {
    let (_temp, dir, lock) = home();
    let path = dir.keystore();
    let mut store = Keystore::create(&path, password("right"), LIGHT, &lock).unwrap();
    for version in 1..20 {
        store.add(keys(1, version), &lock).unwrap();
    }
    let open =
        |password_text: &str| Keystore::open(&path, password(password_text), LIGHT).map(|_| ());
    assert!(matches!(open("wrong"), Err(HomeError::WrongPassword { .. })));

    let good = fs::read(&path).unwrap();
    for len in [0, 1, 20, 34, 35, 100, good.len() / 2, good.len() - 40, good.len() - 2] {
        fs::write(&path, &good[..len]).unwrap();
        let found = open("right");
        assert!(matches!(found, Err(HomeError::KeystoreTruncated { .. })), "{len}: {found:?}");
    }
    let mut wrong_password = 0;
    for at in (0..good.len()).step_by(13) {
        let mut bad = good.clone();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &bad).unwrap();
        match open("right") {
            Err(HomeError::KeystoreDamaged { .. } | HomeError::KeystoreTruncated { .. }) => {}
            // The wrapped key itself: no one can tell this from another password.
            Err(HomeError::WrongPassword { .. }) => wrong_password += 1,
            // The armour's own line ends and padding may be written in several ways.
            Ok(()) => assert!(!good[at].is_ascii_alphanumeric(), "byte {at} does not matter"),
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    assert!(wrong_password < good.len() / 50, "{wrong_password} of {}", good.len() / 13);

    fs::remove_file(&path).unwrap();
    assert!(matches!(open("right"), Err(HomeError::Missing { .. })));
}

#[test]
fn a_power_cut_leaves_the_copy() {
    let (_temp, dir, lock) = home();
    let path = dir.keystore();
    let mut store = Keystore::create(&path, password("p"), LIGHT, &lock).unwrap();
    store.add(keys(1, 1), &lock).unwrap();
    fs::rename(&path, previous(&path)).unwrap();
    fs::write(private::beside(&path, "new"), b"half").unwrap();
    let mut store = Keystore::open(&path, password("p"), LIGHT).unwrap();
    store.add(keys(2, 1), &lock).unwrap();
    assert_eq!(Keystore::open(&path, password("p"), LIGHT).unwrap().profiles().len(), 2);
}

#[test]
fn export_has_its_own_password_and_import_adds() {
    let (temp, dir, lock) = home();
    let mut store = Keystore::create(&dir.keystore(), password("p"), LIGHT, &lock).unwrap();
    store.add(keys(1, 1), &lock).unwrap();
    let file = temp.path().join("export.age");
    store.export(&file, &password("other"), LIGHT).unwrap();
    assert!(matches!(
        store.export(&file, &password("other"), LIGHT),
        Err(HomeError::Exists { .. })
    ));

    let (_temp, dir, lock) = home();
    let mut fresh = Keystore::create(&dir.keystore(), password("q"), LIGHT, &lock).unwrap();
    let wrong = fresh.import(&file, &password("p"), &lock);
    assert!(matches!(wrong, Err(HomeError::WrongPassword { .. })));
    assert_eq!(fresh.import(&file, &password("other"), &lock).unwrap().len(), 1);
    assert_eq!(fresh.import(&file, &password("other"), &lock).unwrap().len(), 0);
    let conflict = ProfileKeys { signing: SigningSeed::from_bytes([99; 32]), ..keys(1, 2) };
    fresh.add(conflict, &lock).unwrap();
    store.add(keys(1, 2), &lock).unwrap();
    let file = temp.path().join("second.age");
    store.export(&file, &password("other"), LIGHT).unwrap();
    let refused = fresh.import(&file, &password("other"), &lock);
    assert!(matches!(refused, Err(HomeError::KeysDiffer { .. })));
}
