//! What somebody sees who has a blob and no key: all of it is public once the blob is stored.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use aceso_format::{
    BlobAddress,
    address::{AddressBuilder, BLOCK_LEN},
    bundle::Bundle,
    content::{ContentLayout, PREFIX_LEN},
    head::{HeadTarget, SignedHead},
    header::{HEADER_LEN, check_content_header},
    keyring::SignedKeyring,
};
use aceso_sdk::chain::Pubkey;
use serde_json::{Value, json};

use crate::{app::App, args::plumbing::Inspect, exit::Failure, show, table::Facts};

/// How an age file begins, in bytes and as text.
const AGE: [&[u8]; 2] = [b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----"];

/// A blob as an observer sees it.
struct Seen {
    value: Value,
    facts: Facts,
    note: &'static str,
}

pub fn run(app: &App, args: &Inspect) -> Result<(), Failure> {
    let (start, address) = read(&args.input).map_err(|e| {
        Failure::input(format!("cannot read {} ({e})", args.input.display()))
            .with_hint("check the path and who may read it")
    })?;
    let magic = start.get(..4).unwrap_or_default();
    let mut seen = match magic {
        b"ACSO" => content(&start, &address)?,
        b"ACSH" => head(whole(&start, &address)?)?,
        b"ACSK" => keyring(whole(&start, &address)?)?,
        b"ACSB" => bundle(whole(&start, &address)?)?,
        _ if AGE.iter().any(|age| start.starts_with(age)) => keystore(),
        _ => {
            return Err(Failure::input(format!("{} is not a blob of Aceso", args.input.display()))
                .with_hint(
                    "inspect takes sealed content, a head, a keyring, a bundle or a keystore",
                )
                .with_kind("magic-mismatch"));
        }
    };
    seen.value["len"] = json!(address.len);
    seen.value["cid"] = json!(address.cid_string());
    seen.value["note"] = json!(seen.note);
    let facts = seen
        .facts
        .fact("stored size", format!("{} ({} bytes)", show::size(address.len), address.len));
    let facts = facts.fact("CID", address.cid_string());
    app.printer.data(&seen.value, || format!("{}\n{}\n", facts.render(), seen.note))
}

/// The first MiB, which is all of anything but content, and the address of the whole.
fn read(path: &Path) -> io::Result<(Vec<u8>, BlobAddress)> {
    let mut source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let mut builder = AddressBuilder::new();
    let mut start = Vec::new();
    let mut piece = vec![0; BLOCK_LEN as usize];
    loop {
        let read = match source.read(&mut piece) {
            Ok(0) => break,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        builder.push(&piece[..read], |_| ());
        let room = (BLOCK_LEN as usize).saturating_sub(start.len());
        start.extend_from_slice(&piece[..read.min(room)]);
    }
    Ok((start, builder.finish(|_| ())))
}

fn whole<'b>(start: &'b [u8], address: &BlobAddress) -> Result<&'b [u8], Failure> {
    if start.len() as u64 == address.len {
        return Ok(start);
    }
    let (what, max) = ("blob", BLOCK_LEN);
    Err(aceso_format::Error::TooLong { what, len: address.len, max }.into())
}

fn content(start: &[u8], address: &BlobAddress) -> Result<Seen, Failure> {
    let header = start.first_chunk::<HEADER_LEN>().ok_or(aceso_format::Error::Truncated)?;
    check_content_header(header)?;
    let prefix = start.get(HEADER_LEN..PREFIX_LEN).ok_or(aceso_format::Error::Truncated)?;
    let (salt, commitment) = prefix.split_at(aceso_format::cobblestone::SALT_LEN);
    let range = ContentLayout::content_len_range(address.len)?;
    let (least, most) = (*range.start(), *range.end());
    let chunks = ContentLayout::of(most)?.chunks();
    let value = json!({
        "kind": "content", "version": header[4], "suite": header[5], "flags": 0,
        "salt": show::hex(salt), "commitment": show::hex(commitment), "chunks": chunks,
        "content_len_least": least, "content_len_most": most,
    });
    let facts = Facts::new()
        .fact("kind", "content, sealed")
        .fact(
            "format",
            format!("version {}, suite {} (Cobblestone-256), no flags", header[4], header[5]),
        )
        .fact("salt", show::hex(salt))
        .fact("commitment", show::hex(commitment))
        .fact("chunks", format!("{chunks} of 16 KiB, each authenticated"))
        .fact("content size", format!("between {least} and {most} bytes; padding hides which"));
    let note = "Nothing else can be seen: not the name, not the type, not whose it is.";
    Ok(Seen { value, facts, note })
}

fn head(bytes: &[u8]) -> Result<Seen, Failure> {
    let signed = SignedHead::decode(bytes)?;
    let claims = signed.claims();
    let (target, target_text) = match claims.target {
        HeadTarget::Folder { folder, epoch } => (
            json!({ "kind": "folder", "folder": address(&folder), "epoch": epoch }),
            format!("the readers of folder {} (epoch {epoch})", address(&folder)),
        ),
        HeadTarget::Inbox { owner, key_version } => (
            json!({ "kind": "inbox", "owner": address(&owner), "key_version": key_version }),
            format!("its owner {} (key version {key_version})", address(&owner)),
        ),
    };
    let value = json!({
        "kind": "head", "record": address(&claims.record), "record_version": claims.version,
        "writer": address(&claims.writer), "writer_key_version": claims.writer_key_version,
        "sealed_to": target, "also_sealed_to": people(&claims.grants),
    });
    let mut facts = Facts::new()
        .fact("kind", "head of a record")
        .fact("record", address(&claims.record))
        .fact("record version", claims.version.to_string())
        .fact(
            "writer",
            format!("{} (key version {})", address(&claims.writer), claims.writer_key_version),
        )
        .fact("sealed to", target_text);
    for (reader, version) in &claims.grants {
        facts = facts.fact("and to", format!("{} (key version {version})", address(reader)));
    }
    let note = "Who wrote it is a claim until its signature is checked against that writer's keys. Title, file name, type, \
                notes and the key of the content are sealed.";
    Ok(Seen { value, facts, note })
}

fn keyring(bytes: &[u8]) -> Result<Seen, Failure> {
    let signed = SignedKeyring::decode(bytes)?;
    let claims = signed.claims();
    let (owner, owner_version) = claims.owner;
    let value = json!({
        "kind": "keyring", "folder": address(&claims.folder), "epoch": claims.epoch,
        "public_key_sha256": show::hex(&claims.public.hash()),
        "writer": address(&claims.writer), "writer_key_version": claims.writer_key_version,
        "owner": address(&owner), "owner_key_version": owner_version, "readers": people(&claims.readers),
    });
    let mut facts = Facts::new()
        .fact("kind", "keyring of a folder")
        .fact("folder", address(&claims.folder))
        .fact("epoch", claims.epoch.to_string())
        .fact("epoch's public key", format!("SHA-256 {}", show::hex(&claims.public.hash())))
        .fact(
            "writer",
            format!("{} (key version {})", address(&claims.writer), claims.writer_key_version),
        )
        .fact("owner", format!("{} (key version {owner_version})", address(&owner)));
    for (reader, version) in &claims.readers {
        facts = facts.fact("reader", format!("{} (key version {version})", address(reader)));
    }
    let note = "Who wrote it is a claim until its signature is checked against that writer's keys. The folder's secret keys \
                are sealed.";
    Ok(Seen { value, facts, note })
}

fn bundle(bytes: &[u8]) -> Result<Seen, Failure> {
    let bundle = Bundle::decode(bytes)?;
    let keys = bundle.keys();
    let fingerprint = bundle.fingerprint().to_string();
    let value = json!({
        "kind": "bundle", "profile": address(&keys.profile), "wallet": address(&keys.wallet),
        "key_version": keys.key_version, "fingerprint": fingerprint,
        "genesis": address(&keys.genesis), "program": address(&keys.program),
    });
    let facts = Facts::new()
        .fact("kind", "bundle of public keys")
        .fact("profile", address(&keys.profile))
        .fact("wallet", address(&keys.wallet))
        .fact("key version", keys.key_version.to_string())
        .fact("fingerprint", fingerprint)
        .fact("chain", format!("genesis {}", address(&keys.genesis)))
        .fact("program", address(&keys.program));
    let note = "The wallet's signature is right. Whether this wallet speaks for the profile, the chain says; whose profile it \
                is, only its owner can tell you: compare the fingerprint.";
    Ok(Seen { value, facts, note })
}

fn keystore() -> Seen {
    let value = json!({ "kind": "keystore" });
    let facts = Facts::new().fact("kind", "keystore, locked by a password (an age file)");
    Seen { value, facts, note: "How many keys it holds, and whose, cannot be seen." }
}

fn people(list: &[([u8; 32], u32)]) -> Value {
    list.iter()
        .map(|(profile, version)| json!({ "profile": address(profile), "key_version": version }))
        .collect()
}

fn address(bytes: &[u8; 32]) -> String {
    Pubkey::new_from_array(*bytes).to_string()
}
