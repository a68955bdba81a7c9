//! A reader that has left, without the sdk's checks: it holds every blob, seed and key that it was ever given.

mod flow_fixture;

use aceso_format::{
    bundle::Bundle,
    key::XWingSeed,
    keyring::SignedKeyring,
    packet::{Packet, PacketContext, Purpose},
};
use aceso_sdk::{
    blob::BlobAddress,
    chain::{Fetched, Folder, Profile, Pubkey, Record},
    flow::*,
};
use flow_fixture::*;

/// SPEC §7.2: an entry is kind (1), address (32), version (4), packet (1169).
const ENTRY_LEN: usize = 1206;
const RECIPIENTS_OF_HEAD: usize = 80;
const RECIPIENTS_OF_KEYRING: usize = 1296;

/// Everything that somebody was ever able to open with.
struct Hoard {
    seeds: Vec<XWingSeed>,
    names: Vec<[u8; 32]>,
}

impl Hoard {
    /// Its own seed, and those of all epochs of a folder up to now.
    async fn of(reader: &Session, folder: Pubkey, owner: Pubkey) -> Self {
        let me = me(reader);
        let account: Fetched<Folder> = reader.chain().fetch(&folder).await.unwrap();
        let owner_account: Fetched<Profile> = reader.chain().fetch(&owner).await.unwrap();
        let bundle =
            blob(reader, owner_account.bundle_digest, u64::from(owner_account.bundle_len)).await;
        let signer = Bundle::decode(&bundle).unwrap().keys().signing;
        let keyring = blob(reader, account.keyring_digest, u64::from(account.keyring_len)).await;
        let own = reader.home().keystore().keys(&me, 1).unwrap().xwing.duplicate();
        let program = aceso_sdk::chain::address::PROGRAM.to_bytes();
        let opened = SignedKeyring::decode(&keyring)
            .unwrap()
            .verify(&program, &folder.to_bytes(), account.epoch, &signer)
            .unwrap()
            .open(&me.to_bytes(), 1, &own)
            .unwrap();
        let mut seeds: Vec<XWingSeed> =
            (1..=account.epoch).map(|epoch| opened.seed(epoch).unwrap().duplicate()).collect();
        seeds.push(own);
        Self { seeds, names: vec![me.to_bytes(), folder.to_bytes(), owner.to_bytes()] }
    }

    /// Tries every seed on every packet, as every recipient, for every version nearby, whatever the object says.
    fn opens(&self, bytes: &[u8], at: usize, scope: Pubkey, purposes: &[Purpose]) -> bool {
        let count = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let mut packets: Vec<Packet> = (0..count)
            .map(|n| {
                let entry = at + 2 + n * ENTRY_LEN;
                Packet::decode(&bytes[entry + 37..entry + ENTRY_LEN]).unwrap()
            })
            .collect();
        let rest = at + 2 + count * ENTRY_LEN;
        let len = u32::from_le_bytes(bytes[rest..rest + 4].try_into().unwrap()) as usize;
        // The history of a keyring is a packet too; the manifest of a head is none.
        packets.extend(Packet::decode(&bytes[rest + 4..rest + 4 + len]));
        let program = aceso_sdk::chain::address::PROGRAM.to_bytes();
        packets.iter().any(|packet| {
            self.seeds.iter().any(|seed| {
                purposes.iter().any(|purpose| {
                    self.names.iter().any(|recipient| {
                        (1..=4).any(|version| {
                            let context = PacketContext {
                                purpose: *purpose,
                                program,
                                scope: scope.to_bytes(),
                                version,
                                recipient: *recipient,
                            };
                            context.open(seed, packet).is_ok()
                        })
                    })
                })
            })
        })
    }

    async fn opens_record(&self, session: &Session, record: Pubkey) -> bool {
        let account: Fetched<Record> = session.chain().fetch(&record).await.unwrap();
        let head = blob(session, account.head_digest, u64::from(account.head_len)).await;
        let purposes = [Purpose::HeadFolder, Purpose::HeadInbox, Purpose::HeadGrant];
        self.opens(&head, RECIPIENTS_OF_HEAD, record, &purposes)
    }

    async fn opens_keyring(&self, session: &Session, folder: Pubkey) -> bool {
        let account: Fetched<Folder> = session.chain().fetch(&folder).await.unwrap();
        let keyring = blob(session, account.keyring_digest, u64::from(account.keyring_len)).await;
        self.opens(&keyring, RECIPIENTS_OF_KEYRING, folder, &[Purpose::Keyring, Purpose::History])
    }
}

async fn blob(session: &Session, digest: [u8; 32], len: u64) -> Vec<u8> {
    session.store().get_bytes(BlobAddress { digest, len }, 1 << 20).await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_was_revoked_opens_nothing_filed_later() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let reader = world.person("reader").await;
    let friend = world.person("friend").await;
    meet(&patient, "patient", &reader, "reader").await;
    meet(&patient, "patient", &friend, "friend").await;
    let folder = chart(&patient).await;
    let before = file(&patient, folder, b"before", "Before").await;
    let grant = share(&patient, Scope::Folder(folder), me(&reader)).await.grant;
    share(&patient, Scope::Folder(folder), me(&friend)).await;

    let hoard = Hoard::of(&reader, folder, me(&patient)).await;
    assert!(hoard.opens_record(&reader, before.record).await, "the test tries the right places");
    assert!(hoard.opens_keyring(&reader, folder).await);
    patient.grant_revoke(grant).await.unwrap();
    assert!(!hoard.opens_keyring(&reader, folder).await);
    let after = file(&patient, folder, b"after", "After").await;
    assert!(!hoard.opens_record(&reader, after.record).await);
    // A new version of a record that it has read is out of its reach too.
    let update =
        RecordUpdate { record: before.record, input: item(b"newer", "x").input, about: None };
    patient.record_update(update).await.unwrap();
    assert!(!hoard.opens_record(&reader, before.record).await);
    // Those who stay do not notice.
    assert_eq!(open(&friend, after.record, None).await.unwrap(), b"after");
    assert_eq!(open(&friend, before.record, None).await.unwrap(), b"newer");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_grant_ran_out_opens_nothing_filed_later() {
    let world = World::start(Some(100)).await;
    let patient = world.person("patient").await;
    let reader = world.person("reader").await;
    let laboratory = world.person("laboratory").await;
    meet(&patient, "patient", &reader, "reader").await;
    meet(&patient, "patient", &laboratory, "laboratory").await;
    let folder = chart(&patient).await;
    let capabilities = aceso_sdk::chain::constants::CAN_CREATE;
    let add =
        DelegateAdd { profile: me(&laboratory), folder: None, capabilities, until_secs: None };
    patient.delegate_add(add).await.unwrap();
    let before = file(&patient, folder, b"before", "Before").await;
    share_until(&patient, Scope::Folder(folder), me(&reader), 3600).await;
    assert_eq!(open(&reader, before.record, None).await.unwrap(), b"before");
    let hoard = Hoard::of(&reader, folder, me(&patient)).await;
    let listed = reader.record_list(RecordList::Shared { owner: None }).await.unwrap();
    assert_eq!(listed.len(), 1);

    world.net.travel(7200).await;
    // Between listing and opening it ran out: a sentence of its own.
    let refused = open(&reader, before.record, None).await.unwrap_err();
    assert!(matches!(refused, FlowError::GrantEnded { .. }), "{refused}");
    // The laboratory cannot rotate, so it seals to the owner's inbox; nothing is lost.
    let result = file(&laboratory, folder, b"result", "Result").await;
    assert_eq!(result.sealed_to, Sealing::Inbox);
    assert!(!hoard.opens_record(&reader, result.record).await);
    // The owner's next command rotates, empties the inbox, and files.
    let letter = patient.record_put(put(folder, vec![item(b"letter", "Letter")])).await.unwrap();
    assert_eq!(letter.maintained.rotated.len(), 1);
    assert_eq!(letter.maintained.resealed, [result.record]);
    assert_eq!(letter.records[0].sealed_to, Sealing::Epoch(2));
    for record in [result.record, letter.records[0].record] {
        assert!(!hoard.opens_record(&reader, record).await);
    }
    assert!(!hoard.opens_keyring(&reader, folder).await);
    // The reader may be let in again.
    share(&patient, Scope::Folder(folder), me(&reader)).await;
    assert_eq!(open(&reader, result.record, None).await.unwrap(), b"result");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_lost_a_record_opens_no_later_version_of_it() {
    let world = World::start(None).await;
    let patient = world.person("patient").await;
    let reader = world.person("reader").await;
    meet(&patient, "patient", &reader, "reader").await;
    let folder = chart(&patient).await;
    let record = file(&patient, folder, b"one", "Record").await.record;
    let grant = share(&patient, Scope::Record(record), me(&reader)).await.grant;
    assert_eq!(open(&reader, record, None).await.unwrap(), b"one");
    let own = reader.home().keystore().keys(&me(&reader), 1).unwrap().xwing.duplicate();
    let hoard = Hoard { seeds: vec![own], names: vec![me(&reader).to_bytes(), folder.to_bytes()] };
    assert!(hoard.opens_record(&reader, record).await, "the test tries the right places");

    let revoked = patient.grant_revoke(grant).await.unwrap();
    assert_eq!((revoked.receipt.approvals(), revoked.epoch), (1, None));
    assert!(revoked.unfinished.is_none());
    assert!(!hoard.opens_record(&reader, record).await);
    let update = RecordUpdate { record, input: item(b"two", "x").input, about: None };
    patient.record_update(update).await.unwrap();
    assert!(!hoard.opens_record(&reader, record).await);
    assert!(matches!(open(&reader, record, None).await, Err(FlowError::NoGrant { .. })));
}
