use serde_json::json;

use super::audit_show::entries;
use crate::{app::App, args::audit::AuditScope, exit::Failure, find, render, show};

pub async fn run(app: &App, args: &AuditScope) -> Result<(), Failure> {
    let session = app.session().await?;
    let scope = find::either(&session, &args.scope).await?;
    // Fetching a trail keeps it.
    let history = session.audit_history(scope).await?;
    let archived = session.audit_archived(scope)?;
    let value = json!({
        "scope": render::scope(scope), "count": archived.lines.len(), "head": show::hex(&archived.head),
        "complete": archived.head == history.head,
    });
    app.printer.data(&value, || {
        format!(
            "{} kept here, up to head {}",
            entries(archived.lines.len()),
            show::hex(&archived.head[..8])
        )
    })
}
