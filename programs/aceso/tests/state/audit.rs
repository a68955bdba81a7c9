//! The audit chain: fixed bytes, and no two histories with one head.

use aceso::state::{audit, Action, Audited, Entry, Folder, Link};
use anchor_lang::{prelude::Pubkey, AnchorDeserialize, AnchorSerialize};
use bytemuck::Zeroable;
use proptest::prelude::*;

fn entry() -> impl Strategy<Value = Entry> {
    let numbers =
        (any::<u8>(), any::<u16>(), any::<u32>(), any::<i64>(), any::<u64>(), any::<[i64; 2]>());
    let keys = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>());
    (0..16u8, numbers, keys).prop_map(
        |(
            action,
            (purpose, permissions, number, at_secs, slot, [from_secs, until_secs]),
            (a, s, digest),
        )| {
            Entry {
                action: Action::try_from_slice(&[action]).expect("sixteen actions"),
                purpose,
                permissions,
                number,
                at_secs,
                slot,
                from_secs,
                until_secs,
                actor: Pubkey::new_from_array(a),
                subject: Pubkey::new_from_array(s),
                digest,
            }
        },
    )
}

proptest! {
    /// The bytes that are hashed and emitted without a serializer are what Borsh makes of the types.
    #[test]
    fn entries_and_links_are_their_borsh_form(entry in entry(), count in any::<u64>(), head in any::<[u8; 32]>()) {
        let mut borsh = Vec::new();
        entry.serialize(&mut borsh).unwrap();
        prop_assert_eq!(borsh.len(), Entry::LEN);
        prop_assert_eq!(entry.bytes(), &borsh[..]);
        let link = Link { scope: entry.actor, count, head };
        let mut borsh = Vec::new();
        link.serialize(&mut borsh).unwrap();
        prop_assert_eq!(bytemuck::bytes_of(&link), &borsh[..]);
        let audited = Audited { entry, links: vec![link, link] };
        let mut borsh = Vec::new();
        audited.serialize(&mut borsh).unwrap();
        let by_hand = [entry.bytes(), &2u32.to_le_bytes(), bytemuck::cast_slice(&[link, link])].concat();
        prop_assert_eq!(by_hand, borsh);
    }

    /// A chain can be recomputed from its entries, and from no others: none dropped, none twice, none changed.
    #[test]
    fn a_head_stands_for_one_history(entries in prop::collection::vec(entry(), 1..12), at in any::<prop::sample::Index>()) {
        let scope = Pubkey::new_from_array([5; 32]);
        let recompute = |entries: &[Entry]| {
            entries.iter().fold(audit::genesis(&scope, 7), |head, entry| audit::extend(&head, entry))
        };
        let mut folder = Folder { audit_head: audit::genesis(&scope, 7), ..Folder::zeroed() };
        for (n, entry) in entries.iter().enumerate() {
            let link = folder.append(scope, entry).unwrap();
            prop_assert_eq!((link.scope, link.count, link.head), (scope, n as u64 + 1, folder.audit_head));
        }
        prop_assert_eq!(recompute(&entries), folder.audit_head);
        let at = at.index(entries.len());
        let mut dropped = entries.clone();
        dropped.remove(at);
        prop_assert_ne!(recompute(&dropped), folder.audit_head);
        let mut twice = entries.clone();
        twice.insert(at, entries[at]);
        prop_assert_ne!(recompute(&twice), folder.audit_head);
        let mut changed = entries.clone();
        changed[at].at_secs ^= 1;
        prop_assert_ne!(recompute(&changed), folder.audit_head);
    }
}

#[test]
fn chains_of_other_scopes_and_other_births_begin_differently() {
    let (one, two) = (Pubkey::new_from_array([1; 32]), Pubkey::new_from_array([2; 32]));
    assert_ne!(audit::genesis(&one, 1), audit::genesis(&two, 1));
    assert_ne!(audit::genesis(&one, 1), audit::genesis(&one, 2));
}

#[test]
fn a_count_refuses_to_wrap() {
    let mut folder = Folder { audit_count: u64::MAX, ..Folder::zeroed() };
    let clock = anchor_lang::prelude::Clock::default();
    let entry = Entry::new(Action::FolderRotated, Pubkey::default(), Pubkey::default(), &clock);
    assert!(folder.append(Pubkey::default(), &entry).is_err());
}
