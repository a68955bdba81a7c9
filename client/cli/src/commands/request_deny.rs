use serde_json::json;

use crate::{app::App, args::request::RequestId, exit::Failure, find, render::receipt};

pub async fn run(app: &App, args: &RequestId) -> Result<(), Failure> {
    let session = app.session().await?;
    let request = find::request(&session, &args.request).await?;
    let sent = session.request_deny(request).await?;
    receipt::tell(&app.printer, &sent);
    let value = json!({ "request": request.to_string(), "denied": true, "transactions": receipt::json(&sent) });
    app.printer.data(&value, || "The request is denied; deposit and rent went back.".to_owned())
}
