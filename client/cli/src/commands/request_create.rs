use aceso_sdk::{
    chain::{Pubkey, Request},
    flow::{RequestCreate as Create, Scope},
};
use serde_json::json;

use crate::{
    app::App,
    args::{
        request::RequestCreate,
        value::{Sol, purpose_word},
    },
    cost,
    exit::Failure,
    render::receipt,
    show, terms,
};

pub async fn run(app: &App, args: &RequestCreate) -> Result<(), Failure> {
    let now = app.now();
    let permissions = terms::permissions(&args.permit)?;
    let scope = match (&args.folder, &args.record) {
        (Some(folder), _) => Some(Scope::Folder(whole(folder, "folder")?)),
        (None, Some(record)) => Some(Scope::Record(whole(record, "record")?)),
        (None, None) => None,
    };
    let session = app.session().await?;
    let owner = session.profile_named(&args.owner).await?;
    let duration_secs = args.duration.secs(&now);
    let deposit = args.deposit.map_or_else(
        || "the least deposit that the program asks for".to_owned(),
        |sol| format!("a deposit of {sol}"),
    );
    app.confirm(&format!(
        "Ask {} to let you read for {}, for {}.\nIt takes {deposit}, which comes back when it is answered or taken back \
         (a part is kept when nobody answers), and {} as rent, which comes back too.",
        args.owner,
        show::span(duration_secs),
        purpose_word(args.purpose.0),
        cost::about(cost::rent::<Request>())
    ))?;
    let create = Create {
        owner,
        scope,
        purpose: args.purpose.0,
        permissions,
        duration_secs,
        reason: args.reason.clone(),
        ttl_secs: args.ttl.map(|ttl| ttl.secs(&now)),
        deposit_lamports: args.deposit.map(|sol| sol.0),
    };
    let created = session.request_create(create).await?;
    receipt::tell(&app.printer, &created.receipt);
    let value = json!({
        "request": created.request.to_string(), "owner": owner.to_string(),
        "stands_since_secs": created.stands_since_secs,
        "deposit_lamports": created.deposit_lamports, "transactions": receipt::json(&created.receipt),
    });
    app.printer.data(&value, || {
        if let Some(since) = created.stands_since_secs {
            return format!(
                "{}  you asked {} for this {} already, and it waits for an answer: nothing was paid again.\n\
                 To ask in other words, take it back first with `aceso request cancel`.",
                created.request,
                args.owner,
                show::time(since)
            );
        }
        format!(
            "{}  asked {}, deposit {}",
            created.request,
            args.owner,
            Sol(created.deposit_lamports)
        )
    })
}

/// Whoever asks has no names for the owner's folders and records.
fn whole(text: &str, what: &str) -> Result<Pubkey, Failure> {
    text.parse().map_err(|_| {
        Failure::input(format!("{text:?} is not the address of a {what}")).with_hint(format!(
            "copy the whole address, or leave it out and the owner chooses the {what}"
        ))
    })
}
