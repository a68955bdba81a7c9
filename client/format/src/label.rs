//! Domain-separation labels: the only place where they are spelled (SPEC §2).
//!
//! Every signature, key derivation and packet of Aceso starts with one of these, so bytes made for one purpose
//! never mean anything for another. No label is a prefix of another one (tested below).

/// Context of the Cobblestone message that holds a record's content (SPEC §4).
pub const CONTENT: &[u8] = b"aceso/content/v1";
/// Context of the Cobblestone message that holds a manifest (SPEC §9).
pub const MANIFEST: &[u8] = b"aceso/manifest/v1";
/// Signature of a head by its writer (SPEC §9).
pub const HEAD_SIGNATURE: &[u8] = b"aceso/head-signature/v1";
/// Signature of a keyring by its writer (SPEC §10).
pub const KEYRING_SIGNATURE: &[u8] = b"aceso/keyring-signature/v1";
/// Hash of the keys of a bundle that the wallet signs, in hex, as part of a text (SPEC §8).
pub const BUNDLE_KEYS: &[u8] = b"aceso/bundle-keys/v1";
/// Fingerprint of a bundle, compared by people (SPEC §8).
pub const FINGERPRINT: &[u8] = b"aceso/fingerprint/v1";

/// Packet: a head key, to the folder's epoch key (SPEC §9).
pub const PACKET_HEAD_FOLDER: &[u8] = b"aceso/packet/head-folder/v1";
/// Packet: a head key, to the owner's own key, for a record in the inbox (SPEC §9).
pub const PACKET_HEAD_INBOX: &[u8] = b"aceso/packet/head-inbox/v1";
/// Packet: a head key, to the reader of a grant on the record (SPEC §9).
pub const PACKET_HEAD_GRANT: &[u8] = b"aceso/packet/head-grant/v1";
/// Packet: the seed of an epoch, to the folder's owner or a reader (SPEC §10).
pub const PACKET_KEYRING: &[u8] = b"aceso/packet/keyring/v1";
/// Packet: all earlier seeds of a folder, to its present epoch key (SPEC §10).
pub const PACKET_HISTORY: &[u8] = b"aceso/packet/history/v1";
/// Packet: the reason given with a request, to the owner (SPEC §7).
pub const PACKET_REASON: &[u8] = b"aceso/packet/reason/v1";
/// Packet: an epoch seed, to the emergency key of an issuer (SPEC §7).
pub const PACKET_EMERGENCY: &[u8] = b"aceso/packet/emergency/v1";
/// Packet: a share of a record's second secret, to a storage peer (SPEC §7).
pub const PACKET_SHARE_PEER: &[u8] = b"aceso/packet/share-peer/v1";
/// Packet: a share re-sealed by a storage peer, to a reader (SPEC §7).
pub const PACKET_SHARE_READER: &[u8] = b"aceso/packet/share-reader/v1";

/// Derivation of a replica secret from a content key (SPEC §11).
pub const REPLICA: &[u8] = b"aceso/replica/v1";
/// Derivation of a mask key from a replica secret (SPEC §11).
pub const MASK: &[u8] = b"aceso/mask/v1";
/// Root of a proof tree (SPEC §13).
pub const PROOF: &[u8] = b"aceso/proof/v1";

/// Every label, for the test that none is a prefix of another one.
pub const ALL: [&[u8]; 18] = [
    CONTENT,
    MANIFEST,
    HEAD_SIGNATURE,
    KEYRING_SIGNATURE,
    BUNDLE_KEYS,
    FINGERPRINT,
    PACKET_HEAD_FOLDER,
    PACKET_HEAD_INBOX,
    PACKET_HEAD_GRANT,
    PACKET_KEYRING,
    PACKET_HISTORY,
    PACKET_REASON,
    PACKET_EMERGENCY,
    PACKET_SHARE_PEER,
    PACKET_SHARE_READER,
    REPLICA,
    MASK,
    PROOF,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn no_label_is_a_prefix_of_another() {
        for (i, a) in ALL.iter().enumerate() {
            for (j, b) in ALL.iter().enumerate() {
                assert!(i == j || !b.starts_with(a));
            }
        }
    }
}
