//! Runs one fixture. `client/wasm/tests/fixtures.test.mjs` does the same in JavaScript.

use aceso_format::address::Cid;
use aceso_format::bundle::{Bundle, Expected};
use aceso_format::head::SignedHead;
use aceso_format::key::{ContentKey, HeadKey, VerifyingKey, XWingSeed};
use aceso_format::keyring::SignedKeyring;
use aceso_format::{BlobAddress, Error, content};
use serde_json::{Value, json};

use super::{array, assemble, hex, unhex};

pub fn case(fixtures: &Value, case: &Value) -> Result<Value, Error> {
    let bytes = assemble(fixtures, case);
    let args = &case["args"];
    let number = |field: &str| args[field].as_u64().unwrap();
    let small = |field: &str| number(field) as u32;
    match case["op"].as_str().unwrap() {
        "address" => {
            let address = BlobAddress::of(&bytes);
            let cid: Cid = address.cid_string().parse()?;
            Ok(
                json!({ "digest": hex(&cid.digest), "len": address.len, "cid": address.cid_string() }),
            )
        }
        "content" => {
            let key = ContentKey::from_bytes(array(&args["key"]));
            let opened =
                content::open(&array(&args["record"]), &key, number("contentLen"), &bytes)?;
            Ok(json!({ "sha256": hex(&aceso_format::address::leaf_digest(&opened)) }))
        }
        "bundle" => {
            let bundle = Bundle::decode(&bytes)?;
            bundle.check(&Expected {
                genesis: array(&args["genesis"]),
                program: array(&args["program"]),
                profile: array(&args["profile"]),
                wallet: array(&args["wallet"]),
                key_version: small("keyVersion"),
            })?;
            assert_eq!(bundle.encode(), bytes);
            let text = bundle.keys().message();
            Ok(json!({ "fingerprint": bundle.fingerprint().to_string(), "message": text }))
        }
        "previous" => {
            let newer = Bundle::decode(&unhex(&args["newer"]))?;
            let former = newer.open_previous(&bytes)?;
            let previous = former.previous().map(|before| hex(&before.digest));
            Ok(json!({
                "keyVersion": former.key_version(), "signing": hex(former.signing().as_bytes()), "previous": previous,
            }))
        }
        "head" => {
            let writer = VerifyingKey::from_bytes(&array(&args["writer"]))?;
            let head = SignedHead::decode(&bytes)?;
            let head = head.verify(
                &array(&args["program"]),
                &array(&args["record"]),
                small("version"),
                &writer,
            )?;
            let opened = match args["as"].as_str().unwrap() {
                "key" => head.open_with_key(&HeadKey::from_bytes(array(&args["headKey"])))?,
                kind => {
                    let (who, seed) =
                        (array(&args["who"]), XWingSeed::from_bytes(array(&args["seed"])));
                    match kind {
                        "folder" => head.open_as_folder(&who, small("whoVersion"), &seed)?,
                        "owner" => head.open_as_owner(&who, small("whoVersion"), &seed)?,
                        _ => head.open_as_recipient(&who, small("whoVersion"), &seed)?,
                    }
                }
            };
            let manifest = opened.manifest;
            Ok(json!({
                "title": manifest.title,
                "fileName": manifest.file_name,
                "contentKey": hex(manifest.content_key.expose()),
                "headKey": hex(opened.head_key.expose()),
                "plaintextLen": manifest.plaintext_len,
            }))
        }
        "keyring" => {
            let writer = VerifyingKey::from_bytes(&array(&args["writer"]))?;
            let keyring = SignedKeyring::decode(&bytes)?;
            let keyring = keyring.verify(
                &array(&args["program"]),
                &array(&args["folder"]),
                small("epoch"),
                &writer,
            )?;
            let seed = XWingSeed::from_bytes(array(&args["seed"]));
            let opened = keyring.open(&array(&args["who"]), small("whoVersion"), &seed)?;
            let seeds =
                (1..=opened.epoch()).map(|epoch| opened.seed(epoch).map(|seed| hex(seed.expose())));
            Ok(json!({ "seeds": seeds.collect::<Result<Vec<_>, _>>()? }))
        }
        op => panic!("no operation {op}"),
    }
}
