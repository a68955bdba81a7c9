//! The program's own settings, for its admin: the wallet signs, no profile acts.

use aceso_sdk::{
    chain::{
        Chain, Config, Fetched, Instruction, Pubkey, Settings as ProgramRules, Signer, Transaction,
        constants, instruction::config,
    },
    flow::{Receipt, Wallet},
};
use serde_json::{Value, json};

use crate::{
    app::App,
    args::{
        config::{Area, ConfigProgram, ProgramSettings},
        value::{Address, Sol},
    },
    exit::Failure,
    render::receipt,
    show,
    table::Facts,
};

const AREAS: [(Area, u32, &str); 6] = [
    (Area::Profile, constants::PAUSE_PROFILE, "profile"),
    (Area::Folder, constants::PAUSE_FOLDER, "folder"),
    (Area::Record, constants::PAUSE_RECORD, "record"),
    (Area::Grant, constants::PAUSE_GRANT, "grant"),
    (Area::Request, constants::PAUSE_REQUEST, "request"),
    (Area::Market, constants::PAUSE_MARKET, "market"),
];

pub async fn run(app: &App, verb: &ConfigProgram) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    let settings = app.settings(&dir)?;
    let now = app.now();
    let chain = app.chain(&settings).await?;
    if matches!(verb, ConfigProgram::Show) {
        return show_config(app, &chain, None).await;
    }
    let wallet = app.wallet(&dir, &settings)?;
    let admin = wallet.pubkey();
    let payer = app.fee_payer(&settings)?.unwrap_or_else(|| wallet.clone());
    let rules = |settings: &ProgramSettings| ProgramRules {
        request_deposit_lamports: settings.request_deposit.0,
        request_fee_lamports: settings.request_fee.0,
        request_ttl_secs: settings.request_ttl.secs(&now),
    };
    let (question, step) = match verb {
        ConfigProgram::Show => return Ok(()),
        ConfigProgram::Init(settings) => (
            "Set the program up; this wallet becomes its admin.".to_owned(),
            config::init(payer.pubkey(), admin, rules(settings)),
        ),
        ConfigProgram::Update(change) => {
            let now_is: Fetched<Config> = chain.config().await?;
            let sol = |named: Option<Sol>, stays: u64| named.map_or(stays, |sol| sol.0);
            let changed = ProgramRules {
                request_deposit_lamports: sol(
                    change.request_deposit,
                    now_is.request_deposit_lamports,
                ),
                request_fee_lamports: sol(change.request_fee, now_is.request_fee_lamports),
                request_ttl_secs: change
                    .request_ttl
                    .map_or(now_is.request_ttl_secs, |span| span.secs(&now)),
            };
            let question = "Change the program's settings for everybody.".to_owned();
            (question, config::update(admin, changed))
        }
        ConfigProgram::Pause(pause) => {
            let flags = AREAS
                .iter()
                .filter(|(area, ..)| pause.areas.contains(area))
                .fold(0, |flags, (_, bit, _)| flags | bit);
            let question = match flags {
                0 => "Nothing is paused any more, for anybody.".to_owned(),
                flags => format!("Pause for everybody: {}.", words(flags)),
            };
            (question, config::pause(admin, flags))
        }
        ConfigProgram::AdminPropose(propose) => {
            let candidate = propose.wallet.map(Address::key);
            let question = match candidate {
                Some(candidate) => format!("Wallet {candidate} can become the program's admin."),
                None => "The proposal of another admin is taken back.".to_owned(),
            };
            (question, config::admin_propose(admin, candidate))
        }
        ConfigProgram::AdminAccept => {
            ("This wallet becomes the program's admin.".to_owned(), config::admin_accept(admin))
        }
        ConfigProgram::FeesWithdraw => {
            let fees = Sol(chain.config().await?.fees_lamports);
            let question = format!("Take out the fees of unanswered requests: {fees}.");
            (question, config::fees_withdraw(admin, admin))
        }
    };
    app.confirm(&question)?;
    let sent = send(&chain, step, &wallet, &payer).await?;
    receipt::tell(&app.printer, &sent);
    show_config(app, &chain, Some(&sent)).await
}

async fn send(
    chain: &Chain,
    step: Instruction,
    wallet: &Wallet,
    payer: &Wallet,
) -> Result<Receipt, Failure> {
    let transaction = Transaction::new(vec![step], &**payer, &[&**wallet]);
    Ok(chain.send(&transaction).await?.into())
}

async fn show_config(app: &App, chain: &Chain, sent: Option<&Receipt>) -> Result<(), Failure> {
    let config: Fetched<Config> = chain.config().await?;
    let pending = Some(config.pending_admin).filter(|wallet| *wallet != Pubkey::default());
    let mut value = json!({
        "address": config.address.to_string(), "admin": config.admin.to_string(),
        "proposed_admin": pending.map(|wallet| wallet.to_string()),
        "request_deposit_lamports": config.request_deposit_lamports,
        "request_fee_lamports": config.request_fee_lamports, "request_ttl_secs": config.request_ttl_secs,
        "fees_lamports": config.fees_lamports, "paused": paused(config.paused),
    });
    value["transactions"] = sent.map_or(Value::Array(Vec::new()), receipt::json);
    app.printer.data(&value, || {
        Facts::new()
            .fact("admin", config.admin.to_string())
            .fact_if("proposed admin", pending.map(|wallet| wallet.to_string()))
            .fact("least deposit of a request", Sol(config.request_deposit_lamports).to_string())
            .fact("kept when nobody answers", Sol(config.request_fee_lamports).to_string())
            .fact("longest life of a request", show::span(config.request_ttl_secs))
            .fact("fees not withdrawn", Sol(config.fees_lamports).to_string())
            .fact("paused", words(config.paused))
            .render()
    })
}

fn paused(flags: u32) -> Vec<&'static str> {
    AREAS.iter().filter(|(_, bit, _)| flags & bit != 0).map(|(.., word)| *word).collect()
}

fn words(flags: u32) -> String {
    let list = paused(flags);
    if list.is_empty() { "nothing".to_owned() } else { list.join(", ") }
}
