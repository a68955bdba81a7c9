//! One function for each parser. The fuzz targets call them, and so does `tests/corpus.rs`, on the inputs in `seeds/`.
//!
//! None may panic, and what is accepted must encode to the same bytes: every object has one encoding (SPEC §1).

use aceso_format::address::{BlobAddress, Branch, Cid, Codec};
use aceso_format::bundle::Bundle;
use aceso_format::content::{self, ContentLayout};
use aceso_format::head::SignedHead;
use aceso_format::key::{ContentKey, HeadKey, XWingSeed};
use aceso_format::keyring::SignedKeyring;
use aceso_format::manifest::Manifest;
use aceso_format::pack::PackTable;
use aceso_format::packet::{Packet, PacketContext, Purpose};
use aceso_format::proof_tree::{self, Hash, ProofBuilder, ProofShape, UpperTree};

/// Key and record of the content in the fixtures, so that mutations of a seed get past the commitment.
const CONTENT_KEY: [u8; 32] = [0xc0; 32];
const RECORD: [u8; 32] = [0xec; 32];

/// Content: a length of 8 bytes, then the blob.
pub fn content(data: &[u8]) {
    let _ = ContentLayout::content_len_range(data.len() as u64);
    let Some((len, blob)) = data.split_first_chunk() else { return };
    let len = u64::from_le_bytes(*len);
    if let Ok(range) = ContentLayout::content_len_range(len) {
        assert_eq!(ContentLayout::of(*range.end()).unwrap().sealed_len(), len);
    }
    let key = ContentKey::from_bytes(CONTENT_KEY);
    if let Ok(opened) = content::open(&RECORD, &key, len, blob) {
        assert_eq!(opened.len() as u64, len);
    }
}

/// A head, opened by its own address so that mutations get past the signature.
pub fn head(data: &[u8]) {
    let Ok(head) = SignedHead::decode(data) else { return };
    let claims = head.claims().clone();
    let address = BlobAddress::of(data);
    let head = head.pinned(&[0x50; 32], &claims.record, claims.version, &address).unwrap();
    let _ = head.open_with_key(&HeadKey::from_bytes([0; 32]));
    let seed = XWingSeed::from_bytes([0xee; 32]);
    let _ = head.open_as_folder(&[0xf0; 32], 5, &seed);
    for (profile, version) in claims.grants.into_iter().take(2) {
        let _ = head.open_as_recipient(&profile, version, &seed);
    }
}

/// A keyring.
pub fn keyring(data: &[u8]) {
    if let Ok(keyring) = SignedKeyring::decode(data) {
        let claims = keyring.claims();
        assert!(claims.epoch >= 1 && claims.readers.is_sorted());
    }
}

/// A bundle.
pub fn bundle(data: &[u8]) {
    if let Ok(bundle) = Bundle::decode(data) {
        assert_eq!(bundle.encode(), data);
        let _ = bundle.fingerprint().to_string();
    }
}

/// A packet.
pub fn packet(data: &[u8]) {
    let Ok(packet) = Packet::decode(data) else { return };
    assert_eq!(packet.as_bytes(), data);
    let context = PacketContext {
        purpose: Purpose::Reason,
        program: [0; 32],
        scope: [0; 32],
        version: 0,
        recipient: [0; 32],
    };
    let _ = context.open(&XWingSeed::from_bytes([0xee; 32]), &packet);
}

/// A manifest.
pub fn manifest(data: &[u8]) {
    if let Ok(manifest) = Manifest::decode(data) {
        assert_eq!(*manifest.encode().unwrap(), data);
        assert!(!manifest.safe_file_name().is_empty());
    }
}

/// A dag-pb node: a length of 8 bytes, a height, then the node.
pub fn node(data: &[u8]) {
    let Some((len, rest)) = data.split_first_chunk() else { return };
    let Some((height, block)) = rest.split_first() else { return };
    let len = u64::from_le_bytes(*len);
    let cid = Cid::of(Codec::DagPb, block);
    let branch = Branch { cid, offset: 0, len, height: u32::from(*height) };
    if let Ok(children) = branch.children(block) {
        assert_eq!(children.iter().map(|child| child.len).sum::<u64>(), len);
    }
    let _ = branch.verify_leaf(block);
}

/// A CID, as text and as bytes.
pub fn cid(data: &[u8]) {
    if let Ok(cid) = Cid::from_bytes(data) {
        assert_eq!(cid.to_bytes(), data);
        assert_eq!(cid.text().parse::<Cid>().unwrap(), cid);
    }
    if let Some(cid) = core::str::from_utf8(data).ok().and_then(|text| text.parse::<Cid>().ok()) {
        assert_eq!(cid.text().as_bytes(), data);
    }
}

/// The start of a pack: its length of 8 bytes, then the start.
pub fn pack(data: &[u8]) {
    let Some((len, start)) = data.split_first_chunk() else { return };
    let len = u64::from_le_bytes(*len);
    let Ok(table) = PackTable::decode(start, len) else { return };
    let encoded = table.encode();
    assert!(start.starts_with(&encoded));
    let mut end = encoded.len() as u64;
    for entry in table.entries() {
        assert_eq!(entry.content().start, end);
        assert_eq!(table.entry(&entry.record), Some(entry));
        end = entry.head().end;
    }
    assert_eq!(end, len);
}

/// A proof: length, index (8 bytes each), root, count of hashes (1 byte), path, leaf. And the same bytes as what is stored.
pub fn proof(data: &[u8]) {
    let _ = read_proof(data);
    let Ok(shape) = ProofShape::of(data.len() as u64) else { return };
    let (mut builder, mut nodes) = (ProofBuilder::new(), Vec::new());
    for piece in data.chunks(usize::from(data[0]) + 1) {
        builder.push(piece, |node| nodes.push(node));
    }
    let root = builder.finish(|node| nodes.push(node)).unwrap();
    assert_eq!(proof_tree::root(data), Ok(root));
    let tree = UpperTree::from_nodes(shape, &nodes).unwrap();
    assert_eq!(UpperTree::decode(shape, tree.as_bytes()).as_ref(), Ok(&tree));
    let _ = UpperTree::decode(shape, data);
    let index = u64::from(data[data.len() - 1]) % shape.leaves();
    let block = shape.block(index).unwrap();
    let block = &data[block.start as usize..block.end as usize];
    let proof = tree.prove(index, block).unwrap();
    assert_eq!(proof.path.len(), proof_path_len(shape.leaves(), index));
}

fn read_proof(data: &[u8]) -> Option<()> {
    let (len, rest) = data.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    let (root, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first()?;
    let (path, leaf) = rest.split_at_checked(32 * usize::from(*count))?;
    let (len, index) = (u64::from_le_bytes(*len), u64::from_le_bytes(*index));
    let path: &[Hash] = path.as_chunks().0;
    if proof_tree::verify(root, len, index, leaf, path).is_ok() {
        assert_eq!(path.len(), proof_path_len(len.div_ceil(512), index));
    }
    Some(())
}

/// PATH of RFC 9162 §2.1.3.1, its length.
fn proof_path_len(leaves: u64, index: u64) -> usize {
    if leaves == 1 {
        return 0;
    }
    let left = leaves.next_power_of_two() / 2;
    1 + match index.checked_sub(left) {
        None => proof_path_len(left, index),
        Some(index) => proof_path_len(leaves - left, index),
    }
}
