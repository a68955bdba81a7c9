//! `bench_copy FILE`: makes a lease's copy of a file as if it were content: mask, CID and proof tree. Prints address and root,
//! and on standard error the peak of memory.

use std::{io::Read, sync::Arc};

use aceso_format::{key::ReplicaSecret, mask::Mask};
use aceso_sdk::blob::CopyHasher;
use bytes::Bytes;

const LEAF: usize = 1 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("bench_copy FILE")?;
    let mask = Arc::new(Mask::new(&ReplicaSecret::from_bytes([1; 32]), &[2; 32], &[3; 32]));
    // Reads and masks a leaf ahead of those that are hashed, as reading from a store does.
    let (send, mut leaves) = tokio::sync::mpsc::channel::<Bytes>(2);
    let reading = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        let (mut file, mut offset) = (std::fs::File::open(path)?, 0);
        loop {
            let mut leaf = Vec::with_capacity(LEAF);
            if file.by_ref().take(LEAF as u64).read_to_end(&mut leaf)? == 0 {
                return Ok(());
            }
            mask.apply(offset, &mut leaf);
            offset += leaf.len() as u64;
            if send.blocking_send(leaf.into()).is_err() {
                return Ok(());
            }
        }
    });
    let mut hasher = CopyHasher::new();
    while let Some(leaf) = leaves.recv().await {
        hasher.push(leaf).await?;
    }
    reading.await??;
    let copy = hasher.finish().await?;
    println!("{} {} {:02x?}", copy.blob.cid_string(), copy.blob.len, &copy.root[..8]);
    let status = std::fs::read_to_string("/proc/self/status")?;
    eprintln!("{}", status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default());
    Ok(())
}
