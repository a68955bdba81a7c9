//! Checks what every command needs, one after another, and says of each what is wrong. Asks for no password.

use aceso_sdk::{chain::Signer, home::HomeError};
use serde_json::json;

use crate::{
    app::App,
    args::value::Sol,
    exit::Failure,
    table::{Table, plain},
};

pub async fn run(app: &App) -> Result<(), Failure> {
    let mut found = Vec::new();
    let mut note = |what: &'static str, result: Result<String, Failure>| found.push((what, result));

    let dir = app.home_dir()?;
    note("home", Ok(dir.root().display().to_string()));
    let keystore = dir.keystore();
    note(
        "keystore",
        if keystore.exists() {
            Ok(keystore.display().to_string())
        } else {
            Err(HomeError::Missing { what: "keystore", path: keystore }.into())
        },
    );
    let settings = app.settings(&dir)?;
    let wallet = app.wallet(&dir, &settings);
    let address = wallet.as_ref().ok().map(|wallet| wallet.pubkey());
    note("wallet", wallet.map(|wallet| wallet.pubkey().to_string()));
    note("store", app.store(&dir, &settings).map(|store| store.describe()));
    match app.chain(&settings).await {
        Err(failure) => note("node", Err(failure)),
        Ok(chain) => {
            note(
                "node",
                Ok(format!("{} (slot {})", chain.rpc.url(), chain.rpc.time().await?.slot)),
            );
            note(
                "program",
                chain
                    .config()
                    .await
                    .map(|config| config.address.to_string())
                    .map_err(Failure::from),
            );
            if let Some(address) = address {
                note(
                    "balance",
                    match chain.balance(&address).await {
                        Ok(0) => {
                            Err(Failure::input("the wallet has no SOL, so it cannot pay fees")
                                .with_hint(format!(
                                    "send some to {address}, or name another --fee-payer"
                                )))
                        }
                        Ok(lamports) => Ok(Sol(lamports).to_string()),
                        Err(error) => Err(error.into()),
                    },
                );
            }
        }
    }

    let bad = found.iter().filter(|(_, result)| result.is_err()).count();
    let value = found.iter().map(|(what, result)| match result {
        Ok(text) => json!({ "check": what, "ok": true, "found": text }),
        Err(failure) => json!({ "check": what, "ok": false, "error": failure.to_json()["error"] }),
    });
    let value = value.collect();
    app.printer.data(&value, || {
        let mut table = Table::new(["CHECK", "", "FOUND"]);
        for (what, result) in &found {
            let (mark, text) = match result {
                Ok(text) => ("ok", text.clone()),
                Err(failure) => ("BAD", failure.sentence.clone()),
            };
            table.row([(*what).to_owned(), mark.to_owned(), text]);
        }
        table.render("")
    })?;
    for (what, result) in &found {
        if let Err(Failure { hint: Some(hint), .. }) = result {
            app.printer.say(format_args!("{what}: {}", plain(hint)));
        }
    }
    match found.into_iter().find_map(|(_, result)| result.err()) {
        None => Ok(()),
        Some(first) if bad == 1 => Err(first),
        Some(first) => {
            Err(Failure::input(format!("{bad} checks failed; the first: {}", first.sentence))
                .with_hint(first.hint.unwrap_or_default()))
        }
    }
}
