//! Who may have which bytes: every role, and what shuts it out.

mod support;

use aceso::{
    constants::{CAN_CREATE, CAN_GRANT, CAN_LEASE, PERMIT_HISTORY},
    state::{Lease, LeaseKind, LeaseStatus},
};
use aceso_peer::{
    permission::{Accounts, Denied, Role, is_public, read, write},
    signature::{Signed, Target, Verifier},
};
use aceso_sdk::{
    chain::{Pubkey, Signer},
    peer::{PeerRequest, sign},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use solana_keypair::Keypair;
use support::{
    chain::{Chain, NOW, Person, SLOT},
    daemon::leased,
};

const PEER: Pubkey = Pubkey::new_from_array([1; 32]);

struct World {
    chain: Chain,
    owner: Person,
    record: Pubkey,
    folder: Pubkey,
    lease: Lease,
}

fn world() -> World {
    let chain = Chain::default();
    let owner = chain.person(10);
    let (record, folder) = chain.record_of(&owner, 20);
    let (_, lease) = chain.offer(&owner, &record, LeaseKind::Record, &PEER, &leased(b"x"), |_| ());
    World { chain, owner, record, folder, lease }
}

/// Signed by that wallet for that profile: through the real signature.
fn signed(wallet: &Keypair, profile: Pubkey) -> Signed {
    let url = "http://a/ipfs/b".parse().unwrap();
    let request =
        PeerRequest { method: "GET", url: &url, peer: PEER, profile, content_length: None };
    let headers = sign(&request, wallet, NOW).unwrap();
    let map: HeaderMap = headers
        .pairs()
        .into_iter()
        .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_str(v).unwrap()))
        .collect();
    let target = Target { method: "GET", path: "/ipfs/b", query: None };
    Verifier::new(&PEER, "a".to_owned()).verify(&target, &map, NOW).unwrap()
}

impl World {
    async fn read(&self, who: &Person) -> Result<Role, Denied> {
        read(&self.chain, &self.lease, &signed(&who.wallet, who.profile)).await
    }

    async fn write(&self, who: &Person) -> Result<Role, Denied> {
        write(&self.chain, &self.lease, &signed(&who.wallet, who.profile)).await
    }
}

#[test]
fn bundles_and_keyrings_are_for_anyone() {
    let public = |kind: LeaseKind| is_public(kind as u8);
    assert!(public(LeaseKind::Bundle) && public(LeaseKind::Keyring));
    assert!(!public(LeaseKind::Record) && !public(LeaseKind::Pack));
    assert!(!is_public(200));
}

#[tokio::test]
async fn the_owner_reads_and_brings() {
    let world = world();
    assert_eq!(world.read(&world.owner).await, Ok(Role::Owner));
    assert_eq!(world.write(&world.owner).await, Ok(Role::Owner));
    // Even when the record is gone: the bytes are theirs until the lease ends.
    world.chain.map.lock().unwrap().records.clear();
    assert_eq!(world.read(&world.owner).await, Ok(Role::Owner));
}

#[tokio::test]
async fn a_wallet_must_sign_for_the_profile_it_names() {
    let world = world();
    let stranger = Keypair::new_from_array([99; 32]);
    let denied = read(&world.chain, &world.lease, &signed(&stranger, world.owner.profile)).await;
    assert_eq!(denied, Err(Denied::NotAuthority));
    let nobody = Pubkey::new_from_array([250; 32]);
    let denied = read(&world.chain, &world.lease, &signed(&stranger, nobody)).await;
    assert_eq!(denied, Err(Denied::NoProfile));
    world.chain.map.lock().unwrap().profiles.get_mut(&world.owner.profile).unwrap().retired = 1;
    assert_eq!(world.read(&world.owner).await, Err(Denied::NoProfile));
    assert_eq!(world.write(&world.owner).await, Err(Denied::NoProfile));
}

#[tokio::test]
async fn a_stranger_gets_nothing() {
    let world = world();
    let stranger = world.chain.person(11);
    assert_eq!(world.read(&stranger).await, Err(Denied::Stranger));
    assert_eq!(world.write(&stranger).await, Err(Denied::NotLessor));
}

#[tokio::test]
async fn a_reader_of_record_or_folder_reads() {
    for on_folder in [false, true] {
        let world = world();
        let reader = world.chain.person(12);
        let scope = if on_folder { world.folder } else { world.record };
        world.chain.grant(&scope, &reader, |_| ());
        assert_eq!(world.read(&reader).await, Ok(Role::Reader));
        assert_eq!(world.write(&reader).await, Err(Denied::NotLessor));
        for (edit, why) in [
            ((|g| g.until_secs = NOW - 1) as fn(&mut aceso::state::Grant), Denied::GrantEnded),
            (|g| g.from_secs = NOW + 1, Denied::GrantEnded),
            (|g| g.permissions = PERMIT_HISTORY, Denied::GrantEnded),
            (|g| g.scope_created_slot = SLOT + 1, Denied::Stranger),
            (|g| g.scope = Pubkey::new_from_array([3; 32]), Denied::Stranger),
            (|g| g.reader = Pubkey::new_from_array([3; 32]), Denied::Stranger),
        ] {
            world.chain.grant(&scope, &reader, edit);
            assert_eq!(world.read(&reader).await, Err(why));
        }
    }
}

#[tokio::test]
async fn a_grant_on_a_record_opens_no_pack() {
    let mut world = world();
    let reader = world.chain.person(12);
    world.chain.grant(&world.record, &reader, |_| ());
    (world.lease.kind, world.lease.scope) = (LeaseKind::Pack as u8, world.folder);
    assert_eq!(world.read(&reader).await, Err(Denied::Stranger));
    world.chain.grant(&world.folder, &reader, |_| ());
    assert_eq!(world.read(&reader).await, Ok(Role::Reader));
}

#[tokio::test]
async fn nothing_survives_a_created_anew_scope() {
    let world = world();
    let reader = world.chain.person(12);
    world.chain.grant(&world.record, &reader, |_| ());
    world.chain.grant(&world.folder, &reader, |_| ());
    world.chain.map.lock().unwrap().records.get_mut(&world.record).unwrap().meta.created_slot += 1;
    assert_eq!(world.read(&reader).await, Err(Denied::ScopeGone));
    world.chain.map.lock().unwrap().records.clear();
    assert_eq!(world.read(&reader).await, Err(Denied::ScopeGone));
}

#[tokio::test]
async fn a_filer_reads_and_a_lessor_brings() {
    let world = world();
    let other = world.chain.person(13);
    let folder = world.folder;
    world.chain.delegate(&world.owner, &other, |_| ());
    assert_eq!(world.read(&other).await, Ok(Role::Filer));
    assert_eq!(world.write(&other).await, Err(Denied::DelegateEnded));
    world.chain.delegate(&world.owner, &other, |d| d.capabilities = CAN_LEASE);
    assert_eq!(world.read(&other).await, Err(Denied::DelegateEnded));
    assert_eq!(world.write(&other).await, Ok(Role::Lessor));
    world.chain.delegate(&world.owner, &other, |d| {
        (d.folder, d.folder_created_slot) = (folder, SLOT);
        d.capabilities = CAN_CREATE | CAN_LEASE;
    });
    assert_eq!(world.read(&other).await, Ok(Role::Filer));
    assert_eq!(world.write(&other).await, Ok(Role::Lessor));
    for edit in [
        (|d| d.until_secs = NOW - 1) as fn(&mut aceso::state::Delegate),
        |d| d.capabilities = CAN_GRANT,
        |d| d.folder = Pubkey::new_from_array([3; 32]),
        |d| d.owner = Pubkey::new_from_array([3; 32]),
    ] {
        world.chain.delegate(&world.owner, &other, edit);
        assert_eq!(world.read(&other).await, Err(Denied::DelegateEnded));
        assert_eq!(world.write(&other).await, Err(Denied::DelegateEnded));
    }
}

#[tokio::test]
async fn a_delegate_of_one_folder_brings_no_bundle() {
    let mut world = world();
    let other = world.chain.person(13);
    (world.lease.kind, world.lease.scope) = (LeaseKind::Bundle as u8, world.owner.profile);
    let folder = world.folder;
    world.chain.delegate(&world.owner, &other, |d| {
        (d.folder, d.folder_created_slot, d.capabilities) = (folder, SLOT, CAN_LEASE);
    });
    assert_eq!(world.write(&other).await, Err(Denied::DelegateEnded));
    world.chain.delegate(&world.owner, &other, |d| d.capabilities = CAN_LEASE);
    assert_eq!(world.write(&other).await, Ok(Role::Lessor));
}

#[tokio::test]
async fn a_peer_that_was_offered_the_same_reads() {
    let world = world();
    let theirs = world.chain.person(14);
    let operator = Keypair::new_from_array([15; 32]);
    assert_eq!(world.read(&theirs).await, Err(Denied::Stranger));
    let peer = world.chain.peer_of(&theirs.profile, &operator.pubkey());
    let by_operator = signed(&operator, theirs.profile);
    let by_other = signed(&Keypair::new_from_array([16; 32]), theirs.profile);
    assert_eq!(world.read(&theirs).await, Err(Denied::Stranger));
    let offer = |edit: fn(&mut Lease)| {
        world.chain.offer(
            &world.owner,
            &world.record,
            LeaseKind::Record,
            &peer,
            &leased(b"y"),
            edit,
        );
    };
    offer(|_| ());
    assert_eq!(world.read(&theirs).await, Ok(Role::Peer));
    assert_eq!(read(&world.chain, &world.lease, &by_operator).await, Ok(Role::Peer));
    assert_eq!(read(&world.chain, &world.lease, &by_other).await, Err(Denied::NotAuthority));
    for edit in [
        (|l| l.status = LeaseStatus::Live as u8) as fn(&mut Lease),
        |l| l.status = LeaseStatus::Ended as u8,
        |l| l.offer_until_secs = NOW - 1,
        |l| l.scope_created_slot += 1,
        |l| l.peer_created_slot += 1,
        |l| l.owner = Pubkey::new_from_array([3; 32]),
    ] {
        offer(edit);
        assert_eq!(world.read(&theirs).await, Err(Denied::Stranger));
        assert_eq!(read(&world.chain, &world.lease, &by_operator).await, Err(Denied::NotAuthority));
    }
}

#[tokio::test]
async fn while_the_chain_is_down_nothing_is_given_out() {
    let world = world();
    world.chain.down.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(matches!(world.read(&world.owner).await, Err(Denied::Unavailable(_))));
    assert!(matches!(world.write(&world.owner).await, Err(Denied::Unavailable(_))));
    assert_eq!(world.chain.now_secs(), NOW);
}
