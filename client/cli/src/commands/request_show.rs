use aceso_sdk::flow::{RequestList, RequestView, Session};
use serde_json::Value;

use crate::{
    app::App,
    args::request::RequestId,
    exit::Failure,
    find,
    render::{Names, request},
    table::plain,
};

pub async fn run(app: &App, args: &RequestId) -> Result<(), Failure> {
    let session = app.session().await?;
    let view = find_view(&session, &args.request).await?;
    // Only the owner can read the reason; whoever asked knows it.
    let reason = if view.owner == session.profile()? {
        Some(session.request_reason(view.request).await?)
    } else {
        None
    };
    let mut value = request::view(&view);
    value["reason"] = reason.clone().map_or(Value::Null, Value::from);
    app.printer.data(&value, || {
        let facts = request::facts(&view, &Names(&session)).render();
        match &reason {
            // Lines of the asker's own, each made harmless by itself.
            Some(reason) => {
                format!("{facts}\n{}\n", reason.lines().map(plain).collect::<Vec<_>>().join("\n"))
            }
            None => facts,
        }
    })
}

async fn find_view(session: &Session, name: &str) -> Result<RequestView, Failure> {
    let address = find::request(session, name).await?;
    for list in [RequestList::Incoming, RequestList::Outgoing] {
        let found =
            session.request_list(list).await?.into_iter().find(|view| view.request == address);
        if let Some(view) = found {
            return Ok(view);
        }
    }
    Err(Failure::input(format!("there is no request {address} to you or by you"))
        .with_hint("it may have been answered: see aceso grant list")
        .with_kind("missing"))
}
