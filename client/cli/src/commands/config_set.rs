use std::path::Path;

use aceso_sdk::{blob::GatewayStore, chain::Cluster};

use crate::{
    app::{self, App},
    args::config::{ConfigSet, Setting},
    exit::Failure,
    settings::{Settings, absolute},
};

pub fn run(app: &App, args: &ConfigSet) -> Result<(), Failure> {
    let dir = app.home_dir()?;
    let mut settings = Settings::load(&dir)?;
    let value = Some(args.value.as_str()).filter(|value| *value != "none");
    match args.key {
        Setting::Cluster => {
            let cluster = value.map(str::parse::<Cluster>).transpose()?;
            if matches!(cluster, Some(Cluster::Mainnet { .. })) {
                app.confirm("This is mainnet: fees and rent are paid in real SOL, and what is shared is shared for good.")?;
            }
            settings.cluster = cluster.map(|cluster| cluster.to_string());
            // Nodes belong to the cluster that was set before.
            (settings.rpc, settings.verify_rpc) = (None, None);
        }
        Setting::Rpc => settings.rpc = value.map(str::to_owned),
        Setting::VerifyRpc => settings.verify_rpc = value.map(str::to_owned),
        Setting::Store => settings.store = value.map(place).transpose()?,
        Setting::Gateways => {
            let list =
                value.unwrap_or_default().split(',').map(str::trim).filter(|url| !url.is_empty());
            settings.gateways = list.map(str::to_owned).collect();
            for url in &settings.gateways {
                GatewayStore::new(url)?;
            }
        }
        Setting::FeePayer => {
            if let Some(path) = value {
                app::payer(Path::new(path))?;
            }
            settings.fee_payer = value.map(|path| absolute(Path::new(path))).transpose()?;
        }
        Setting::Profile => settings.profile = value.map(str::to_owned),
        Setting::PriorityFee => {
            let fee = value.map(str::parse::<u64>).transpose();
            settings.priority_fee = fee.map_err(|_| {
                Failure::input(format!("{:?} is no price", args.value))
                    .with_hint("micro-lamports for each compute unit, such as 10000")
            })?;
        }
    }
    // Both are read once here, so that a slip is found now and not by the next command.
    settings.cluster()?;
    settings.verify_cluster()?;
    settings.save(&dir)?;
    app.printer.say("Set. `aceso config show` prints all settings.");
    Ok(())
}

/// A directory means the same from everywhere; a store that cannot be one is refused now.
fn place(text: &str) -> Result<String, Failure> {
    let remote = text.contains("://") || text.starts_with('/') && text.contains("/tcp/");
    if remote {
        app::store(text)?;
        return Ok(text.to_owned());
    }
    Ok(absolute(Path::new(text))?.display().to_string())
}
