use aceso_sdk::chain::Folder;
use serde_json::json;

use crate::{app::App, args::folder::FolderClose, cost, exit::Failure, find, render::receipt};

pub async fn run(app: &App, args: &FolderClose) -> Result<(), Failure> {
    let session = app.session().await?;
    let folder = find::folder(&session, &args.folder).await?;
    let rent = cost::about(cost::rent::<Folder>());
    app.confirm(&format!(
        "Folder {} is closed for good; its rent, {rent}, goes back to whoever paid it.",
        args.folder
    ))?;
    let sent = session.folder_close(folder).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "folder": folder.to_string(), "closed": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || format!("Folder {} is closed.", args.folder))
}
