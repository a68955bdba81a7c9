use serde_json::json;

use super::audit_show::entries;
use crate::{app::App, args::audit::AuditScope, exit::Failure, find, render, show};

pub async fn run(app: &App, args: &AuditScope) -> Result<(), Failure> {
    let session = app.session().await?;
    let scope = find::either(&session, &args.scope).await?;
    // The sdk compares each line of the node with the archive, and the last head with the chain.
    let history = session.audit_history(scope).await?;
    // Then the archive by itself: it must make the same head without any node.
    let archived = session.audit_archived(scope)?;
    if archived.head != history.head {
        return Err(Failure::ours("the archive does not end where the chain does")
            .with_hint("keep the archive, and try again with another node")
            .with_kind("archive-differs"));
    }
    let value = json!({
        "scope": render::scope(scope), "count": history.lines.len(), "head": show::hex(&history.head),
        "archived": archived.lines.len(), "verified": true,
    });
    app.printer.data(&value, || {
        format!(
            "{} on the chain and in your archive: they agree, and none is missing.",
            entries(history.lines.len())
        )
    })
}
