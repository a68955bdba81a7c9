//! Single-thread throughput of each engine, in GB/s of CPU time (where Linux tells it, else of wall time): best and median of
//! interleaved rounds over 512 MiB in batches of 32 chunks.

use std::time::{Duration, Instant};

use aceso_format::address::leaf_digest;
use aceso_format::cobblestone::{CHUNK_LEN, ChunkCipher, MessageKey, SEALED_CHUNK_LEN};
use aceso_format::engine::{Engine, RustCrypto};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const BATCH: usize = 32;
const BATCHES: usize = 1024;
const ROUNDS: usize = 5;

fn main() {
    let keys = MessageKey::for_sealing(&[1; 32], b"throughput", &mut ChaCha20Rng::seed_from_u64(1));
    let mut slots = vec![0u8; BATCH * SEALED_CHUNK_LEN];
    let mut rounds = std::collections::BTreeMap::<&str, Vec<f64>>::new();
    for _ in 0..ROUNDS {
        rounds
            .entry("aes-gcm (portable) seal")
            .or_default()
            .push(seal::<RustCrypto>(&keys, &mut slots));
        #[cfg(feature = "ring")]
        rounds
            .entry("ring seal")
            .or_default()
            .push(seal::<aceso_format::engine::Ring>(&keys, &mut slots));
        #[cfg(feature = "ring")]
        rounds
            .entry("ring open")
            .or_default()
            .push(open::<aceso_format::engine::Ring>(&keys, &mut slots));
        rounds.entry("sha-256 of leaves").or_default().push(hash(&slots));
    }
    for (name, mut speeds) in rounds {
        speeds.sort_by(f64::total_cmp);
        println!("{name:24} best {:.2} median {:.2} GB/s", speeds[ROUNDS - 1], speeds[ROUNDS / 2]);
    }
}

fn seal<E: Engine>(keys: &MessageKey, slots: &mut [u8]) -> f64 {
    let cipher = ChunkCipher::<E>::with_engine(keys);
    timed(|batch| cipher.seal_batch((batch * BATCH) as u64, slots).unwrap())
}

#[cfg(feature = "ring")]
fn open<E: Engine>(keys: &MessageKey, slots: &mut [u8]) -> f64 {
    let cipher = ChunkCipher::<E>::with_engine(keys);
    let mut opened = slots.to_vec();
    cipher.seal_batch(0, slots).unwrap();
    // The copy is part of it, so this understates opening a little.
    timed(|_| {
        opened.copy_from_slice(slots);
        cipher.open_batch(0, &mut opened).unwrap();
    })
}

fn hash(slots: &[u8]) -> f64 {
    timed(|_| {
        std::hint::black_box(leaf_digest(&slots[..BATCH * CHUNK_LEN]));
    })
}

fn timed(mut run: impl FnMut(usize)) -> f64 {
    let (wall, cpu) = (Instant::now(), cpu_time());
    (0..BATCHES).for_each(&mut run);
    let spent = cpu_time().zip(cpu).map_or(wall.elapsed(), |(end, start)| end - start);
    (BATCHES * BATCH * CHUNK_LEN) as f64 / spent.as_secs_f64() / 1e9
}

/// Time that this thread has spent on a CPU, so that neighbours on the machine do not count.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
