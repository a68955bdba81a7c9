use serde_json::json;

use crate::{
    app::App,
    args::{profile::ProfileAuthorityPropose, value::Address},
    exit::Failure,
    render::receipt,
};

pub async fn run(app: &App, args: &ProfileAuthorityPropose) -> Result<(), Failure> {
    let session = app.session().await?;
    let wallet = args.wallet.map(Address::key);
    if let Some(wallet) = wallet {
        app.confirm(&format!(
            "Wallet {wallet} can take this profile over, with all that it owns."
        ))?;
    }
    let sent = session.profile_authority_propose(wallet).await?;
    receipt::tell(&app.printer, &sent);
    let profile = session.profile()?;
    let value = json!({
        "profile": profile.to_string(), "proposed_wallet": wallet.map(|wallet| wallet.to_string()),
        "transactions": receipt::json(&sent),
    });
    app.printer.data(&value, || match wallet {
        Some(wallet) => {
            format!("Proposed {wallet}. There, run: aceso profile authority accept {profile}")
        }
        None => "The proposal is taken back.".to_owned(),
    })
}
