//! The trail of a folder or a record, recomputed from its beginning and compared with what its account says.

use std::collections::{BTreeMap, HashSet};

use aceso::state::{Entry, Link, audit};
use anchor_lang::prelude::Pubkey;
use solana_signature::Signature;

/// Whose trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Folder(Pubkey),
    Record(Pubkey),
}

impl Scope {
    pub fn address(&self) -> Pubkey {
        match self {
            Self::Folder(address) | Self::Record(address) => *address,
        }
    }
}

/// One line of a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Place in the trail; the first is 1.
    pub count: u64,
    pub entry: Entry,
    /// Head of the trail with this line.
    pub head: [u8; 32],
    pub signature: Signature,
}

/// A whole trail, recomputed from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub scope: Pubkey,
    pub created_slot: u64,
    pub entries: Vec<AuditEntry>,
    pub head: [u8; 32],
    /// How many of the entries came from the archive and not from the node.
    pub archived: u64,
}

impl History {
    /// A trail with nothing in it yet.
    pub fn empty(scope: Pubkey, created_slot: u64) -> Self {
        let head = audit::genesis(&scope, created_slot);
        Self { scope, created_slot, entries: Vec::new(), head, archived: 0 }
    }

    pub fn count(&self) -> u64 {
        self.entries.last().map_or(0, |last| last.count)
    }

    /// Whether `next` continues the trail.
    pub(super) fn takes(&self, next: &AuditEntry) -> bool {
        next.count == self.count() + 1 && extends(&self.head, &next.entry, &next.head)
    }

    pub(super) fn push(&mut self, next: AuditEntry) {
        self.head = next.head;
        self.entries.push(next);
    }
}

/// How a trail was tampered with, or why it cannot be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    #[error(
        "the trail of {scope} lacks entry {count}: the node dropped it, or has pruned its history; ask another node"
    )]
    Dropped { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} has an entry {count} that the chain does not have: the node invented it; use another node"
    )]
    Invented { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} is out of order from entry {count} on: the node put another in its place; use another node"
    )]
    Reordered { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} does not lead to the head on chain, from entry {count} on: the node changed it; use another node"
    )]
    HeadMismatch { scope: Pubkey, count: u64 },
    #[error(
        "the trail of {scope} has {found} entries and {seen} were seen before: the node takes some back; use another node"
    )]
    CountBelowSeen { scope: Pubkey, found: u64, seen: u64 },
    #[error(
        "the archive {path} is damaged in line {line}; move it away, and fetch the trail again from a node that keeps history"
    )]
    ArchiveDamaged { path: String, line: u64 },
    #[error(
        "the archive {path} differs from the trail on chain from entry {count} on; keep it as evidence and ask another node"
    )]
    ArchiveDiffers { path: String, count: u64 },
    #[error("cannot {action} the archive {path}: {source}")]
    Archive { action: &'static str, path: String, source: std::io::Error },
}

/// What the account, or the trail that took the account's place, says about the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// Unknown for a record that was erased.
    pub count: Option<u64>,
    pub head: [u8; 32],
}

/// An entry as a node tells it, with its claim about where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub entry: Entry,
    pub link: Link,
    pub signature: Signature,
}

/// Continues `history` with what a node claims, up to the end that the chain vouches for.
///
/// Each entry carries its place and the head after it, so the order in which a node lists them does not matter; what
/// matters is that each leads from the head before to its own. Where one does not, what else is there tells how the node
/// lied.
pub(super) fn continue_with(
    history: &mut History,
    claims: &[Claim],
    end: End,
) -> Result<(), AuditError> {
    let scope = history.scope;
    let mut claimed: BTreeMap<u64, Vec<&Claim>> = BTreeMap::new();
    let mut known = HashSet::new();
    for claim in claims.iter().filter(|claim| claim.link.count > history.count()) {
        // One transaction may be listed twice; the same entry twice is no lie.
        if known.insert((claim.link.count, claim.link.head, claim.signature)) {
            claimed.entry(claim.link.count).or_default().push(claim);
        }
    }
    let is_over = |history: &History| match end.count {
        Some(count) => history.count() >= count,
        None => history.head == end.head,
    };
    while !is_over(history) {
        let count = history.count() + 1;
        let here = claimed.remove(&count).unwrap_or_default();
        let fitting = |claim: &&&Claim| extends(&history.head, &claim.entry, &claim.link.head);
        let Some(next) = here.iter().find(fitting).copied() else {
            return Err(diagnose(history, count, &here, &claimed, end));
        };
        if here.len() > 1 {
            return Err(AuditError::Invented { scope, count });
        }
        history.push(AuditEntry {
            count,
            entry: next.entry,
            head: next.link.head,
            signature: next.signature,
        });
    }
    if let Some(count) = claimed.keys().next() {
        return Err(AuditError::Invented { scope, count: *count });
    }
    if history.head != end.head {
        return Err(AuditError::HeadMismatch { scope, count: history.count() });
    }
    Ok(())
}

/// Why nothing of `here` continues the trail.
fn diagnose(
    history: &History,
    count: u64,
    here: &[&Claim],
    later: &BTreeMap<u64, Vec<&Claim>>,
    end: End,
) -> AuditError {
    let scope = history.scope;
    let others = || later.values().flatten();
    // The entry that belongs here stands elsewhere: with the head of this place, or with its own.
    let misplaced = others().any(|other| {
        let belongs = |head| extends(&history.head, &other.entry, head);
        belongs(&other.link.head) || here.iter().any(|claim| belongs(&claim.link.head))
    });
    let beyond = end.count.is_some_and(|end| later.keys().any(|count| *count > end));
    if misplaced {
        AuditError::Reordered { scope, count }
    } else if here.is_empty() {
        AuditError::Dropped { scope, count }
    } else if beyond {
        AuditError::Invented { scope, count }
    } else {
        AuditError::HeadMismatch { scope, count }
    }
}

fn extends(before: &[u8; 32], entry: &Entry, after: &[u8; 32]) -> bool {
    audit::extend(before, entry) == *after
}

#[cfg(test)]
mod tests {
    use aceso::state::Action;

    use super::*;

    const SCOPE: Pubkey = Pubkey::new_from_array([1; 32]);

    fn entry(number: u32) -> Entry {
        Entry {
            action: Action::RecordOpened,
            purpose: 1,
            permissions: 1,
            number,
            at_secs: 1_000,
            slot: 7,
            from_secs: 0,
            until_secs: 0,
            actor: Pubkey::new_from_array([2; 32]),
            subject: Pubkey::new_from_array([3; 32]),
            digest: [4; 32],
        }
    }

    fn trail(len: u64) -> (Vec<Claim>, End) {
        let mut head = audit::genesis(&SCOPE, 7);
        let mut claims = Vec::new();
        for count in 1..=len {
            let entry = entry(count as u32);
            head = audit::extend(&head, &entry);
            let link = Link { scope: SCOPE, count, head };
            claims.push(Claim { entry, link, signature: Signature::from([count as u8; 64]) });
        }
        (claims, End { count: Some(len), head })
    }

    fn check(claims: &[Claim], end: End) -> Result<History, AuditError> {
        let mut history = History::empty(SCOPE, 7);
        continue_with(&mut history, claims, end).map(|()| history)
    }

    #[test]
    fn a_whole_trail_is_accepted_in_any_order_of_listing() {
        let (mut claims, end) = trail(5);
        assert_eq!(check(&claims, end).unwrap().count(), 5);
        claims.reverse();
        claims.push(claims[2]);
        assert_eq!(check(&claims, end).unwrap().count(), 5);
        assert_eq!(check(&claims, End { count: None, ..end }).unwrap().count(), 5);
    }

    #[test]
    fn the_end_may_come_later_than_the_archive() {
        let (claims, end) = trail(5);
        let mut history =
            check(&claims[..3], End { count: Some(3), head: claims[2].link.head }).unwrap();
        continue_with(&mut history, &claims, end).unwrap();
        assert_eq!(history.count(), 5);
    }

    #[test]
    fn each_lie_has_its_name() {
        let (claims, end) = trail(5);
        for at in 0..5 {
            let mut some = claims.clone();
            some.remove(at);
            let found = check(&some, end);
            assert!(
                matches!(found, Err(AuditError::Dropped { count, .. }) if count == at as u64 + 1),
                "{found:?}"
            );
        }

        let mut more = claims.clone();
        let link = Link { count: 6, head: audit::extend(&end.head, &entry(6)), scope: SCOPE };
        more.push(Claim { entry: entry(6), link, ..claims[0] });
        assert!(matches!(check(&more, end), Err(AuditError::Invented { count: 6, .. })));

        let mut twin = claims.clone();
        twin.push(Claim {
            entry: entry(9),
            link: Link { head: [9; 32], ..claims[2].link },
            ..claims[0]
        });
        assert!(matches!(check(&twin, end), Err(AuditError::Invented { count: 3, .. })));

        // An entry put between two others, those behind moved up.
        let mut between = claims.clone();
        for claim in &mut between[2..] {
            claim.link.count += 1;
        }
        between.push(Claim {
            entry: entry(9),
            link: Link { count: 3, head: [9; 32], scope: SCOPE },
            ..claims[0]
        });
        let found = check(&between, end);
        assert!(
            matches!(
                found,
                Err(AuditError::Reordered { count: 3, .. } | AuditError::Invented { count: 3, .. })
            ),
            "{found:?}"
        );

        // Entries swapped between their places, heads and counts where they were.
        let mut swapped = claims.clone();
        (swapped[1].entry, swapped[2].entry) = (claims[2].entry, claims[1].entry);
        assert!(matches!(check(&swapped, end), Err(AuditError::Reordered { count: 2, .. })));
        // Counts swapped.
        let mut swapped = claims.clone();
        (swapped[1].link.count, swapped[2].link.count) = (3, 2);
        assert!(matches!(check(&swapped, end), Err(AuditError::Reordered { count: 2, .. })));

        let mut changed = claims.clone();
        changed[3].entry.actor = Pubkey::new_from_array([9; 32]);
        assert!(matches!(check(&changed, end), Err(AuditError::HeadMismatch { count: 4, .. })));

        // A whole other trail that fits together: only the account's head tells.
        let forged = {
            let mut head = audit::genesis(&SCOPE, 7);
            claims
                .iter()
                .map(|claim| {
                    let entry = Entry { actor: Pubkey::new_from_array([8; 32]), ..claim.entry };
                    head = audit::extend(&head, &entry);
                    Claim { entry, link: Link { head, ..claim.link }, ..*claim }
                })
                .collect::<Vec<_>>()
        };
        assert!(matches!(check(&forged, end), Err(AuditError::HeadMismatch { count: 5, .. })));
    }
}
