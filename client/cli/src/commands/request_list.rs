use aceso_sdk::flow::RequestList as List;
use serde_json::Value;

use crate::{
    app::App,
    args::request::RequestList,
    exit::Failure,
    render::{Names, request},
};

pub async fn run(app: &App, args: &RequestList) -> Result<(), Failure> {
    let session = app.session().await?;
    let list = if args.sent { List::Outgoing } else { List::Incoming };
    let views = session.request_list(list).await?;
    let value: Value = views.iter().map(request::view).collect();
    app.printer.data(&value, || request::table(&views, args.sent, &Names(&session)))
}
