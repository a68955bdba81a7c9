use serde_json::json;

use super::audit_show::entries;
use crate::{app::App, args::audit::AuditScope, exit::Failure, find, render, show};

pub async fn run(app: &App, args: &AuditScope) -> Result<(), Failure> {
    let session = app.session().await?;
    let scope = find::either(&session, &args.scope).await?;
    let archived = session.audit_archived(scope)?;
    // The sdk compares each line of the node with the archive, and the last head with the chain.
    let history = session.audit_history(scope).await?;
    let value = json!({
        "scope": render::scope(scope), "count": history.lines.len(), "head": show::hex(&history.head),
        "archived": archived.lines.len(), "verified": true,
    });
    app.printer.data(&value, || {
        format!(
            "{} on the chain, {} of them in your archive before: they agree, and none is missing.",
            entries(history.lines.len()),
            archived.lines.len()
        )
    })
}
