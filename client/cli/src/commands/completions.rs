use clap::CommandFactory;

use crate::{
    app::App,
    args::{Cli, plumbing::Completions},
    exit::Failure,
};

pub fn run(app: &App, args: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "aceso", &mut script);
    app.printer.raw(&script)
}
