use serde_json::Value;

use crate::{app::App, exit::Failure, render::profile};

pub async fn run(app: &App) -> Result<(), Failure> {
    let session = app.session().await?;
    let views = session.profile_list().await?;
    let value: Value = views.iter().map(profile::view).collect();
    app.printer.data(&value, || profile::table(&views))
}
