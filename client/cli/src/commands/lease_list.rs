use aceso_sdk::flow::{LeaseList as List, LeaseState};
use serde_json::Value;

use crate::{
    app::App,
    args::lease::LeaseList,
    exit::Failure,
    find,
    render::{Names, lease},
};

pub async fn run(app: &App, args: &LeaseList) -> Result<(), Failure> {
    let session = app.session().await?;
    let scope = find::scope(&session, args.folder.as_deref(), args.record.as_deref()).await?;
    let list = scope.map_or(List::Own, |scope| List::Scope(scope.address()));
    let mut views = session.lease_list(list).await?;
    views.retain(|view| {
        args.all || view.due.is_some() || !matches!(view.state, LeaseState::Ended(_))
    });
    let value: Value = views.iter().map(lease::view).collect();
    app.printer.data(&value, || lease::table(&views, &Names(&session)))?;
    let due = views.iter().filter(|view| view.due.is_some()).count();
    if due > 0 {
        app.printer.say("Something can be taken back: `aceso lease claim`.");
    }
    Ok(())
}
