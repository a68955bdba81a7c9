use aceso_sdk::flow::VerifiedDepth;
use serde_json::json;

use crate::{
    app::App, args::record::RecordVerify, exit::Failure, find, render::Names, table::Facts,
};

pub async fn run(app: &App, args: &RecordVerify) -> Result<(), Failure> {
    let session = app.session().await?;
    let record = find::record(&session, &args.record).await?;
    let verified = session.record_verify(record, args.number).await?;
    let (depth, words) = match verified.depth {
        VerifiedDepth::Sealed => (
            "sealed",
            "the sealed bytes are those on record (you cannot open them, so no more can be said)",
        ),
        VerifiedDepth::Opened => {
            ("opened", "every byte is there, opens, and is what its author described")
        }
    };
    let value = json!({
        "record": verified.record.to_string(), "version": verified.version, "writer": verified.writer.to_string(),
        "content_cid": verified.content.cid_string(), "depth": depth, "whole": true,
    });
    let names = Names(&session);
    app.printer.data(&value, || {
        Facts::new()
            .fact("record", verified.record.to_string())
            .fact("version", verified.version.to_string())
            .fact("signed by", names.full(&verified.writer))
            .fact("content", words)
            .fact("CID", verified.content.cid_string())
            .render()
    })
}
