use std::{fs, io, path::Path};

use super::{Config, ConfigError, Key, TABLES, check, key::Need};

impl Config {
    /// Reads and checks the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
            _ => ConfigError::Unreadable { path: path.to_owned(), source },
        })?;
        parse(&text)
    }
}

/// Reads the text of a configuration: unknown keys are refused with the nearest known one, missing ones get the default that
/// the sample states.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    let mut file: toml::Table = text.parse().map_err(|e: toml::de::Error| ConfigError::Syntax {
        reason: e.to_string().trim().to_owned(),
    })?;
    let names = Config::KEYS.iter().map(|key| key.name);
    let names: Vec<&str> = names.chain(TABLES.iter().map(|table| table.name)).collect();
    known(&file, "", &names)?;
    complete(&mut file, "", Config::KEYS)?;
    for table in TABLES {
        if table.optional && !file.contains_key(table.name) {
            continue;
        }
        let inner = file.entry(table.name).or_insert_with(|| toml::Table::new().into());
        let Some(inner) = inner.as_table_mut() else {
            return Err(ConfigError::value(
                table.name,
                format!("it is a table; write [{}]", table.name),
            ));
        };
        let path = format!("{}.", table.name);
        known(inner, &path, &table.keys.iter().map(|key| key.name).collect::<Vec<_>>())?;
        complete(inner, &path, table.keys)?;
    }
    let config: Config = read(file)?;
    check::check(&config)?;
    Ok(config)
}

fn known(table: &toml::Table, path: &str, names: &[&str]) -> Result<(), ConfigError> {
    let Some(unknown) = table.keys().find(|name| !names.contains(&name.as_str())) else {
        return Ok(());
    };
    let nearest = names.iter().min_by_key(|name| distance(unknown, name));
    let hint = nearest
        .filter(|name| distance(unknown, name) <= 1 + unknown.len() / 3)
        .map_or_else(String::new, |name| format!(", did you mean {path}{name}?"));
    // A key may have been pasted together with a secret: not much of it is shown.
    let key = format!("{path}{}", unknown.chars().take(40).collect::<String>());
    Err(ConfigError::Unknown { key, hint })
}

fn complete(table: &mut toml::Table, path: &str, keys: &[Key]) -> Result<(), ConfigError> {
    for key in keys.iter().filter(|key| key.need != Need::Optional) {
        if table.contains_key(key.name) {
            continue;
        }
        let name = format!("{path}{}", key.name);
        if key.need == Need::Required {
            return Err(ConfigError::Required { key: name, value: key.value.to_owned() });
        }
        let default: toml::Table = format!("{} = {}", key.name, key.value)
            .parse()
            .map_err(|e: toml::de::Error| ConfigError::value(&name, e.message()))?;
        table.extend(default);
    }
    Ok(())
}

/// The values in their types. A refusal names the key.
fn read(file: toml::Table) -> Result<Config, ConfigError> {
    serde_path_to_error::deserialize(toml::Value::Table(file)).map_err(|e| {
        let reason = e.inner().message().trim();
        ConfigError::value(
            &e.path().to_string(),
            format!("{reason}; the sample of `aceso-peer init` shows how it is written"),
        )
    })
}

/// Edits (one character put in, left out or changed) between two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}
