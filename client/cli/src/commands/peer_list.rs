use aceso_sdk::flow::PeerList as List;
use serde_json::Value;

use crate::{app::App, args::peer::PeerList, exit::Failure, render::peer};

pub async fn run(app: &App, args: &PeerList) -> Result<(), Failure> {
    let session = app.session().await?;
    let list = List {
        mint: args.mint.map(|mint| mint.key()),
        stored_len: args.size.map(|size| size.0),
        term_secs: args.term.map(|term| term.secs(&app.now())),
    };
    let views = session.peer_list(list).await?;
    let value: Value = views.iter().map(peer::view).collect();
    app.printer.data(&value, || peer::table(&views))
}
