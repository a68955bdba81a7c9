//! Ctrl-C. Nothing is half done: files appear whole, what was begun of one is removed here, and what was sent or stored is
//! in the journal, which the next command settles first.

use std::process;

use aceso_sdk::file::discard_drafts;
use tokio::runtime::Runtime;

/// As a shell reports a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// Waits for Ctrl-C on a thread of its own, so that a question which blocks the command does not block this.
pub fn watch(runtime: &Runtime) {
    runtime.spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("\nstopped; the next command clears up what this one had begun");
            discard_drafts();
            process::exit(INTERRUPTED);
        }
    });
}
