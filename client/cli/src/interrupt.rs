//! Ctrl-C. Nothing is half done: files appear whole, and what was sent or stored is in the journal, which the next command
//! settles first.

use std::{future::Future, process};

use crate::{exit::Failure, password};

/// As a shell reports a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

pub async fn or_interrupted(
    work: impl Future<Output = Result<(), Failure>> + Send + 'static,
) -> Result<(), Failure> {
    // A task of its own, so that a question which blocks its thread does not block this one.
    let mut work = tokio::spawn(work);
    tokio::select! {
        done = &mut work => done.unwrap_or_else(|e| Err(Failure::ours(format!("this command broke off ({e}); please report it")))),
        asked = tokio::signal::ctrl_c() => {
            if asked.is_err() {
                // No signals here: nobody can interrupt us, so finish.
                return work.await.unwrap_or_else(|e| Err(Failure::ours(format!("this command broke off ({e}); please report it"))));
            }
            password::restore_terminal();
            work.abort();
            eprintln!("\nstopped; the next command clears up what this one had begun");
            process::exit(INTERRUPTED)
        }
    }
}
