//! Paths against a second, recursive implementation of RFC 9162's tree, and against the vectors of Certificate
//! Transparency.

use aceso::{error::AcesoError, state::proof};
use anchor_lang::Result;
use proptest::prelude::*;
use solana_sha256_hasher::hash;

type Hash = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Hash {
    hash(&parts.concat()).to_bytes()
}

/// Merkle Tree Hash, as section 2.1.1 writes it.
fn mth(leaves: &[&[u8]]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => sha256(&[&[0], leaf]),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            sha256(&[&[1], &mth(left), &mth(right)])
        }
    }
}

/// Merkle inclusion proof, as section 2.1.3.1 writes it.
fn path(m: usize, leaves: &[&[u8]]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut inner, sibling) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    inner.push(sibling);
    inner
}

/// The largest power of two below `n`.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

fn root(bytes: &[u8]) -> Hash {
    let tree = mth(&leaves(bytes));
    sha256(&[b"aceso/proof/v1", &(bytes.len() as u64).to_le_bytes(), &tree])
}

fn leaves(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.chunks(512).collect()
}

fn refused(result: Result<()>, error: AcesoError) {
    assert_eq!(result.expect_err("it is refused"), error.into());
}

fn stored(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n * 7 + n / 512) as u8).collect()
}

proptest! {
    #[test]
    fn each_leaf_is_proven_by_its_path_and_by_no_other(
        len in prop_oneof![1usize..40_000, Just(512), Just(513), Just(1_024), Just(16 * 512), Just(16 * 512 + 1)],
        at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let bytes = stored(len);
        let (root, leaves, len) = (root(&bytes), leaves(&bytes), len as u64);
        prop_assert_eq!(proof::leaf_count(len), leaves.len() as u64);
        let at = at.index(leaves.len());
        let (index, leaf, path) = (at as u64, leaves[at], path(at, &leaves));
        proof::verify(&root, len, index, leaf, &path).unwrap();

        // A path that is too long, too short, or of another leaf.
        refused(proof::verify(&root, len, index, leaf, &[&path[..], &[[0; 32]]].concat()), AcesoError::PathLength);
        if let Some((_, shorter)) = path.split_last() {
            refused(proof::verify(&root, len, index, leaf, shorter), AcesoError::PathLength);
            refused(proof::verify(&root, len, index, leaf, &path[1..]), AcesoError::PathLength);
        }
        let other = other.index(leaves.len());
        if other != at {
            prop_assert!(proof::verify(&root, len, other as u64, leaf, &path).is_err());
            prop_assert!(proof::verify(&root, len, index, leaves[other], &path).is_err());
            let of_other = self::path(other, &leaves);
            prop_assert!(proof::verify(&root, len, index, leaf, &of_other).is_err());
        }
        // One bit of anything.
        let mut wrong = leaf.to_vec();
        let bit = bit.index(leaf.len() * 8);
        wrong[bit / 8] ^= 1 << (bit % 8);
        refused(proof::verify(&root, len, index, &wrong, &path), AcesoError::ProofWrong);
        for n in 0..path.len() {
            let mut wrong = path.clone();
            wrong[n][bit % 32] ^= 1 << (bit % 8);
            refused(proof::verify(&root, len, index, leaf, &wrong), AcesoError::ProofWrong);
        }
        // A leaf cut off, or with bytes appended.
        refused(proof::verify(&root, len, index, &leaf[1..], &path), AcesoError::LeafLength);
        refused(proof::verify(&root, len, index, &[leaf, &[0]].concat(), &path), AcesoError::LeafLength);
        // Another length: its leaves or its root differ.
        prop_assert!(proof::verify(&root, len + 1, index, leaf, &path).is_err());
        prop_assert!(proof::verify(&root, len + 512, index, leaf, &path).is_err());
        prop_assert!(proof::verify(&root, len - 1, index, leaf, &path).is_err());
    }
}

#[test]
fn every_leaf_of_every_small_tree() {
    for count in 1..=70 {
        let bytes = stored(count * 512 - 100);
        let (root, leaves) = (root(&bytes), leaves(&bytes));
        for at in 0..count {
            let path = path(at, &leaves);
            proof::verify(&root, bytes.len() as u64, at as u64, leaves[at], &path).unwrap();
        }
    }
}

/// A node's two halves, passed off as a leaf: refused by the leaf's length, and by the domain of its hash.
#[test]
fn a_node_is_no_leaf() {
    let bytes = stored(4 * 512);
    let leaves = leaves(&bytes);
    let root = root(&bytes);
    let halves = [mth(&leaves[..2]), mth(&leaves[2..])].concat();
    refused(proof::verify(&root, 4 * 512, 0, &halves, &[]), AcesoError::LeafLength);
    assert_ne!(proof::climb(0, 0, &halves, &[]).unwrap(), mth(&leaves));
}

#[test]
fn a_length_of_nothing_and_a_leaf_beyond_the_last_are_refused() {
    refused(proof::verify(&[0; 32], 0, 0, &[], &[]), AcesoError::InvariantBroken);
    let bytes = stored(600);
    refused(proof::verify(&root(&bytes), 600, 2, &[], &[]), AcesoError::InvariantBroken);
    assert_eq!(proof::leaf_count(u64::MAX), 1 << 55);
    assert!(proof::verify(&[0; 32], u64::MAX, (1 << 55) - 1, &[0; 511], &[[0; 32]; 55]).is_err());
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// Google's certificate-transparency, merkletree/merkle_tree_test.cc: the leaves, the roots of the trees over the first
/// 1 to 8 of them, and its inclusion proofs (index from 0, size, path).
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const PATHS: [(usize, usize, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

#[test]
fn the_tree_is_that_of_certificate_transparency() {
    let leaves: Vec<Vec<u8>> = LEAVES.iter().map(|leaf| hex(leaf)).collect();
    let leaves: Vec<&[u8]> = leaves.iter().map(Vec::as_slice).collect();
    for size in 1..=8 {
        let root = hex(ROOTS[size - 1]);
        assert_eq!(mth(&leaves[..size])[..], root, "the second implementation, {size} leaves");
        for at in 0..size {
            let path = path(at, &leaves[..size]);
            let tree = proof::climb(at as u64, size as u64 - 1, leaves[at], &path).unwrap();
            assert_eq!(tree[..], root, "leaf {at} of {size}");
        }
    }
    for (at, size, published) in PATHS {
        let published: Vec<Hash> =
            published.iter().map(|hash| hex(hash).try_into().unwrap()).collect();
        assert_eq!(path(at, &leaves[..size]), published);
        let tree = proof::climb(at as u64, size as u64 - 1, leaves[at], &published).unwrap();
        assert_eq!(tree[..], hex(ROOTS[size - 1]));
    }
}

/// What client/format, which builds the trees, has published: the same roots, and every proof that it accepts or refuses.
#[test]
fn the_fixtures_of_the_format_hold_here() {
    let text = include_str!("../../../../client/format/testdata/copies.json");
    let fixtures: serde_json::Value = serde_json::from_str(text).unwrap();
    let bytes = |case: &serde_json::Value| {
        let base = case["base"].as_str().unwrap();
        let base =
            fixtures["objects"].get(base).map_or_else(Vec::new, |o| hex(o.as_str().unwrap()));
        let part = |part: &serde_json::Value| match part.as_array() {
            None => hex(part.as_str().unwrap()),
            Some(ends) => {
                let end = |n: usize| usize::try_from(ends[n].as_u64().unwrap()).unwrap();
                base[end(0)..end(1)].to_vec()
            }
        };
        case["parts"].as_array().unwrap().iter().flat_map(part).collect::<Vec<u8>>()
    };
    let hash = |value: &serde_json::Value| -> Hash {
        hex(value.as_str().unwrap()).try_into().expect("32 bytes")
    };
    let (mut roots, mut proofs) = (0, 0);
    for case in fixtures["cases"].as_array().unwrap() {
        let (name, valid) = (case["name"].as_str().unwrap(), case["expect"] == "ok");
        match case["op"].as_str().unwrap() {
            "root" if valid => {
                assert_eq!(root(&bytes(case)), hash(&case["value"]["root"]), "{name}");
                roots += 1;
            }
            "proof" => {
                let args = &case["args"];
                let (len, index) = (args["len"].as_u64().unwrap(), args["index"].as_u64().unwrap());
                let path = hex(args["path"].as_str().unwrap());
                let path: Vec<Hash> =
                    path.chunks(32).map(|hash| hash.try_into().unwrap()).collect();
                let done = proof::verify(&hash(&args["root"]), len, index, &bytes(case), &path);
                assert_eq!(done.is_ok(), valid, "{name}");
                proofs += 1;
            }
            _ => {}
        }
    }
    assert!(roots >= 10 && proofs >= 30, "{roots} roots, {proofs} proofs");
}
