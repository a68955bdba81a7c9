use serde_json::json;

use crate::{app::App, args::request::RequestId, exit::Failure, find, render::receipt};

pub async fn run(app: &App, args: &RequestId) -> Result<(), Failure> {
    let session = app.session().await?;
    let request = find::request(&session, &args.request).await?;
    let sent = session.request_cancel(request).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "request": request.to_string(), "cancelled": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || "Your request is taken back, with deposit and rent.".to_owned())
}
