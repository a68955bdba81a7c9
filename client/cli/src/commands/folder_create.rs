use aceso_sdk::{chain::Folder, flow::FolderCreate as Create};
use serde_json::json;

use crate::{app::App, args::folder::FolderCreate, cost, exit::Failure, render::receipt};

pub async fn run(app: &App, args: &FolderCreate) -> Result<(), Failure> {
    let session = app.session().await?;
    let rent = cost::about(cost::rent::<Folder>() + cost::FEE);
    app.confirm(&format!("A folder holds {rent} as rent, which comes back when it is closed."))?;
    let created = session.folder_create(Create { name: args.name.clone() }).await?;
    receipt::tell(&app.printer, &created.receipt);
    let value = json!({
        "folder": created.folder.to_string(), "name": args.name, "transactions": receipt::json(&created.receipt),
    });
    app.printer.data(&value, || format!("{}  {}", created.folder, args.name))
}
