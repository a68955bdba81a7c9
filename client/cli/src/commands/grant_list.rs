use aceso_sdk::flow::GrantList as List;
use serde_json::Value;

use crate::{
    app::App,
    args::grant::GrantList,
    exit::Failure,
    find,
    render::{Names, grant},
};

pub async fn run(app: &App, args: &GrantList) -> Result<(), Failure> {
    let session = app.session().await?;
    let list = if args.received {
        List::Received
    } else {
        List::Given {
            scope: find::scope(&session, args.folder.as_deref(), args.record.as_deref()).await?,
        }
    };
    let views = session.grant_list(list).await?;
    let value: Value = views.iter().map(grant::view).collect();
    let empty = if args.received {
        "Nobody has given you a grant."
    } else {
        "Nobody but you can open this."
    };
    app.printer.data(&value, || grant::table(&views, args.received, &Names(&session), empty))
}
