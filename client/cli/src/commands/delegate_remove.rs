use serde_json::json;

use crate::{app::App, args::delegate::DelegateRemove, exit::Failure, render::receipt};

pub async fn run(app: &App, args: &DelegateRemove) -> Result<(), Failure> {
    let Some(name) = args.of.as_ref().or(args.who.as_ref()) else {
        return Err(Failure::usage("whose delegation is missing")
            .with_hint("name the delegate, or the owner with --of"));
    };
    let session = app.session().await?;
    let other = session.profile_named(name).await?;
    app.confirm(&match &args.of {
        Some(owner) => format!("You resign: from now on you cannot act for {owner}."),
        None => format!("{name} cannot act for you any more. What was filed stays."),
    })?;
    let sent = match &args.of {
        Some(_) => session.delegate_resign(other).await?,
        None => session.delegate_remove(other).await?,
    };
    receipt::tell(&app.printer, &sent);
    let value = json!({ "other": other.to_string(), "removed": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || "The delegation is ended.".to_owned())
}
