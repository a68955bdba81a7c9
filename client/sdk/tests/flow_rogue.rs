//! A delegate that may rotate and does it with a client of its own: whatever it puts in force, the owner goes on from its
//! own keyring. And a reader whose store is off, who keeps nobody from being shut out.

mod flow_fixture;

use std::sync::Arc;

use aceso_format::{
    keyring::KeyringDraft,
    packet::{Recipient, Writer},
    rand_core::UnwrapErr,
};
use aceso_sdk::{
    blob::{BlobAddress, BlobStore, DirectoryStore, FailoverStore},
    chain::{
        Blob, Fetched, Folder, Pubkey, Transaction, address,
        constants::{CAN_ROTATE, NO_END},
        instruction::{self, Actor},
    },
    flow::*,
};
use flow_fixture::*;
use getrandom::SysRng;

struct Case {
    world: World,
    patient: Session,
    delegate: Session,
    folder: Pubkey,
    record: Pubkey,
}

async fn case() -> Case {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let delegate = world.person("delegate").await;
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
    share(&patient, Scope::Folder(folder), me(&delegate)).await;
    Case { world, patient, delegate, folder, record }
}

impl Case {
    /// A keyring of the next epoch, well formed and sealed to the owner, whose history is invented.
    fn invented(&self) -> Vec<u8> {
        let keys = |session: &Session| {
            let profile = me(session);
            let keystore = session.home().keystore();
            let keys = keystore.keys(&profile, 1).unwrap();
            let key = keys.xwing.public();
            (
                Recipient { profile: profile.to_bytes(), key_version: 1, key },
                keys.signing.duplicate(),
            )
        };
        let ((owner, _), (reader, seed)) = (keys(&self.patient), keys(&self.delegate));
        let draft = KeyringDraft {
            program: address::PROGRAM.to_bytes(),
            folder: self.folder.to_bytes(),
            writer: Writer { profile: reader.profile, key_version: 1, seed: &seed },
            owner: &owner,
            readers: std::slice::from_ref(&reader),
        };
        let (_, first) = draft.create(&mut UnwrapErr(SysRng)).unwrap();
        draft.rotate(&first, &mut UnwrapErr(SysRng)).unwrap().0
    }

    async fn put_in_force(&self, blob: BlobAddress) {
        let delegate = &self.delegate;
        let account: Fetched<Folder> = delegate.chain().fetch(&self.folder).await.unwrap();
        let blob = Blob { digest: blob.digest, len: blob.len as u32 };
        let wallet = aceso_sdk::home::FileWallet::open(&delegate.home().dir().wallet()).unwrap();
        let owner = me(&self.patient);
        let actor =
            Actor::delegate(delegate.wallet_address(), me(delegate), &owner).reading(&self.folder);
        let rotate = instruction::folder::rotate(&actor, &account, blob, NO_END);
        let transaction = Transaction::new(vec![rotate], &wallet, &[]);
        delegate.chain().send(&transaction).await.unwrap();
    }

    /// The owner's next command replaces what is in force, and everything is readable.
    async fn is_overcome(&self) {
        let cluster = self.world.net.cluster();
        let again = self.world.again("patient", &cluster, None, me(&self.patient)).await;
        let done = again.record_put(put(self.folder, vec![item(b"more", "More")])).await.unwrap();
        assert_eq!(done.maintained.rotated.len(), 1);
        assert_eq!(done.records[0].sealed_to, Sealing::Epoch(3));
        assert_eq!(open(&again, self.record, None).await.unwrap(), b"words");
        assert_eq!(open(&again, done.records[0].record, None).await.unwrap(), b"more");
        assert_eq!(open(&self.delegate, self.record, None).await.unwrap(), b"words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegates_keyring_with_another_history_does_not_take_the_owners_place() {
    let case = case().await;
    let blob = case.world.store.put_bytes(case.invented()).await.unwrap();
    case.put_in_force(blob).await;
    case.is_overcome().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegates_keyring_that_nobody_stored_does_not_stop_the_owner() {
    let case = case().await;
    case.put_in_force(BlobAddress::of(&case.invented())).await;
    case.is_overcome().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_store_is_off_does_not_keep_another_from_being_shut_out() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let doctor = world.person("doctor").await;
    let nurse = world.person("nurse").await;
    let (profile, folder) = (me(&patient), chart(&patient).await);
    let own: Arc<dyn BlobStore> =
        Arc::new(DirectoryStore::open(world.dir.path().join("own")).unwrap());
    let account: Fetched<Folder> = patient.chain().fetch(&folder).await.unwrap();
    drop(patient);
    let blob = BlobAddress { digest: account.keyring_digest, len: u64::from(account.keyring_len) };
    own.put_bytes(world.store.get_bytes(blob, 1 << 20).await.unwrap()).await.unwrap();
    let cluster = world.net.cluster();
    let both = Arc::new(FailoverStore::new(own.clone(), vec![world.store.clone()]));
    let patient = world.again_with("patient", &cluster, None, profile, both).await;
    let mut grants = Vec::new();
    for (name, reader) in [("doctor", &doctor), ("nurse", &nurse)] {
        let add = ContactAdd { name: name.to_owned(), profile: me(reader) };
        patient.contact_add(add).await.unwrap();
        grants.push(share(&patient, Scope::Folder(folder), me(reader)).await.grant);
    }
    drop(patient);
    let patient = world.again_with("patient", &cluster, None, profile, own).await;
    let revoked = patient.grant_revoke(grants[0]).await.unwrap();
    assert!(revoked.unfinished.is_none() && revoked.left_out.is_empty());
    assert_eq!(revoked.remaining, [me(&nurse)]);
}
