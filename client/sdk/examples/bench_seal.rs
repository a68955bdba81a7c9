//! Sealing and opening by themselves, to be timed beside other tools:
//!
//! ```sh
//! bench_seal seal IN OUT|-              # encryption alone, as age does it
//! bench_seal seal-cid IN OUT|-          # and the blob's address
//! bench_seal seal-put IN OUT|-          # and SHA-256 of the content: all that a put computes
//! bench_seal put IN DIR|http://...      # into a directory store or a Kubo node
//! bench_seal roundtrip IN DIR|http://... OUT   # put, then open into OUT
//! ```
//! `-` writes to standard output. Peak memory goes to standard error.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    sync::Arc,
    time::Instant,
};

use aceso_sdk::{
    blob::{BlobStore, DirectoryStore, KuboStore},
    file::{Hashes, Input, Output, Silent, open, seal, seal_to_writer},
};

const RECORD: [u8; 32] = [7; 32];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let begin = Instant::now();
    match arguments[..] {
        ["seal", input, output] => write(input, output, Hashes { content: false, leaves: false })?,
        ["seal-cid", input, output] => write(input, output, Hashes { content: false, leaves: true })?,
        ["seal-put", input, output] => write(input, output, Hashes { content: true, leaves: true })?,
        ["put", input, place] => block_on(put(input, place, None))?,
        ["roundtrip", input, place, output] => block_on(put(input, place, Some(output)))?,
        _ => return Err("usage: bench_seal seal|seal-cid|seal-put IN OUT|-, put IN STORE, roundtrip IN STORE OUT".into()),
    }
    eprintln!("{:.3} s, {}", begin.elapsed().as_secs_f64(), peak_memory());
    Ok(())
}

fn write(input: &str, output: &str, hashes: Hashes) -> Result<(), Box<dyn Error>> {
    let mut output: Box<dyn Write> = match output {
        "-" => Box::new(io::stdout().lock()),
        path => Box::new(fs::File::create(path)?),
    };
    let (_, blob) =
        seal_to_writer(source(input)?, &mut *output, &RECORD, hashes, Arc::new(Silent))?;
    if let Some(blob) = blob {
        eprintln!("{} {}", blob.cid_string(), blob.len);
    }
    Ok(())
}

async fn put(input: &str, place: &str, output: Option<&str>) -> Result<(), Box<dyn Error>> {
    let store: Arc<dyn BlobStore> = if place.starts_with("http") || place.starts_with("/ip") {
        Arc::new(KuboStore::new(place)?)
    } else {
        Arc::new(DirectoryStore::open(place)?)
    };
    let begin = Instant::now();
    let sealed = seal(&*store, source(input)?, &RECORD, Arc::new(Silent)).await?;
    eprintln!(
        "put {:.3} s, {} {}",
        begin.elapsed().as_secs_f64(),
        sealed.blob.cid_string(),
        sealed.blob.len
    );
    if let Some(output) = output {
        let begin = Instant::now();
        let output = Output::File { path: output.into(), replace: true };
        open(&store, &RECORD, &sealed, output, Arc::new(Silent)).await?;
        eprintln!("open {:.3} s", begin.elapsed().as_secs_f64());
    }
    Ok(())
}

fn source(input: &str) -> Result<Input, Box<dyn Error>> {
    Ok(if input == "-" { Input::stdin() } else { Input::file(input)? })
}

fn block_on(work: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// The most memory this process ever held, as Linux counts it.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    format!("peak memory {}", peak.map_or("unknown", str::trim))
}
