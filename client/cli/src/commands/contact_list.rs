use serde_json::Value;

use crate::{app::App, exit::Failure, render::contact};

pub async fn run(app: &App) -> Result<(), Failure> {
    let session = app.session().await?;
    let views = session.contact_list().await?;
    let value: Value = views.iter().map(contact::view).collect();
    app.printer.data(&value, || contact::table(&views))
}
