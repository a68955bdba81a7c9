use serde_json::Value;

use crate::{
    app::App,
    exit::Failure,
    render::{Names, folder},
};

pub async fn run(app: &App) -> Result<(), Failure> {
    let session = app.session().await?;
    let views = session.folder_list().await?;
    let value: Value = views.iter().map(folder::view).collect();
    app.printer.data(&value, || folder::table(&views, &Names(&session)))
}
