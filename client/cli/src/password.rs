//! The keystore's password: from a file, from ACESO_PASSWORD, or typed. Never from the command line, which other programs
//! see.

use std::{
    env, fs,
    io::{self, IsTerminal},
    path::Path,
};

use aceso_sdk::home::Password;
use zeroize::Zeroizing;

use crate::{args::Global, exit::Failure, printer::Printer};

const VARIABLE: &str = "ACESO_PASSWORD";
/// Shorter ones are worth a word of warning: scrypt slows guessing down, it does not stop it.
const SHORT: usize = 12;

/// The password of a keystore that exists.
pub fn existing(global: &Global) -> Result<Password, Failure> {
    match given(global.password_file.as_deref())? {
        Some(text) => Ok(Password::new(text)?),
        None => Ok(Password::new(typed("Password of your keystore: ")?)?),
    }
}

/// A password for something new: typed twice.
pub fn new(file: Option<&Path>, printer: &Printer, what: &str) -> Result<Password, Failure> {
    let text = match given(file)? {
        Some(text) => text,
        None => {
            printer.say(format_args!(
                "Choose a password for {what}. Nobody can tell it to you again: write it down."
            ));
            let text = typed("New password: ")?;
            if *typed("The same again: ")? != *text {
                return Err(Failure::input("the two passwords differ")
                    .with_hint("nothing was done; try again"));
            }
            text
        }
    };
    if text.trim_end_matches(['\r', '\n']).chars().count() < SHORT {
        printer.warn(format_args!("this password is short; whoever gets the file can try many: {SHORT} characters or more are better"));
    }
    Ok(Password::new(text)?)
}

/// From file or variable, if either was given; the file comes first.
fn given(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = file {
        let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|e| {
            Failure::input(format!("cannot read the password file {} ({e})", path.display()))
                .with_hint("it is a text file with the password in its first line")
        })?;
        return Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())));
    }
    match env::var(VARIABLE) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::input(format!("{VARIABLE} is not valid UTF-8"))
                .with_hint("use --password-file"))
        }
    }
}

fn typed(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(Failure::input(
            "the keystore's password is needed, and there is no terminal to ask at",
        )
        .with_hint(format!("use --password-file FILE, or set {VARIABLE}"))
        .with_kind("password-needed"));
    }
    let typed = tokio::task::block_in_place(|| rpassword::prompt_password(prompt));
    typed.map(Zeroizing::new).map_err(|e| match e.kind() {
        io::ErrorKind::Interrupted => {
            Failure::input("stopped at the password").with_hint("nothing was done")
        }
        _ => Failure::input(format!("cannot ask for the password ({e})"))
            .with_hint(format!("use --password-file FILE, or set {VARIABLE}")),
    })
}

/// The password of a copy: the keystore's when that came from file or variable, else one that is typed for it.
pub fn again(global: &Global, printer: &Printer, what: &str) -> Result<Password, Failure> {
    match given(global.password_file.as_deref())? {
        Some(text) => Ok(Password::new(text)?),
        None => new(None, printer, what),
    }
}

/// What opens a copy.
pub fn of_copy(file: Option<&Path>, global: &Global) -> Result<Password, Failure> {
    match given(file.or(global.password_file.as_deref()))? {
        Some(text) => Ok(Password::new(text)?),
        None => Ok(Password::new(typed("Password of the copy: ")?)?),
    }
}
