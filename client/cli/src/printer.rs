//! Standard output is data, standard error is talk.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Write},
};

use serde_json::Value;

use crate::{exit::Failure, progress};

/// How a command speaks. One is made in `main` and handed down.
#[derive(Clone, Debug)]
pub struct Printer {
    pub json: bool,
    pub quiet: bool,
    pub verbose: bool,
    colour: bool,
}

impl Printer {
    pub fn new(json: bool, quiet: bool, verbose: bool) -> Self {
        Self { json, quiet, verbose, colour: wants_colour(&io::stderr()) }
    }

    /// The result of a command: JSON for programs, or the text that `human` makes.
    pub fn data(&self, value: &Value, human: impl FnOnce() -> String) -> Result<(), Failure> {
        let mut text = if self.json {
            serde_json::to_string_pretty(value).map_err(|e| Failure::ours(e.to_string()))?
        } else {
            human()
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        self.raw(text.as_bytes())
    }

    /// Bytes that are data already.
    pub fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        progress::hush();
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            // Whoever reads us (`head`, a pager) has seen enough.
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(e) => Err(Failure::ours(format!("cannot write to standard output ({e})"))),
            Ok(()) => Ok(()),
        }
    }

    /// A sentence about what happened.
    pub fn say(&self, sentence: impl Display) {
        if !self.quiet {
            self.line(sentence);
        }
    }

    /// Something to be careful about; also shown with --quiet.
    pub fn warn(&self, sentence: impl Display) {
        self.line(format_args!("{} {sentence}", self.paint("33;1", "warning:")));
    }

    /// A line for those who want to know more.
    pub fn detail(&self, sentence: impl Display) {
        if self.verbose {
            self.line(self.paint("2", &sentence.to_string()));
        }
    }

    /// What went wrong, and what to do; for programs as one line of JSON.
    pub fn failure(&self, failure: &Failure) {
        if self.json {
            self.line(failure.to_json());
            return;
        }
        self.line(format_args!("{} {}", self.paint("31;1", "error:"), failure.sentence));
        if let Some(hint) = &failure.hint {
            self.line(format_args!("{} {hint}", self.paint("36;1", "hint:")));
        }
        match &failure.detail {
            Some(detail) if self.verbose => self.line(self.paint("2", detail)),
            _ => {}
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn line(&self, text: impl Display) {
        progress::hush();
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Colour is for people at a terminal who did not say no (no-color.org).
fn wants_colour(stream: &impl IsTerminal) -> bool {
    let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !refused && !dumb
}
