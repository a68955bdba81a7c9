//! The proof tree against RFC 9162 as it is written there, recursively; proofs from the parts that a holder keeps; and every
//! proof that does not fit. The published vectors are in `src/proof_hash.rs`, which sees the hashes below our root.

use aceso_format::Error;
use aceso_format::proof_tree::{
    self, BLOCK_LEN, BlockTreeBuilder, HASH_LEN, Hash, LEAF_LEN, ProofBuilder, ProofNode,
    ProofShape, UPPER_LEVEL, UpperTree, block_hash, verify,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn sample(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251 + i / 65_003) as u8).collect()
}

fn sha256(pieces: &[&[u8]]) -> Hash {
    Sha256::digest(pieces.concat()).into()
}

/// MTH of RFC 9162 §2.1.1.
fn naive_hash(leaves: &[&[u8]]) -> Hash {
    match leaves {
        [leaf] => sha256(&[&[0], leaf]),
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha256(&[&[1], &naive_hash(left), &naive_hash(right)])
        }
    }
}

/// PATH of RFC 9162 §2.1.3.1.
fn naive_path(index: usize, leaves: &[&[u8]]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, other) = match index.checked_sub(left.len()) {
        None => (naive_path(index, left), right),
        Some(index) => (naive_path(index, right), left),
    };
    path.push(naive_hash(other));
    path
}

fn naive_root(stored: &[u8]) -> Hash {
    let leaves: Vec<&[u8]> = stored.chunks(512).collect();
    sha256(&[b"aceso/proof/v1", &(stored.len() as u64).to_le_bytes(), &naive_hash(&leaves)])
}

/// Root and nodes, pushed in pieces of `step` bytes.
fn build(stored: &[u8], step: usize) -> (Hash, Vec<ProofNode>) {
    let (mut builder, mut nodes) = (ProofBuilder::new(), Vec::new());
    stored.chunks(step).for_each(|piece| builder.push(piece, |node| nodes.push(node)));
    let root = builder.finish(|node| nodes.push(node)).unwrap();
    (root, nodes)
}

/// Lengths around every edge of the shape.
fn edges() -> Vec<usize> {
    let mut edges = vec![1, 511, 512, 513, 1024, 1025, 3 * 512];
    for blocks in 1..=9 {
        let len = blocks * BLOCK_LEN;
        edges.extend([len - 512, len - 1, len, len + 1, len + 512, len + 3 * 512 + 7]);
    }
    edges
}

#[test]
fn roots_are_those_of_the_recursive_definition() {
    for len in edges() {
        let stored = sample(len);
        let expected = naive_root(&stored);
        assert_eq!(proof_tree::root(&stored).unwrap(), expected, "{len}");
        for step in [7, 512, 1000, BLOCK_LEN, BLOCK_LEN + 1] {
            assert_eq!(build(&stored, step).0, expected, "{len} by {step}");
        }
        let (mut tree, mut nodes) = (BlockTreeBuilder::new(), Vec::new());
        for block in stored.chunks(BLOCK_LEN) {
            let hash = block_hash(block).unwrap();
            tree.push_block(hash, block.len(), |node| nodes.push(node)).unwrap();
        }
        let root = tree.finish(|node| nodes.push(node)).unwrap();
        assert_eq!((root, nodes), build(&stored, 999), "{len} by blocks");
    }
}

#[test]
fn a_holder_proves_from_what_it_keeps() {
    for len in edges() {
        let stored = sample(len);
        let shape = ProofShape::of(len as u64).unwrap();
        let (root, nodes) = build(&stored, 4096);
        let tree = UpperTree::from_nodes(shape, &nodes).unwrap();
        assert_eq!(tree.root(), root);
        assert_eq!(UpperTree::decode(shape, tree.as_bytes()).unwrap(), tree);

        // As a file: each node of the builder at its place, none missing, none twice.
        let mut file = vec![None; shape.upper_len() as usize / HASH_LEN];
        for node in &nodes {
            let at = shape.upper_offset(node.level, node.index).unwrap() as usize / HASH_LEN;
            assert_eq!(file[at].replace(node.hash), None, "{len}: {node:?}");
        }
        let file: Vec<Hash> = file.into_iter().map(Option::unwrap).collect();
        assert_eq!(file.as_flattened(), tree.as_bytes(), "{len}");

        let leaves: Vec<&[u8]> = stored.chunks(LEAF_LEN).collect();
        let step = (leaves.len() / 40).max(1);
        for index in (0..leaves.len()).step_by(step).chain([leaves.len() - 1]) {
            let block = shape.block(index as u64).unwrap();
            let block = &stored[block.start as usize..block.end as usize];
            let proof = tree.prove(index as u64, block).unwrap();
            assert_eq!(proof.leaf, leaves[index]);
            assert_eq!(proof.path, naive_path(index, &leaves), "{len}, leaf {index}");
            verify(&root, len as u64, index as u64, &proof.leaf, &proof.path).unwrap();
            let offsets = shape.upper_path(index as u64).unwrap();
            let hashes: Vec<Hash> =
                offsets.iter().map(|at| file[*at as usize / HASH_LEN]).collect();
            assert_eq!(shape.prove(&root, index as u64, block, &hashes).unwrap(), proof);
        }
    }
}

#[test]
fn nothing_has_no_tree_and_too_much_neither() {
    let empty = Error::ProofShape { field: "stored length" };
    assert_eq!(proof_tree::root(&[]), Err(empty.clone()));
    assert_eq!(ProofShape::of(0), Err(empty.clone()));
    assert_eq!(verify(&[0; 32], 0, 0, &[], &[]), Err(empty));
    assert!(matches!(ProofShape::of((1 << 53) + 1), Err(Error::TooLong { .. })));
    let most = ProofShape::of(1 << 53).unwrap();
    assert_eq!((most.leaves(), most.height(), most.nodes(44), most.nodes(45)), (1 << 44, 44, 1, 0));
    assert_eq!(most.upper_path((1 << 44) - 1).unwrap().len(), 44 - UPPER_LEVEL as usize);
}

#[test]
fn blocks_out_of_order_are_refused() {
    let wrong = |len| {
        Err(Error::BufferLength { what: "a block of the proof tree", len, expected: BLOCK_LEN })
    };
    assert_eq!(block_hash(&[]), wrong(0));
    assert_eq!(block_hash(&vec![0; BLOCK_LEN + 1]), wrong(BLOCK_LEN + 1));
    let mut tree = BlockTreeBuilder::new();
    assert_eq!(tree.push_block([0; 32], 0, |_| ()).map(|()| [0; 32]), wrong(0));
    tree.push_block([0; 32], BLOCK_LEN, |_| ()).unwrap();
    tree.push_block([0; 32], BLOCK_LEN - 1, |_| ()).unwrap();
    assert!(tree.push_block([0; 32], BLOCK_LEN, |_| ()).is_err(), "after a short one");
}

#[test]
fn proofs_that_do_not_fit_are_refused() {
    let stored = sample(3 * BLOCK_LEN + 5 * LEAF_LEN + 100);
    let len = stored.len() as u64;
    let (root, nodes) = build(&stored, BLOCK_LEN);
    let shape = ProofShape::of(len).unwrap();
    let tree = UpperTree::from_nodes(shape, &nodes).unwrap();
    let last = shape.leaves() - 1;
    let prove = |index: u64| {
        let block = shape.block(index).unwrap();
        tree.prove(index, &stored[block.start as usize..block.end as usize]).unwrap()
    };
    let field = |field| Err(Error::ProofShape { field });
    for index in [0, 1, 127, 128, 300, last - 1, last] {
        let proof = prove(index);
        let (leaf, path) = (proof.leaf.as_slice(), proof.path.as_slice());
        verify(&root, len, index, leaf, path).unwrap();
        // Another place, another length, another root.
        assert_eq!(verify(&root, len, last + 1, leaf, path), field("index"));
        for other in [index ^ 1, index ^ 2, index ^ 128].into_iter().filter(|other| *other <= last)
        {
            assert!(verify(&root, len, other, leaf, path).is_err(), "{index} as {other}");
        }
        for other in [len - 1, len + 1, len - 512, len + 512, len * 2] {
            assert!(verify(&root, other, index, leaf, path).is_err(), "{index} of {other}");
        }
        assert_eq!(verify(&[7; 32], len, index, leaf, path), Err(Error::ProofForged));
        // A leaf or a path of another length.
        let longer = [leaf, &[0]].concat();
        for leaf in [&leaf[1..], &longer, &[]] {
            assert_eq!(verify(&root, len, index, leaf, path), field("length of the leaf"));
        }
        let longer = [path, &[[0; 32]]].concat();
        for path in [&path[1..], &path[..path.len() - 1], &longer, &[]] {
            assert_eq!(verify(&root, len, index, leaf, path), field("length of the path"));
        }
        // One bit of it.
        let mut changed = leaf.to_vec();
        changed[99] ^= 4;
        assert_eq!(verify(&root, len, index, &changed, path), Err(Error::ProofForged));
        for at in 0..path.len() {
            let mut changed = path.to_vec();
            changed[at][31] ^= 1;
            assert_eq!(verify(&root, len, index, leaf, &changed), Err(Error::ProofForged));
        }
    }
}

#[test]
fn a_holder_learns_that_it_lost_something() {
    let mut stored = sample(2 * BLOCK_LEN + 9);
    let shape = ProofShape::of(stored.len() as u64).unwrap();
    let (_, nodes) = build(&stored, BLOCK_LEN);
    let tree = UpperTree::from_nodes(shape, &nodes).unwrap();
    stored[70_000] ^= 1; // in the second block, not in the leaf that is asked for
    assert_eq!(tree.prove(250, &stored[BLOCK_LEN..2 * BLOCK_LEN]), Err(Error::ProofForged));
    assert!(tree.prove(3, &stored[..BLOCK_LEN]).is_ok());
    assert!(matches!(tree.prove(3, &stored[..BLOCK_LEN - 1]), Err(Error::BufferLength { .. })));
    assert!(matches!(tree.prove(257, &stored[..9]), Err(Error::ProofShape { field: "index" })));

    let shape_error = |field| Err(Error::ProofShape { field });
    let bytes = tree.as_bytes();
    for cut in [&bytes[..0], &bytes[1..], &[bytes, &[0; 32]].concat()] {
        assert_eq!(UpperTree::decode(shape, cut), shape_error("length of the upper tree"));
    }
    for at in [0, 40, bytes.len() - 1] {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert_eq!(UpperTree::decode(shape, &changed), shape_error("node"));
    }
    assert_eq!(UpperTree::from_level(shape, vec![[0; 32]; 2]), shape_error("nodes of level 7"));
    for (level, index) in [(6, 0), (9, 1), (10, 0)] {
        let field = "node";
        assert_eq!(shape.upper_offset(level, index), Err(Error::ProofShape { field }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_length_in_any_pieces(len in 1usize..300_000, steps in prop::collection::vec(1usize..90_000, 1..9)) {
        let stored = sample(len);
        let (mut builder, mut rest) = (ProofBuilder::new(), stored.as_slice());
        for step in steps.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, later) = rest.split_at(rest.len().min(*step));
            builder.push(piece, |_| ());
            rest = later;
        }
        prop_assert_eq!(builder.finish(|_| ()).unwrap(), naive_root(&stored));
    }

    /// Each count of leaves up to some hundreds has paths of its own; any leaf of any of them verifies, and nothing else.
    #[test]
    fn any_leaf_of_any_tree(len in 1usize..200_000, at in any::<prop::sample::Index>(), other in any::<u64>()) {
        let stored = sample(len);
        let leaves: Vec<&[u8]> = stored.chunks(LEAF_LEN).collect();
        let index = at.index(leaves.len());
        let (root, path) = (naive_root(&stored), naive_path(index, &leaves));
        let (len, index) = (len as u64, index as u64);
        prop_assert_eq!(verify(&root, len, index, leaves[index as usize], &path), Ok(()));
        let other = other % (2 * leaves.len() as u64);
        if other != index {
            prop_assert!(verify(&root, len, other, leaves[index as usize], &path).is_err());
        }
    }
}
