//! Published vectors: Wycheproof for every primitive used here, and for Cobblestone-256 as a whole.

use aceso_format::Error;
use aceso_format::cobblestone::{CHUNK_LEN, PREFIX_LEN, SALT_LEN, SEALED_CHUNK_LEN, open};
use aceso_format::engine::{Engine, RustCrypto};
use aceso_format::key::VerifyingKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};
use wycheproof::TestResult;

#[test]
fn cobblestone_256() {
    use wycheproof::chunked_encryption::{TestName, TestSet};
    let (mut count, mut valid) = (0, 0);
    let mut needs_commitment = Vec::new();
    for group in TestSet::load(TestName::Cobblestone256).unwrap().test_groups {
        for test in group.tests {
            count += 1;
            // The set stores ciphertexts compressed.
            let ct = miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap();
            let opened = <&[u8; 32]>::try_from(test.key.as_slice())
                .map_err(|_| Error::Truncated)
                .and_then(|key| open(key, &test.ctx, &ct));
            match test.result {
                TestResult::Valid => {
                    valid += 1;
                    let plaintext = opened.unwrap_or_else(|e| panic!("case {}: {e}", test.tc_id));
                    assert_eq!(Some(plaintext.len()), test.msg_length, "case {}", test.tc_id);
                    let digest = test.msg_sha512.expect("valid cases give the digest");
                    assert_eq!(Sha512::digest(plaintext.as_slice()).as_slice(), digest.as_slice());
                    assert_eq!(reseal(&test.key, &test.ctx, &ct, &plaintext), ct);
                }
                _ => {
                    assert!(
                        opened.is_err(),
                        "case {} must be refused: {}",
                        test.tc_id,
                        test.comment
                    );
                    if open_without_commitment(&test.key, &test.ctx, &ct) {
                        needs_commitment.push(test.tc_id);
                    }
                }
            }
        }
    }
    assert_eq!((count, valid), (35, 10));
    // The vectors do notice an opener that skips the commitment.
    assert!(!needs_commitment.is_empty());
}

/// Seals again under the salt of `sealed`, with a derivation that shares no code with the crate's.
fn reseal(key: &[u8], context: &[u8], sealed: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let keys = expand(key, &sealed[..SALT_LEN], context);
    let engine = RustCrypto::new(keys[..32].try_into().unwrap());
    let mut out = sealed[..SALT_LEN].to_vec();
    out.extend_from_slice(&keys[44..76]);
    for index in 0..=plaintext.len() / CHUNK_LEN {
        let end = plaintext.len().min((index + 1) * CHUNK_LEN);
        let mut chunk = plaintext[index * CHUNK_LEN..end].to_vec();
        let tag = engine.seal(&nonce(&keys, index as u64), &mut chunk);
        out.extend_from_slice(&chunk);
        out.extend_from_slice(&tag);
    }
    out
}

/// The mutant: an opener that does not look at the commitment.
fn open_without_commitment(key: &[u8], context: &[u8], sealed: &[u8]) -> bool {
    if key.len() != 32 || sealed.len() < PREFIX_LEN + 16 {
        return false;
    }
    let keys = expand(key, &sealed[..SALT_LEN], context);
    let engine = RustCrypto::new(keys[..32].try_into().unwrap());
    let chunks: Vec<&[u8]> = sealed[PREFIX_LEN..].chunks(SEALED_CHUNK_LEN).collect();
    chunks.last().is_some_and(|last| last.len() < SEALED_CHUNK_LEN)
        && chunks.iter().enumerate().all(|(index, chunk)| {
            let Some((data, tag)) = chunk.split_last_chunk::<16>() else { return false };
            engine.open(&nonce(&keys, index as u64), &mut data.to_vec(), tag).is_ok()
        })
}

fn expand(key: &[u8], salt: &[u8], context: &[u8]) -> Vec<u8> {
    let info = [b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", salt, context].concat();
    let mut out = Vec::new();
    let mut previous = Vec::new();
    for counter in 1..=2u8 {
        let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).unwrap();
        mac.update(&[previous.as_slice(), &info, &[counter]].concat());
        previous = mac.finalize().into_bytes().to_vec();
        out.extend_from_slice(&previous);
    }
    out
}

fn nonce(keys: &[u8], index: u64) -> [u8; 12] {
    let mut nonce: [u8; 12] = keys[32..44].try_into().unwrap();
    for (byte, counter) in nonce[4..].iter_mut().zip(index.to_be_bytes()) {
        *byte ^= counter;
    }
    nonce
}

#[test]
fn aes_256_gcm() {
    aes_gcm_on::<RustCrypto>();
    #[cfg(feature = "ring")]
    aes_gcm_on::<aceso_format::engine::Ring>();
}

/// The engines take no associated data, so cases with some are left to the crates below them.
fn aes_gcm_on<E: Engine>() {
    use wycheproof::aead::{TestName, TestSet};
    let mut count = 0;
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests.iter().filter(|test| test.aad.is_empty()) {
            count += 1;
            let engine = E::new(test.key.as_slice().try_into().unwrap());
            let nonce = test.nonce.as_slice().try_into().unwrap();
            let tag = test.tag.as_slice().try_into().unwrap();
            let mut data = test.ct.to_vec();
            let opened = engine.open(nonce, &mut data, tag);
            if test.result == TestResult::Invalid {
                assert!(opened.is_err(), "case {}", test.tc_id);
                continue;
            }
            assert!(opened.is_ok() && data == test.pt.as_slice(), "case {}", test.tc_id);
            assert_eq!(engine.seal(nonce, &mut data), *tag);
            assert_eq!(data, test.ct.as_slice());
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut count = 0;
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = VerifyingKey::from_bytes(group.key.pk.as_slice().try_into().unwrap());
        for test in group.tests {
            count += 1;
            let signature: Result<&[u8; 64], _> = test.sig.as_slice().try_into();
            let good = match (&key, signature) {
                (Ok(key), Ok(signature)) => key.verify("vector", &test.msg, signature).is_ok(),
                _ => false,
            };
            assert_eq!(
                good,
                test.result == TestResult::Valid,
                "case {}: {}",
                test.tc_id,
                test.comment
            );
        }
    }
    assert!(count > 80, "{count}");
}

#[test]
fn hkdf_sha_256() {
    use wycheproof::hkdf::{TestName, TestSet};
    for group in TestSet::load(TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests {
            let mut okm = vec![0; test.size];
            let made =
                hkdf::Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
            assert_eq!(
                made.is_ok() && okm == test.okm.as_slice(),
                test.result == TestResult::Valid
            );
        }
    }
}

#[test]
fn hkdf_sha_512() {
    use wycheproof::hkdf::{TestName, TestSet};
    for group in TestSet::load(TestName::HkdfSha512).unwrap().test_groups {
        for test in group.tests {
            let mut okm = vec![0; test.size];
            let made =
                hkdf::Hkdf::<Sha512>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
            assert_eq!(
                made.is_ok() && okm == test.okm.as_slice(),
                test.result == TestResult::Valid
            );
        }
    }
}

#[test]
fn x25519() {
    use wycheproof::xdh::{TestName, TestSet};
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let secret: [u8; 32] = test.private_key.as_slice().try_into().unwrap();
            let public: [u8; 32] = test.public_key.as_slice().try_into().unwrap();
            let shared = x25519_dalek::StaticSecret::from(secret).diffie_hellman(&public.into());
            assert_eq!(
                shared.as_bytes().as_slice(),
                test.shared_secret.as_slice(),
                "case {}",
                test.tc_id
            );
        }
    }
}

#[test]
fn ml_kem_768() {
    use ml_kem::kem::{Decapsulate, KeyExport};
    use ml_kem::{DecapsulationKey768, EncapsulationKey768};
    use wycheproof::mlkem::{TestName, TestSet};
    let mut count = 0;
    for name in [TestName::MlKem768, TestName::MlKem768Encaps, TestName::MlKem768KeyGenSeed] {
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                count += 1;
                let valid = test.result == TestResult::Valid;
                let key = test.seed.as_ref().and_then(|seed| {
                    let seed: [u8; 64] = seed.as_slice().try_into().ok()?;
                    Some(DecapsulationKey768::from_seed(seed.into()))
                });
                if let (Some(key), Some(public), None) = (&key, &test.encaps_key, &test.ct) {
                    let made = key.encapsulation_key().to_bytes();
                    assert_eq!(made.as_slice() == public.as_slice(), valid, "case {}", test.tc_id);
                }
                if let (Some(key), Some(ct), Some(secret)) = (&key, &test.ct, &test.shared_secret) {
                    let opened = ct.as_slice().try_into().ok().map(|ct| key.decapsulate(ct));
                    let same = opened.is_some_and(|opened| opened.as_slice() == secret.as_slice());
                    assert_eq!(same, valid, "case {}", test.tc_id);
                }
                if let (None, Some(public), Some(message)) = (&key, &test.encaps_key, &test.msg) {
                    let public = public
                        .as_slice()
                        .try_into()
                        .ok()
                        .and_then(|p| EncapsulationKey768::new(p).ok());
                    let message: Option<&[u8; 32]> = message.as_slice().try_into().ok();
                    let sealed = public
                        .zip(message)
                        .map(|(public, m)| public.encapsulate_deterministic(m.into()));
                    let same = sealed.is_some_and(|(ct, secret)| {
                        test.ct.as_ref().is_some_and(|t| ct.as_slice() == t.as_slice())
                            && test
                                .shared_secret
                                .as_ref()
                                .is_some_and(|t| secret.as_slice() == t.as_slice())
                    });
                    assert_eq!(same, valid, "case {}: {}", test.tc_id, test.comment);
                }
            }
        }
    }
    assert!(count > 50, "{count}");
}
