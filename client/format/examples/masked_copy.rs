//! `masked_copy [MIB]`: what it costs to make a lease's copy (mask, CID, proof tree) of content in memory, beside sealing it, on
//! one thread, in MiB/s of CPU time (where Linux tells it, else of wall time); and on two threads, in MiB/s of wall time.
//!
//! `masked_copy - < FILE`: makes a copy of stdin, to compare with `age` on the same bytes; prints address and root.

use std::io::Read;
use std::time::{Duration, Instant};

use aceso_format::address::AddressBuilder;
use aceso_format::cobblestone::{CHUNK_LEN, ChunkCipher, MessageKey, SEALED_CHUNK_LEN};
use aceso_format::copy::CopyBuilder;
use aceso_format::key::ReplicaSecret;
use aceso_format::mask::Mask;
use aceso_format::proof_tree::ProofBuilder;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const MIB: usize = 1 << 20;
/// What is worked on at once; all of the content is this, again and again, so that no memory is measured.
const PIECE: usize = 4 * MIB;
const ROUNDS: usize = 3;

type Run<'a> = (&'static str, Box<dyn FnMut(&mut [u8]) + 'a>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mask = Mask::new(&ReplicaSecret::from_bytes([1; 32]), &[2; 32], &[3; 32]);
    let size = std::env::args().nth(1).unwrap_or_else(|| "1024".into());
    if size == "-" {
        return copy_stdin(&mask);
    }
    let pieces = size.parse::<usize>()?.div_ceil(PIECE / MIB);
    let mut piece = vec![7; PIECE];
    for (name, mut run) in runs(&mask, pieces) {
        let speeds = (0..ROUNDS).map(|_| {
            let (wall, cpu) = (Instant::now(), cpu_time());
            run(&mut piece);
            let spent = cpu_time().zip(cpu).map_or(wall.elapsed(), |(end, start)| end - start);
            mib_per_second(pieces, spent)
        });
        println!("{name:24} {:5.0} MiB/s", speeds.fold(0.0, f64::max));
    }
    let speeds = (0..ROUNDS).map(|_| two_threads(&mask, &mut piece, pieces));
    println!("{:24} {:5.0} MiB/s of wall time", "copy, two threads", speeds.fold(0.0, f64::max));
    Ok(())
}

fn runs(mask: &Mask, pieces: usize) -> Vec<Run<'_>> {
    let keys = MessageKey::for_sealing(&[1; 32], b"copy", &mut ChaCha20Rng::seed_from_u64(1));
    let cipher: ChunkCipher = ChunkCipher::new(&keys);
    let offsets = move || (0..pieces as u64).map(|at| at * PIECE as u64);
    vec![
        (
            "seal",
            Box::new(move |piece| {
                let slots = &mut piece[..PIECE / SEALED_CHUNK_LEN * SEALED_CHUNK_LEN];
                for offset in offsets() {
                    cipher.seal_batch(offset / CHUNK_LEN as u64, slots).unwrap();
                }
            }),
        ),
        ("mask", Box::new(move |piece| offsets().for_each(|offset| mask.apply(offset, piece)))),
        (
            "CID",
            Box::new(move |piece| {
                let mut address = AddressBuilder::new();
                offsets().for_each(|_| address.push(piece, |_| ()));
                std::hint::black_box(address.finish(|_| ()));
            }),
        ),
        (
            "tree",
            Box::new(move |piece| {
                let mut proof = ProofBuilder::new();
                offsets().for_each(|_| proof.push(piece, |_| ()));
                std::hint::black_box(proof.finish(|_| ()).unwrap());
            }),
        ),
        (
            "mask + CID + tree",
            Box::new(move |piece| {
                let mut copy = CopyBuilder::new();
                offsets().for_each(|offset| copy.push_masked(mask, offset, piece, |_| ()));
                std::hint::black_box(copy.finish(|_| ()).unwrap());
            }),
        ),
    ]
}

/// CID on one thread; mask and tree on the other, a piece behind.
fn two_threads(mask: &Mask, piece: &mut [u8], pieces: usize) -> f64 {
    let start = Instant::now();
    let (mut address, mut proof) = (AddressBuilder::new(), ProofBuilder::new());
    for at in 0..pieces as u64 {
        mask.apply(at * PIECE as u64, piece);
        std::thread::scope(|scope| {
            scope.spawn(|| address.push(piece, |_| ()));
            proof.push(piece, |_| ());
        });
    }
    std::hint::black_box((address.finish(|_| ()), proof.finish(|_| ()).unwrap()));
    mib_per_second(pieces, start.elapsed())
}

fn copy_stdin(mask: &Mask) -> Result<(), Box<dyn std::error::Error>> {
    let (mut copy, mut buffer, mut offset) = (CopyBuilder::new(), vec![0; MIB], 0);
    let mut stdin = std::io::stdin().lock();
    loop {
        match stdin.read(&mut buffer)? {
            0 => break,
            len => {
                copy.push_masked(mask, offset, &mut buffer[..len], |_| ());
                offset += len as u64;
            }
        }
    }
    let address = copy.finish(|_| ())?;
    println!("{} {} {:02x?}", address.blob.cid(), address.blob.len, &address.root[..8]);
    Ok(())
}

fn mib_per_second(pieces: usize, spent: Duration) -> f64 {
    (pieces * (PIECE / MIB)) as f64 / spent.as_secs_f64()
}

/// Time that this thread has spent on a CPU, so that neighbours on the machine do not count.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
