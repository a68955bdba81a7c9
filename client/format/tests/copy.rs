//! Copies and packs as they are used: made in one pass, read by ranges, opened again; leases that share no bytes.

use aceso_format::copy::{CopyBuilder, CopyPart};
use aceso_format::key::{ContentKey, ReplicaSecret};
use aceso_format::mask::Mask;
use aceso_format::pack::{self, MAX_PACK_LEN, MAX_RECORDS, PackPart, PackTable, PackedRecord};
use aceso_format::proof_tree::{self, ProofShape, UpperTree};
use aceso_format::{BlobAddress, Error, content};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const FOLDER: [u8; 32] = [5; 32];
const LEASE: [u8; 32] = [6; 32];
const RECORD: [u8; 32] = [7; 32];

fn key() -> ContentKey {
    ContentKey::from_bytes([9; 32])
}

fn secret() -> ReplicaSecret {
    ReplicaSecret::of(&key())
}

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn sealed(len: usize) -> Vec<u8> {
    content::seal(&RECORD, &key(), &sample(len), &mut ChaCha20Rng::seed_from_u64(1)).unwrap()
}

#[test]
fn one_pass_gives_what_the_parts_give() {
    let (sealed, head) = (sealed(3_000_000), sample(5000));
    let mask = Mask::new(&secret(), &LEASE, &RECORD);
    let mut expected = sealed.clone();
    mask.apply(0, &mut expected);
    expected.extend_from_slice(&head);
    for step in [1000, 65_536, 1 << 20, usize::MAX] {
        let (mut builder, mut stored) = (CopyBuilder::new(), sealed.clone());
        let (mut blocks, mut nodes, mut offset) = (Vec::new(), Vec::new(), 0);
        let mut keep = |part| match part {
            CopyPart::Node(node) => blocks.push(node),
            CopyPart::Proof(node) => nodes.push(node),
        };
        for piece in stored.chunks_mut(step) {
            builder.push_masked(&mask, offset, piece, &mut keep);
            offset += piece.len() as u64;
        }
        builder.push(&head, &mut keep);
        let address = builder.finish(&mut keep).unwrap();
        stored.extend_from_slice(&head);
        assert!(stored == expected);
        assert_eq!(address.blob, BlobAddress::of(&expected));
        assert_eq!(blocks.last().unwrap().cid, address.blob.cid());
        proof_tree::verify_stored(&address.root, &expected).unwrap();
        let shape = ProofShape::of(address.blob.len).unwrap();
        assert_eq!(UpperTree::from_nodes(shape, &nodes).unwrap().root(), address.root);
    }
    assert!(matches!(CopyBuilder::new().finish(|_| ()), Err(Error::ProofShape { .. })));
}

#[test]
fn a_range_of_a_copy_opens() {
    let sealed = sealed(100_000);
    let mask = Mask::new(&secret(), &LEASE, &RECORD);
    let mut masked = sealed.clone();
    mask.apply(0, &mut masked);

    let mut prefix: [u8; content::PREFIX_LEN] = masked[..content::PREFIX_LEN].try_into().unwrap();
    mask.apply(0, &mut prefix);
    let cipher: content::ContentCipher =
        content::ContentCipher::for_opening(&RECORD, &key(), 100_000, &prefix).unwrap();
    let range = cipher.layout().range(40_000..40_100).unwrap();
    let mut fetched = masked[range.sealed.start as usize..range.sealed.end as usize].to_vec();
    mask.apply(range.sealed.start, &mut fetched);
    assert_eq!(*cipher.open_range(&range, &fetched).unwrap(), sample(100_000)[40_000..40_100]);
}

/// Each of lease, record and version alone makes another keystream, without a byte pattern in common.
#[test]
fn copies_share_no_bytes() {
    let stream = |secret: &ReplicaSecret, lease: u8, record: u8| {
        let mut zeros = vec![0; 4096];
        Mask::new(secret, &[lease; 32], &[record; 32]).apply(0, &mut zeros);
        zeros
    };
    let other = ReplicaSecret::of(&ContentKey::from_bytes([10; 32]));
    let streams = [
        stream(&secret(), 1, 1),
        stream(&secret(), 2, 1),
        stream(&secret(), 1, 2),
        stream(&secret(), 2, 2),
        stream(&other, 1, 1),
        vec![0; 4096],
    ];
    for (i, a) in streams.iter().enumerate() {
        for b in &streams[..i] {
            assert!(a.as_chunks::<16>().0.iter().all(|block| !b.as_chunks().0.contains(block)));
        }
    }
    assert_eq!(streams[0], stream(&secret(), 1, 1));
}

#[test]
fn a_pack_gives_back_each_record() {
    let contents = [sealed(0), sealed(10), sealed(20_000)];
    let heads = [sample(700), sample(1), sample(4000)];
    let mut parts: Vec<PackPart> = contents
        .iter()
        .zip(&heads)
        .zip([30, 10, 20])
        .map(|((content, head), record)| PackPart {
            record: [record; 32],
            secret: Box::leak(Box::new(secret())),
            content,
            head,
        })
        .collect();
    let bytes = pack::pack(FOLDER, &LEASE, &mut parts).unwrap();
    let table_len = PackTable::table_len(&bytes[..pack::PACK_PREFIX_LEN]).unwrap();
    let table = PackTable::decode(&bytes[..table_len], bytes.len() as u64).unwrap();
    assert_eq!(table.encode(), bytes[..table_len]);
    assert_eq!((table.folder(), table.pack_len()), (&FOLDER, bytes.len() as u64));
    table.check(&FOLDER).unwrap();
    let mut end = table_len as u64;
    for part in &parts {
        let entry = table.entry(&part.record).unwrap();
        assert_eq!(entry.content().start, end, "records follow each other");
        let range = |range: core::ops::Range<u64>| &bytes[range.start as usize..range.end as usize];
        let mut content = range(entry.content()).to_vec();
        Mask::new(&secret(), &LEASE, &part.record).apply(0, &mut content);
        assert_eq!(content, part.content);
        assert_eq!(range(entry.head()), part.head);
        end = entry.head().end;
    }
    assert_eq!(end, bytes.len() as u64);
    assert_eq!(table.entry(&[11; 32]), None);
}

#[test]
fn a_pack_has_limits() {
    let record = |at: usize, content_len: u64, head_len: u32| {
        let mut record = [0; 32];
        record[..8].copy_from_slice(&(at as u64).to_be_bytes());
        PackedRecord { record, content_len, head_len }
    };
    let small = 72 + 4096 + 16;
    let many: Vec<_> = (0..=MAX_RECORDS).map(|at| record(at, small, 1)).collect();
    let new = |records: &[PackedRecord]| PackTable::new(FOLDER, records);
    let table = new(&many[..MAX_RECORDS]).unwrap();
    assert_eq!(PackTable::decode(&table.encode(), table.pack_len()).unwrap(), table);
    assert!(matches!(new(&many), Err(Error::TooMany { count: 4097, .. })));
    let field = |field| Err(Error::FieldInvalid { what: "pack", field });
    assert_eq!(new(&[]), field("count"));
    assert_eq!(new(&[record(2, small, 1), record(1, small, 1)]), field("order of records"));
    assert_eq!(new(&[record(1, small, 1), record(1, small, 1)]), field("order of records"));
    assert_eq!(new(&[record(1, small + 1, 1)]), field("length of content"));
    assert_eq!(new(&[record(1, 0, 1)]), field("length of content"));
    assert_eq!(new(&[record(1, small, 0)]), field("length of a head"));
    assert!(matches!(
        new(&[record(1, small, (1 << 20) + 1)]),
        Err(Error::TooLong { what: "head", .. })
    ));
    // Up to the last byte, with one head as the rest; and one byte more.
    let big = content::ContentLayout::of(65_900_000).unwrap().sealed_len();
    let rest = (MAX_PACK_LEN - 44 - 44 - big) as u32;
    assert_eq!(new(&[record(1, big, rest)]).unwrap().pack_len(), MAX_PACK_LEN);
    let more = new(&[record(1, big, rest + 1)]);
    assert!(matches!(more, Err(Error::TooLong { what: "pack", .. })), "{more:?}");
}

proptest! {
    /// A mask is one stream of bytes, wherever one starts.
    #[test]
    fn masks_seek(start in 0usize..5000, len in 0usize..5000, far in 0u64..1 << 51) {
        let mask = Mask::new(&secret(), &LEASE, &RECORD);
        let mut whole = vec![0; 10_000];
        mask.apply(far, &mut whole);
        let mut part = vec![0; len];
        mask.apply(far + start as u64, &mut part);
        prop_assert_eq!(&part, &whole[start..start + len]);
    }

    /// What is read is what is written; anything else is refused.
    #[test]
    fn one_encoding_of_a_table(lens in prop::collection::vec((0u64..9000, 1u32..9000), 1..20), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let records: Vec<_> = (0u8..).zip(&lens).map(|(at, (content, head))| PackedRecord {
            record: [at; 32],
            content_len: content::ContentLayout::of(*content).unwrap().sealed_len(),
            head_len: *head,
        }).collect();
        let table = PackTable::new(FOLDER, &records).unwrap();
        let mut bytes = table.encode();
        prop_assert_eq!(&PackTable::decode(&bytes, table.pack_len()).unwrap(), &table);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(other) = PackTable::decode(&bytes, table.pack_len()) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }
}
