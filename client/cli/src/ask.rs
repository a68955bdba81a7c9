//! Questions before money is spent or something cannot be undone.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::{exit::Failure, printer::Printer, progress};

/// Says what will happen and asks whether to go on. `--yes` answers; without a terminal nobody can, so it is refused.
pub fn confirm(printer: &Printer, yes: bool, what: &str) -> Result<(), Failure> {
    if yes {
        printer.say(what);
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::input(format!("this needs a yes: {what}"))
            .with_hint("add --yes if that is what you want; nothing was done"));
    }
    progress::hush();
    let mut err = io::stderr().lock();
    let asked = write!(err, "{what}\nGo on? [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") => Ok(()),
        Ok(_) => {
            Err(Failure::input("stopped, because you did not say yes")
                .with_hint("nothing was done"))
        }
        Err(e) => Err(Failure::ours(format!("cannot ask ({e})"))),
    }
}
