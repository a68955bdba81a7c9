//! A delegate that lists everybody and seals junk, and keys that change under old signatures.

mod flow_fixture;

use aceso_format::{
    bundle::Bundle,
    keyring::{KeyringDraft, SignedKeyring},
    packet::{Recipient, Writer},
    rand_core::UnwrapErr,
};
use aceso_sdk::{
    blob::BlobAddress,
    chain::{
        Blob, Fetched, Folder, Profile, Transaction, address,
        constants::{CAN_ROTATE, NO_END},
        instruction::{self, Actor},
    },
    flow::*,
};
use flow_fixture::*;
use getrandom::SysRng;

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_lists_and_does_not_seal_is_named_and_replaced_by_the_owner() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    let delegate = world.person("delegate").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    meet(&patient, "patient", &delegate, "delegate").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"words", "Words").await.record;
    let add = DelegateAdd {
        profile: me(&delegate),
        folder: Some(folder),
        capabilities: CAN_ROTATE,
        until_secs: None,
    };
    patient.delegate_add(add).await.unwrap();
    share(&patient, Scope::Folder(folder), me(&doctor)).await;
    share(&patient, Scope::Folder(folder), me(&delegate)).await;

    // The delegate rotates with a client of its own: owner and doctor are listed, and sealed to the delegate's key.
    let own = delegate.home().keystore().keys(&me(&delegate), 1).unwrap().xwing.duplicate();
    let signing = delegate.home().keystore().keys(&me(&delegate), 1).unwrap().signing.duplicate();
    let account: Fetched<Folder> = delegate.chain().fetch(&folder).await.unwrap();
    let owner: Fetched<Profile> = delegate.chain().fetch(&me(&patient)).await.unwrap();
    let bundle = BlobAddress { digest: owner.bundle_digest, len: u64::from(owner.bundle_len) };
    let bundle = world.store.get_bytes(bundle, 1 << 20).await.unwrap();
    let signer = Bundle::decode(&bundle).unwrap().keys().signing;
    let keyring =
        BlobAddress { digest: account.keyring_digest, len: u64::from(account.keyring_len) };
    let keyring = world.store.get_bytes(keyring, 1 << 20).await.unwrap();
    let program = address::PROGRAM.to_bytes();
    let opened = SignedKeyring::decode(&keyring)
        .unwrap()
        .verify(&program, &folder.to_bytes(), 1, &signer)
        .unwrap()
        .open(&me(&delegate).to_bytes(), 1, &own)
        .unwrap();
    let junk = |profile: [u8; 32]| Recipient { profile, key_version: 1, key: own.public() };
    let draft = KeyringDraft {
        program,
        folder: folder.to_bytes(),
        writer: Writer { profile: me(&delegate).to_bytes(), key_version: 1, seed: &signing },
        owner: &junk(me(&patient).to_bytes()),
        readers: &[junk(me(&doctor).to_bytes()), junk(me(&delegate).to_bytes())],
    };
    let (bytes, _) = draft.rotate(&opened, &mut UnwrapErr(SysRng)).unwrap();
    let blob = world.store.put_bytes(bytes).await.unwrap();
    let blob = Blob { digest: blob.digest, len: blob.len as u32 };
    let wallet = aceso_sdk::home::FileWallet::open(&delegate.home().dir().wallet()).unwrap();
    let actor =
        Actor::delegate(delegate.wallet_address(), me(&delegate), &me(&patient)).reading(&folder);
    let rotate = instruction::folder::rotate(&actor, &account, blob, NO_END);
    delegate.chain().send(&Transaction::new(vec![rotate], &wallet, &[])).await.unwrap();

    // A reader who did not open the folder before learns whose fault it is.
    let doctor = {
        let profile = me(&doctor);
        drop(doctor);
        world.again("doctor", &world.net.cluster(), None, profile).await
    };
    let refused = open(&doctor, record, None).await.unwrap_err();
    let named =
        matches!(refused, FlowError::ListedNotSealed { writer, .. } if writer == me(&delegate));
    assert!(named, "{refused}");
    // The owner's next command puts an epoch of its own in force, from the last keyring that it wrote.
    let done = patient.record_put(put(folder, vec![item(b"more", "More")])).await.unwrap();
    assert_eq!(done.maintained.rotated.len(), 1);
    assert_eq!(done.records[0].sealed_to, Sealing::Epoch(3));
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"words");
    assert_eq!(open(&doctor, done.records[0].record, None).await.unwrap(), b"more");
    assert_eq!(open(&patient, record, None).await.unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_old_keys_have_signed_stays_readable_for_those_who_come_later() {
    let world = World::start(None).await;
    let mut patient = world.person("patient").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"signed by old keys", "Old").await.record;
    patient.profile_keys_rotate().await.unwrap();
    let doctor = world.person("doctor").await;
    meet(&patient, "patient", &doctor, "doctor").await;
    share(&patient, Scope::Folder(folder), me(&doctor)).await;
    assert_eq!(open(&doctor, record, None).await.unwrap(), b"signed by old keys");
    assert_eq!(open(&patient, record, None).await.unwrap(), b"signed by old keys");
    // Another wallet takes the profile over: its keys want comparing before anything is sealed to them.
    let mut heir = world.newcomer("heir").await;
    patient.profile_authority_propose(Some(heir.wallet_address())).await.unwrap();
    let taken = heir.profile_authority_accept(me(&patient)).await.unwrap();
    assert_eq!(taken.key_version, 3);
    let refused = doctor.recipient_check(me(&patient)).await.unwrap_err();
    assert!(matches!(refused, FlowError::KeysChangedSincePin { .. }), "{refused}");
    let refused = patient.folder_rotate(folder).await.unwrap_err();
    assert!(matches!(refused, FlowError::WrongWallet { .. }), "{refused}");
    doctor.contact_verify(me(&patient), Some(&taken.fingerprint.hex())).await.unwrap();
    doctor.recipient_check(me(&patient)).await.unwrap();
}
