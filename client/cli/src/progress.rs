//! Bars and steps, on a terminal only: a log wants neither.

use std::{
    io::{self, IsTerminal},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aceso_sdk::{
    file::{Progress, Silent},
    flow::{Step, Watch},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

const SPINNER: &str = "{spinner} {prefix}{msg}";
const BAR: &str = "{spinner} {prefix}{msg} {bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const COUNTER: &str = "{spinner} {prefix}{msg} {bytes} {bytes_per_sec}";

/// What watches a command: a bar for people at a terminal, nobody otherwise.
pub fn watch(printer: &Printer) -> Arc<dyn Watch> {
    if printer.quiet || !io::stderr().is_terminal() {
        return Arc::new(Silent);
    }
    Arc::new(Bar::new())
}

/// The same for what has no steps.
pub fn transfer(printer: &Printer, what: &str) -> Arc<dyn Progress> {
    if printer.quiet || !io::stderr().is_terminal() {
        return Arc::new(Silent);
    }
    let bar = Bar::new();
    bar.bar.set_message(what.to_owned());
    Arc::new(bar)
}

/// The bar that is on the terminal, if there is one.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Takes the bar off the terminal, for whoever is about to write there. The next step shows it again.
pub fn hush() {
    if let Some(bar) = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.disable_steady_tick();
        bar.finish_and_clear();
    }
}

struct Bar {
    bar: ProgressBar,
    shape: Mutex<&'static str>,
}

impl Bar {
    fn new() -> Self {
        let bar = Self { bar: ProgressBar::hidden(), shape: Mutex::new("") };
        bar.shape(SPINNER);
        bar
    }

    /// Nothing is drawn before there is something to tell.
    fn appear(&self) {
        let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.is_none() {
            self.bar.reset();
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(120));
            *shown = Some(self.bar.clone());
        }
    }

    fn shape(&self, template: &'static str) {
        let mut shape = self.shape.lock().unwrap_or_else(PoisonError::into_inner);
        if *shape != template {
            *shape = template;
            // The templates are ours and constant; one that does not parse would only look plain.
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar.set_style(style.progress_chars("##-"));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        hush();
    }
}

impl Progress for Bar {
    fn advance(&self, done: u64, total: Option<u64>) {
        self.appear();
        match total {
            Some(total) => {
                self.shape(BAR);
                self.bar.set_length(total);
            }
            None => self.shape(COUNTER),
        }
        self.bar.set_position(done);
    }
}

impl Watch for Bar {
    fn step(&self, step: Step) {
        self.appear();
        self.shape(SPINNER);
        self.bar.set_position(0);
        self.bar.reset_eta();
        self.bar.set_message(match step {
            Step::Checking => "asking chain and store",
            Step::Storing => "encrypting and storing",
            Step::Sealing => "sealing keys",
            Step::Sending => "sending the transaction",
            Step::Receipt => "writing the receipt",
            Step::Opening => "fetching and opening",
            Step::Retrying => "somebody else was faster, trying again",
            Step::Tidying => "tidying up",
            Step::Copying => "making the copies",
            Step::Uploading => "uploading",
            Step::Waiting => "waiting for the peers to accept",
            Step::Asking => "asking the peers",
            _ => "working",
        });
    }

    fn item(&self, index: usize, count: usize) {
        let prefix = if count > 1 { format!("[{}/{count}] ", index + 1) } else { String::new() };
        self.bar.set_prefix(prefix);
    }
}
