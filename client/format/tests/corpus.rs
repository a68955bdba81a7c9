//! The kept inputs of the fuzz targets, run by a plain `cargo test`: as they are, cut, and with single bytes changed.
//! `ACESO_BLESS=1` writes one valid input for each target.

mod support;

#[path = "../fuzz/entry.rs"]
#[allow(dead_code)]
mod entry;

use aceso_format::BlobAddress;
use std::path::Path;

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 10] = [
    ("bundle", entry::bundle),
    ("cid", entry::cid),
    ("content", entry::content),
    ("head", entry::head),
    ("keyring", entry::keyring),
    ("manifest", entry::manifest),
    ("node", entry::node),
    ("pack", entry::pack),
    ("packet", entry::packet),
    ("proof", entry::proof),
];

fn folder(target: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target)
}

#[test]
fn kept_inputs_are_handled() {
    if std::env::var_os("ACESO_BLESS").is_some() {
        bless();
    }
    for (target, run) in TARGETS {
        let mut count = 0;
        for file in std::fs::read_dir(folder(target)).unwrap() {
            let input = std::fs::read(file.unwrap().path()).unwrap();
            count += 1;
            run(&input);
            // A few hundred mutations each: a fuzzer does more, but not in every `cargo test`.
            let step = input.len() / 60 + 1;
            for at in (0..input.len()).step_by(step) {
                run(&input[..at]);
                let mut changed = input.clone();
                for value in [0, 0x7f, 0xff, input[at] ^ 1] {
                    changed[at] = value;
                    run(&changed);
                }
            }
        }
        assert!(count > 0, "no inputs for {target}");
    }
}

fn bless() {
    let fixtures = support::forge::all();
    let object = |name: &str| support::unhex(&fixtures["objects"][name]);
    let write = |target: &str, name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(folder(target)).unwrap();
        std::fs::write(folder(target).join(name), bytes).unwrap();
    };
    write("bundle", "valid", &object("bundle"));
    write("bundle", "renewed", &object("bundle 2"));
    write("head", "folder", &object("head"));
    write("head", "inbox", &object("inbox head"));
    for name in ["keyring 1", "keyring 2", "keyring 3"] {
        write("keyring", &name.replace(' ', "-"), &object(name));
    }
    write("content", "valid", &[&40_000u64.to_le_bytes(), object("content").as_slice()].concat());
    write("packet", "secret", &object("keyring 3")[1298 + 37..1298 + 1206]);
    write("manifest", "valid", &support::forge::head::manifest().encode().unwrap());
    let cid = BlobAddress::of(b"seed").cid();
    write("cid", "text", cid.text().as_bytes());
    write("cid", "binary", &cid.to_bytes());
    for mebibytes in [2u64, 1025] {
        let mut tree = aceso_format::address::TreeBuilder::new();
        let mut nodes = Vec::new();
        for _ in 0..mebibytes {
            tree.push_leaf([3; 32], 1 << 20, |node| nodes.push(node)).unwrap();
        }
        let address = tree.finish(|node| nodes.push(node));
        let root = nodes.pop().unwrap();
        let height = address.root().unwrap().height as u8;
        let name = format!("{mebibytes}-leaves");
        write(
            "node",
            &name,
            &[&address.len.to_le_bytes(), [height].as_slice(), &root.bytes].concat(),
        );
    }
}
