use aceso_sdk::flow::DelegateList as List;
use serde_json::Value;

use crate::{
    app::App,
    args::delegate::DelegateList,
    exit::Failure,
    render::{Names, delegate},
};

pub async fn run(app: &App, args: &DelegateList) -> Result<(), Failure> {
    let session = app.session().await?;
    let list = if args.received { List::Received } else { List::Given };
    let views = session.delegate_list(list).await?;
    let value: Value = views.iter().map(delegate::view).collect();
    app.printer.data(&value, || delegate::table(&views, args.received, &Names(&session)))
}
