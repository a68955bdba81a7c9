//! Addresses against rust-unixfs, which agrees with Kubo and with js-ipfs; and the tree walked back.

use aceso_format::address::*;
use aceso_format::{BlobAddress, Error};
use rust_unixfs::file::adder::{BalancedCollector, Chunker, FileAdder};
use std::collections::HashMap;

const MIB: usize = 1 << 20;

/// Root and all nodes (not leaves) by the other implementation, of a blob of `len` zeros.
fn other(len: usize) -> (String, HashMap<String, Vec<u8>>) {
    let mut adder = FileAdder::builder()
        .with_chunker(Chunker::Size(MIB))
        .with_collector(BalancedCollector::with_branching_factor(MAX_LINKS))
        .build();
    let mut root = String::new();
    let mut nodes = HashMap::new();
    let mut keep = |cid: String, bytes: Vec<u8>| {
        if cid.starts_with("bafy") {
            nodes.insert(cid.clone(), bytes);
        }
        root = cid;
    };
    let zeros = vec![0; MIB];
    let mut left = len;
    while left > 0 {
        let (blocks, taken) = adder.push(&zeros[..left.min(MIB)]);
        blocks.for_each(|(cid, bytes)| keep(cid.to_string(), bytes));
        left -= taken;
    }
    adder.finish().for_each(|(cid, bytes)| keep(cid.to_string(), bytes));
    (root, nodes)
}

/// The same by ours, from leaf digests: most leaves of zeros are one and the same.
fn ours(len: usize) -> (BlobAddress, HashMap<String, Vec<u8>>) {
    let mut nodes = HashMap::new();
    let mut tree = TreeBuilder::new();
    let full = leaf_digest(&vec![0; MIB]);
    let mut sink = |node: Node| drop(nodes.insert(node.cid.text(), node.bytes));
    for _ in 0..len / MIB {
        tree.push_leaf(full, MIB, &mut sink).unwrap();
    }
    if !len.is_multiple_of(MIB) {
        tree.push_leaf(leaf_digest(&vec![0; len % MIB]), len % MIB, &mut sink).unwrap();
    }
    let address = tree.finish(&mut sink);
    (address, nodes)
}

#[test]
fn cids_are_those_of_rust_unixfs() {
    let lens = [
        0,
        1,
        4096 + 72,
        MIB - 1,
        MIB,
        MIB + 1,
        3 * MIB,
        64 * MIB,
        1024 * MIB,
        1024 * MIB + 1,
        1025 * MIB,
        1100 * MIB + 7,
    ];
    for len in lens {
        let (root, nodes) = other(len);
        let (address, made) = ours(len);
        assert_eq!(address.len, len as u64);
        assert_eq!(address.cid_string(), root, "{len} bytes");
        assert_eq!(made, nodes, "{len} bytes");
        if len <= 64 * MIB {
            assert_eq!(BlobAddress::of(&vec![0; len]), address);
        }
        walk(address.root().unwrap(), &made);
    }
}

/// Follows every branch; the leaves' ranges join without a gap.
fn walk(root: Branch, nodes: &HashMap<String, Vec<u8>>) {
    let (mut next, mut todo) = (0, vec![root]);
    while let Some(branch) = todo.pop() {
        if branch.is_leaf() {
            assert_eq!(branch.offset, next);
            next += branch.len;
            branch.verify_leaf(&vec![0; branch.len as usize]).unwrap();
            if next > 2 * MIB as u64 && branch.len == MIB as u64 && todo.len() > 2 {
                // One and the same leaf of zeros: hashing it a thousand times more proves nothing.
                let rest = todo.iter().rev().take_while(|b| b.is_leaf() && b.len == MIB as u64);
                let skipped = rest.count();
                todo.truncate(todo.len() - skipped);
                next += (skipped * MIB) as u64;
            }
        } else {
            let mut children = branch.children(&nodes[&branch.cid.text()]).unwrap();
            children.reverse();
            todo.extend(children);
        }
    }
    assert_eq!(next, root.len);
}

#[test]
fn a_tree_of_three_levels_is_read_as_it_is_written() {
    let mut nodes = HashMap::new();
    let mut tree = TreeBuilder::new();
    let leaves = MAX_LINKS * MAX_LINKS + 5;
    for leaf in 0..leaves as u64 {
        let mut digest = [7; 32];
        digest[..8].copy_from_slice(&leaf.to_le_bytes());
        let len = if leaf + 1 == leaves as u64 { 9 } else { MIB };
        tree.push_leaf(digest, len, |node| drop(nodes.insert(node.cid, node.bytes))).unwrap();
    }
    let address = tree.finish(|node| drop(nodes.insert(node.cid, node.bytes)));
    assert_eq!(nodes.len(), 1 + 2 + 1025);
    let (mut level, mut depth) = (vec![address.root().unwrap()], 0);
    while !level[0].is_leaf() {
        level =
            level.iter().flat_map(|branch| branch.children(&nodes[&branch.cid]).unwrap()).collect();
        depth += 1;
    }
    assert_eq!((level.len(), depth), (leaves, 3));
    assert_eq!(level.last().unwrap().range().end, address.len);
    for (index, leaf) in level.iter().enumerate() {
        assert_eq!(leaf.cid.digest[..8], (index as u64).to_le_bytes());
    }
}

#[test]
fn nodes_of_another_shape_are_refused() {
    let (address, nodes) = ours(3 * MIB);
    let node = &nodes[&address.cid_string()];
    let branch = address.root().unwrap();
    let refuse = |bytes: &[u8], len: u64| {
        let cid = Cid::of(Codec::DagPb, bytes);
        assert!(matches!(
            Branch { cid, len, ..branch }.children(bytes),
            Err(Error::NodeShape { .. })
        ));
    };
    assert!(matches!(branch.children(&node[1..]), Err(Error::BlockMismatch { .. })));
    refuse(node, 3 * MIB as u64 - 1); // another length than the chain's
    refuse(node, 2 * MIB as u64);
    refuse(node, 4 * MIB as u64);
    refuse(&node[..node.len() - 1], 3 * MIB as u64);
    refuse(&[node.as_slice(), &[0]].concat(), 3 * MIB as u64);
    let mut named = node.clone();
    named[41] = 1; // the link gets a name
    refuse(&named, 3 * MIB as u64);
    for at in 0..node.len() {
        let mut changed = node.clone();
        changed[at] ^= 1;
        let cid = Cid::of(Codec::DagPb, &changed);
        let digests_only = Branch { cid, ..branch }.children(&changed);
        // Only a digest may differ: it names another leaf.
        if let Ok(children) = digests_only {
            assert_ne!(children, branch.children(node).unwrap());
            assert!(
                children
                    .iter()
                    .zip(branch.children(node).unwrap())
                    .all(|(a, b)| a.range() == b.range())
            );
        }
    }
}

#[test]
fn leaves_out_of_order_are_refused() {
    let mut tree = TreeBuilder::new();
    tree.push_leaf([0; 32], MIB - 1, |_| ()).unwrap();
    assert!(matches!(tree.push_leaf([0; 32], MIB, |_| ()), Err(Error::BufferLength { .. })));
    assert!(matches!(
        TreeBuilder::new().push_leaf([0; 32], MIB + 1, |_| ()),
        Err(Error::BufferLength { .. })
    ));
    let whole = vec![3; 2 * MIB + 5];
    let address = BlobAddress::of(&whole);
    address.verify(&whole).unwrap();
    assert!(address.verify(&whole[1..]).is_err());
    for step in [1 << 10, MIB - 1, MIB + 1] {
        let mut builder = AddressBuilder::new();
        whole.chunks(step).for_each(|part| builder.push(part, |_| ()));
        assert_eq!(builder.finish(|_| ()), address);
    }
}
