//! The mask that makes each lease's copy of a record differ from every other one (SPEC §11).
//!
//! It hides nothing (what it covers is sealed) and authenticates nothing (address and root do): it keeps one disk from
//! answering for two leases.

use aes::Aes256Enc;
use ctr::cipher::{InnerIvInit, KeyInit, StreamCipher, StreamCipherCoreWrapper, StreamCipherSeek};
use ctr::{CtrCore, flavors};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Address32;
use crate::key::{ContentKey, MaskKey, ReplicaSecret};
use crate::label;

/// A block of AES, bytes.
const BLOCK_LEN: usize = 16;

impl ReplicaSecret {
    /// The secret that the copies of one version are masked under, from the content key in its manifest.
    pub fn of(key: &ContentKey) -> Self {
        let bytes = derive(key.expose(), &[label::REPLICA]);
        ReplicaSecret::from_slice(bytes.as_slice()).expect("derived to its length")
    }
}

impl MaskKey {
    /// The AES-256 key of a record's copy in a lease; for a client that has AES-CTR of its own (WebCrypto).
    pub fn of(secret: &ReplicaSecret, lease: &Address32, record: &Address32) -> Self {
        let bytes = derive(secret.expose(), &[label::MASK, lease, record]);
        MaskKey::from_slice(bytes.as_slice()).expect("derived to its length")
    }
}

/// Masks and unmasks the content of one record in one lease. Without state, so one mask serves many threads.
pub struct Mask(Aes256Enc);

impl Mask {
    /// The mask of a record's copy in a lease.
    pub fn new(secret: &ReplicaSecret, lease: &Address32, record: &Address32) -> Self {
        Mask::with_key(&MaskKey::of(secret, lease, record))
    }

    /// The mask under a key that is already derived.
    pub fn with_key(key: &MaskKey) -> Self {
        Mask(Aes256Enc::new(key.expose().into()))
    }

    /// Masks, or unmasks, `bytes` in place: those of the content as it is stored, from `offset` on. The head is not masked.
    pub fn apply(&self, offset: u64, bytes: &mut [u8]) {
        self.xor([0; BLOCK_LEN], offset, bytes);
    }

    fn xor(&self, counter: [u8; BLOCK_LEN], offset: u64, bytes: &mut [u8]) {
        let core =
            CtrCore::<&Aes256Enc, flavors::Ctr128BE>::inner_iv_init(&self.0, &counter.into());
        let mut keystream = StreamCipherCoreWrapper::from_core(core);
        keystream.seek(offset);
        keystream.apply_keystream(bytes);
    }
}

/// HKDF-SHA-256 without salt, 32 bytes.
fn derive(secret: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, secret)
        .expand_multi_info(info, bytes.as_mut_slice())
        .expect("32 bytes are far below 255 blocks");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SP 800-38A, F.5.5 and F.5.6 (CTR-AES256).
    #[test]
    fn published_vector() {
        let block = |number: u128| number.to_be_bytes();
        let mut key = [0; 32];
        key[..16].copy_from_slice(&block(0x603d_eb10_15ca_71be_2b73_aef0_857d_7781));
        key[16..].copy_from_slice(&block(0x1f35_2c07_3b61_08d7_2d98_10a3_0914_dff4));
        let counter = block(0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff);
        let plain = [
            block(0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a),
            block(0xae2d_8a57_1e03_ac9c_9eb7_6fac_45af_8e51),
            block(0x30c8_1c46_a35c_e411_e5fb_c119_1a0a_52ef),
            block(0xf69f_2445_df4f_9b17_ad2b_417b_e66c_3710),
        ];
        let cipher = [
            block(0x601e_c313_7757_89a5_b7a7_f504_bbf3_d228),
            block(0xf443_e3ca_4d62_b59a_ca84_e990_caca_f5c5),
            block(0x2b09_30da_a23d_e94c_e870_17ba_2d84_988d),
            block(0xdfc9_c58d_b67a_ada6_13c2_dd08_4579_41a6),
        ];
        let mask = Mask::with_key(&MaskKey::from_bytes(key));
        for start in 0..64 {
            for end in start..=64 {
                let mut bytes = plain.as_flattened()[start..end].to_vec();
                mask.xor(counter, start as u64, &mut bytes);
                assert_eq!(bytes, cipher.as_flattened()[start..end], "{start}..{end}");
            }
        }
    }
}
