//! Bounds of arguments, by random values around them.

use aceso::{constants::*, state::*};
use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;
use proptest::prelude::*;

proptest! {
    #[test]
    fn terms_that_pass_make_a_grant_that_can_live(
        purpose in 0..20u8, permissions in any::<u16>(), from in any::<i64>(), until in any::<i64>(), now in 0i64..1 << 40,
    ) {
        let terms = Terms { purpose, permissions, from_secs: from, until_secs: until };
        if terms.validate(now).is_ok() {
            prop_assert!((1..=16).contains(&purpose));
            prop_assert!(permissions & PERMIT_OPEN != 0 && permissions & !PERMIT_ALL == 0);
            prop_assert!(until > now && until > from && from <= now + Terms::MAX_WAIT_SECS);
            let grant = Grant { from_secs: from, until_secs: until, ..Grant::zeroed() };
            // There is a moment, not past, at which it may be opened.
            prop_assert!(grant.require_live(now.max(from)).is_ok());
        }
    }

    #[test]
    fn a_receipt_needs_a_live_grant_and_history_for_old_versions(
        version in 0..6u32, current in 1..6u32, permissions in 0..8u16, from in 0i64..10, until in 0i64..20, now in 0i64..25,
    ) {
        let mut grant = Grant { from_secs: from, until_secs: until, permissions, ..Grant::zeroed() };
        let opened = grant.open_receipt(version, current, now).is_ok();
        let permitted = permissions & PERMIT_OPEN != 0
            && (version == current || (version < current && permissions & PERMIT_HISTORY != 0));
        let live = from <= now && now <= until;
        prop_assert_eq!(opened, version > 0 && permitted && live);
        prop_assert_eq!(grant.openings, u32::from(opened));
    }

    #[test]
    fn blobs_and_contents(len in any::<u32>(), long in any::<u64>(), zero in any::<bool>()) {
        let digest = if zero { [0; 32] } else { [7; 32] };
        prop_assert_eq!(Blob { digest, len }.validate().is_ok(), !zero && len > 0 && len <= MAX_BLOB_LEN);
        prop_assert_eq!(Content { digest, len: long }.validate().is_ok(), !zero && long > 0 && long <= MAX_CONTENT_LEN);
    }

    #[test]
    fn delegations(capabilities in any::<u16>(), asked in 0..6u32, until in 0i64..50, now in 0i64..60) {
        let (owner, profile, folder) = (key(1), key(2), key(3));
        let mut delegate = Delegate::zeroed();
        let opened = delegate.open(owner, profile, Some((folder, 8)), capabilities, until, 10);
        prop_assert_eq!(opened.is_ok(), until > 10 && capabilities != 0 && capabilities & !CAN_ALL == 0);
        if opened.is_ok() {
            let asked = 1u16 << asked;
            let allowed = |folder: Pubkey, slot| delegate.require(&owner, &profile, (&folder, slot), asked, now).is_ok();
            prop_assert_eq!(allowed(folder, 8), capabilities & asked != 0 && now <= until);
            prop_assert!(!allowed(key(4), 8) && !allowed(folder, 9));
            prop_assert!(delegate.require(&profile, &profile, (&folder, 8), asked, now).is_err());
        }
    }
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

#[test]
fn purposes_are_numbered_from_one_without_a_gap() {
    for (n, (purpose, code)) in (1u8..).zip(Purpose::ALL) {
        assert_eq!(
            (purpose as u8, purpose.code(), Purpose::from_code(code)),
            (n, code, Some(purpose))
        );
        assert_eq!(Purpose::try_from(n).unwrap(), purpose);
    }
    assert!(Purpose::try_from(0).is_err() && Purpose::try_from(17).is_err());
    assert_eq!(Purpose::from_code("treat"), None);
}

#[test]
fn a_record_changes_only_against_its_present_head() {
    let to = SealedTo::Epoch { epoch: 1, keyring_digest: [1; 32] };
    let blob = |byte| Blob { digest: [byte; 32], len: 10 };
    let content = |byte| Content { digest: [byte; 32], len: 10 };
    let mut record = Record::zeroed();
    record.open(&key(9), key(1), key(2), key(3), [0; 16], content(1), blob(2), &to, 5).unwrap();
    let change = HeadSwap {
        version: 1,
        members_version: 0,
        swap: Swap { expected: [2; 32], blob: blob(3) },
    };
    let attempt = |record: &Record, change: &HeadSwap| {
        let mut r = *record;
        r.swap_head(change, &to, key(1)).is_ok()
    };
    assert!(attempt(&record, &change));
    assert!(!attempt(&record, &HeadSwap { version: 2, ..change }));
    assert!(!attempt(&record, &HeadSwap { members_version: 1, ..change }));
    record.update(&change, content(4), &to, key(1), 6).unwrap();
    assert_eq!((record.version, record.head_digest, record.updated_at_secs), (2, [3; 32], 6));
    assert!(!attempt(&record, &change), "the same change twice");
    assert!(record.set_archived(false).is_err());
    record.set_archived(true).unwrap();
    let next = HeadSwap { version: 2, swap: Swap { expected: [3; 32], blob: blob(5) }, ..change };
    assert!(record.update(&next, content(6), &to, key(1), 7).is_err(), "archived");
}
