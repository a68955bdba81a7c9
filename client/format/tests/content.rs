//! Content as a stream, in batches, by ranges; engines that agree; and every way of ending too early.

use aceso_format::Error;
use aceso_format::cobblestone::{CHUNK_LEN, ChunkCipher, MessageKey, PREFIX_LEN, SEALED_CHUNK_LEN};
use aceso_format::content::{
    self, ContentCipher, ContentLayout, ContentOpener, ContentSealer, Step,
};
use aceso_format::engine::{Engine, Fast, RustCrypto};
use aceso_format::key::ContentKey;
use aceso_format::padding::{self, CONTENT_FLOOR};
use aceso_format::stream::{Opener, Sealer};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const RECORD: [u8; 32] = [7; 32];
const EDGES: [usize; 12] =
    [0, 1, 15, 4087, 4088, 4089, 16_375, 16_376, 16_384, 32_768, 50_000, 200_001];

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn key() -> ContentKey {
    ContentKey::from_bytes([9; 32])
}

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

#[test]
fn edges_round_trip_and_hide_their_length() {
    for len in EDGES {
        let content = sample(len);
        let blob = content::seal(&RECORD, &key(), &content, &mut rng(1)).unwrap();
        let layout = ContentLayout::of(len as u64).unwrap();
        assert_eq!(blob.len() as u64, layout.sealed_len());
        assert!(
            ContentLayout::content_len_range(blob.len() as u64).unwrap().contains(&(len as u64))
        );
        assert_eq!(*content::open(&RECORD, &key(), len as u64, &blob).unwrap(), content);
    }
    assert_eq!(ContentLayout::content_len_range(16 + 56 + 4096 + 16).unwrap(), 0..=4088);
}

#[test]
fn what_does_not_belong_is_refused() {
    let len = 40_000;
    let blob = content::seal(&RECORD, &key(), &sample(len), &mut rng(1)).unwrap();
    let open = |record, key: &ContentKey, len, blob: &[u8]| {
        content::open(record, key, len, blob).map(|_| ()).unwrap_err()
    };
    let len = len as u64;
    assert_eq!(open(&[8; 32], &key(), len, &blob), Error::CommitmentMismatch);
    assert_eq!(
        open(&RECORD, &ContentKey::from_bytes([1; 32]), len, &blob),
        Error::CommitmentMismatch
    );
    for cut in [0, 5, 71, 72, 72 + SEALED_CHUNK_LEN, blob.len() - 1] {
        assert_eq!(open(&RECORD, &key(), len, &blob[..cut]), Error::Truncated, "{cut}");
    }
    let longer = [blob.as_slice(), &[0]].concat();
    assert_eq!(
        open(&RECORD, &key(), len, &longer),
        Error::TrailingBytes { what: "content", len: 1 }
    );
    // Another length of the same padding, and of another one.
    assert_eq!(open(&RECORD, &key(), len - 1, &blob), Error::PaddingInvalid);
    assert!(matches!(
        open(&RECORD, &key(), 20_000, &blob),
        Error::ChunkForged { .. } | Error::Truncated
    ));
    for at in (0..blob.len()).step_by(997) {
        let mut changed = blob.clone();
        changed[at] ^= 0x10;
        open(&RECORD, &key(), len, &changed);
    }
}

#[test]
fn an_unfinished_stream_is_truncated() {
    let keys = MessageKey::for_sealing(&[3; 32], b"test", &mut rng(2));
    let mut sealed = Vec::new();
    let mut sealer: Sealer = Sealer::new(&keys, &mut sealed);
    sealer.update(&sample(CHUNK_LEN * 2), &mut sealed).unwrap();
    drop(sealer); // finish MUST be called; this is what happens to one who forgets
    let mut opener: Opener = Opener::new(&keys);
    let mut out = Vec::new();
    opener.update(&sealed[PREFIX_LEN..], &mut out).unwrap();
    assert_eq!(out.len(), CHUNK_LEN * 2);
    assert_eq!(opener.finish(&mut out), Err(Error::Truncated));
}

#[test]
fn a_full_last_chunk_is_refused() {
    let cipher: ChunkCipher =
        ChunkCipher::new(&MessageKey::for_sealing(&[3; 32], b"", &mut rng(2)));
    let mut slot = vec![0; SEALED_CHUNK_LEN];
    assert!(matches!(cipher.seal_in_place(0, true, &mut slot), Err(Error::BufferLength { .. })));
    assert!(matches!(
        cipher.seal_in_place(0, false, &mut slot[1..]),
        Err(Error::BufferLength { .. })
    ));
    cipher.seal_in_place(0, false, &mut slot).unwrap();
    assert_eq!(cipher.open_in_place(0, true, &mut slot), Err(Error::Truncated));
    assert_eq!(cipher.open_in_place(1, false, &mut slot), Err(Error::ChunkForged { index: 1 }));
    assert!(slot[..CHUNK_LEN].iter().all(|byte| *byte == 0), "nothing of a forged chunk is left");
    assert!(matches!(cipher.seal_in_place(1 << 38, false, &mut slot), Err(Error::TooMany { .. })));
}

#[test]
fn finish_of_a_big_file_comes_in_steps() {
    let len = 40 << 20;
    let cipher: ContentCipher =
        ContentCipher::for_sealing(&RECORD, &key(), len, &mut rng(1)).unwrap();
    let mut sealer = ContentSealer::new(cipher);
    let mut out = Vec::new();
    let mut total = PREFIX_LEN + 16;
    let piece = sample(1 << 20);
    for _ in 0..40 {
        sealer.update(&piece, &mut out).unwrap();
        total += std::mem::take(&mut out).len();
    }
    let mut steps = 0;
    loop {
        let step = sealer.finish(&mut out).unwrap();
        assert!(out.len() <= 64 * SEALED_CHUNK_LEN);
        total += std::mem::take(&mut out).len();
        steps += 1;
        if step == Step::Done {
            break;
        }
    }
    assert!(steps > 1);
    assert_eq!(total as u64, ContentLayout::of(len).unwrap().sealed_len());
}

#[test]
fn content_of_another_length_than_announced_is_refused() {
    let new = || {
        ContentSealer::<Fast>::new(
            ContentCipher::for_sealing(&RECORD, &key(), 10, &mut rng(1)).unwrap(),
        )
    };
    let mut out = Vec::new();
    assert_eq!(
        new().update(&[0; 11], &mut out),
        Err(Error::ContentLength { expected: 10, pushed: 11 })
    );
    let mut short = new();
    short.update(&[0; 9], &mut out).unwrap();
    assert_eq!(short.finish(&mut out), Err(Error::ContentLength { expected: 10, pushed: 9 }));
}

#[test]
fn engines_give_the_same_bytes() {
    for len in [0, 1, 15, 16, 17, 255, 4096, CHUNK_LEN - 1, CHUNK_LEN] {
        let mut data = sample(len);
        let tag = RustCrypto::new(&[5; 32]).seal(&[6; 12], &mut data);
        let mut fast = sample(len);
        assert_eq!(Fast::new(&[5; 32]).seal(&[6; 12], &mut fast), tag);
        assert_eq!(fast, data);
        Fast::new(&[5; 32]).open(&[6; 12], &mut data, &tag).unwrap();
        assert_eq!(data, sample(len));
        RustCrypto::new(&[5; 32]).open(&[6; 12], &mut fast, &tag).unwrap();
        let mut wrong = tag;
        wrong[15] ^= 1;
        assert!(Fast::new(&[5; 32]).open(&[6; 12], &mut fast, &wrong).is_err());
    }
}

#[test]
fn ciphers_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<ContentCipher<Fast>>();
    shared::<ContentCipher<RustCrypto>>();
    let keys = MessageKey::for_sealing(&[3; 32], b"", &mut rng(2));
    let cipher: ChunkCipher = ChunkCipher::new(&keys);
    let mut one = vec![1; SEALED_CHUNK_LEN * 8];
    cipher.seal_batch(0, &mut one).unwrap();
    let mut two = vec![1; SEALED_CHUNK_LEN * 8];
    let (front, back) = two.split_at_mut(SEALED_CHUNK_LEN * 4);
    std::thread::scope(|scope| {
        scope.spawn(|| cipher.seal_batch(0, front).unwrap());
        scope.spawn(|| cipher.seal_batch(4, back).unwrap());
    });
    assert_eq!(one, two);
    cipher.open_batch(0, &mut two).unwrap();
    assert!(
        two.as_chunks::<SEALED_CHUNK_LEN>()
            .0
            .iter()
            .all(|slot| slot[..CHUNK_LEN] == [1; CHUNK_LEN])
    );
    one[SEALED_CHUNK_LEN * 7] ^= 1;
    assert_eq!(cipher.open_batch(0, &mut one), Err(Error::ChunkForged { index: 7 }));
    assert!(one.iter().all(|byte| *byte == 0), "no part of a forged batch is left");
}

#[test]
fn padme_is_that_of_the_paper() {
    for (len, padded) in [
        (0, 0),
        (1, 1),
        (8, 8),
        (9, 10),
        (100, 104),
        (1000, 1024),
        (4097, 4352),
        (1 << 20, 1 << 20),
    ] {
        assert_eq!(padding::padme(len), padded, "{len}");
    }
    let mut last = 0;
    for len in 0..200_000 {
        let padded = padding::padded_len(len, CONTENT_FLOOR).unwrap();
        assert!(padded >= len + 8 && padded >= last && padded.is_multiple_of(256));
        let (least, greatest) = padding::content_len_bounds(padded, CONTENT_FLOOR).unwrap();
        assert!((least..=greatest).contains(&len));
        last = padded;
    }
    assert!(padding::padded_len(padding::MAX_CONTENT_LEN, CONTENT_FLOOR).is_ok());
    assert!(padding::padded_len(u64::MAX, CONTENT_FLOOR).is_err());
    assert_eq!(padding::content_len_bounds(4097, CONTENT_FLOOR), Err(Error::PaddingInvalid));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_of_the_stream_gives_the_same(len in 0usize..120_000, cut in 1usize..40_000, seed: u64) {
        let content = sample(len);
        let cipher: ContentCipher = ContentCipher::for_sealing(&RECORD, &key(), len as u64, &mut rng(seed)).unwrap();
        let mut blob = cipher.prefix().to_vec();
        let mut sealer = ContentSealer::new(cipher);
        for part in content.chunks(cut) {
            sealer.update(part, &mut blob).unwrap();
        }
        while sealer.finish(&mut blob).unwrap() == Step::More {}
        prop_assert_eq!(&blob, &content::seal(&RECORD, &key(), &content, &mut rng(seed)).unwrap());

        let prefix = blob[..content::PREFIX_LEN].try_into().unwrap();
        let cipher: ContentCipher = ContentCipher::for_opening(&RECORD, &key(), len as u64, prefix).unwrap();
        let mut opener = ContentOpener::new(cipher);
        let mut opened = Vec::new();
        for part in blob[content::PREFIX_LEN..].chunks(cut) {
            opener.update(part, &mut opened).unwrap();
        }
        opener.finish().unwrap();
        prop_assert_eq!(opened, content);
    }

    #[test]
    fn any_range_is_what_the_whole_has(len in 0u64..100_000, a in 0u64..110_000, b in 0u64..110_000) {
        let content = sample(len as usize);
        let blob = content::seal(&RECORD, &key(), &content, &mut rng(1)).unwrap();
        let prefix = blob[..content::PREFIX_LEN].try_into().unwrap();
        let cipher: ContentCipher = ContentCipher::for_opening(&RECORD, &key(), len, prefix).unwrap();
        let wanted = a.min(b)..a.max(b);
        let range = cipher.layout().range(wanted.clone()).unwrap();
        let sealed = &blob[range.sealed.start as usize..range.sealed.end as usize];
        let (start, end) = (wanted.start.min(len) as usize, wanted.end.min(len) as usize);
        prop_assert_eq!(&**cipher.open_range(&range, sealed).unwrap(), &content[start..end]);
    }
}
