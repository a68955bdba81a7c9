//! Memory does not grow with what passes through. Alone in its process, so that nobody else's is counted.

mod support;

use aceso::state::LeaseKind;
use aceso_format::{address::AddressBuilder, proof_tree::ProofBuilder};
use aceso_peer::{holdings::Leased, http::Limits};
use futures_util::stream;
use support::{MIB, chain::NOW, daemon::Daemon, sample};

const BLOCKS: usize = 512;

/// Half a GiB in by an upload and out by a download, in less than a tenth of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_gib_passes_in_flat_memory() {
    let limits = Limits { connections: 4, idle: std::time::Duration::from_secs(10) };
    let daemon = Daemon::start_with(limits, 1 << 30).await;
    let owner = daemon.chain.person(10);
    let block = sample(MIB, 9);
    let (mut address, mut proof) = (AddressBuilder::new(), ProofBuilder::new());
    for _ in 0..BLOCKS {
        address.push(&block, |_| ());
        proof.push(&block, |_| ());
    }
    let leased = Leased { address: address.finish(|_| ()), root: proof.finish(|_| ()).unwrap() };
    let (at, lease) = daemon.chain.offer(
        &owner,
        &owner.profile,
        LeaseKind::Bundle,
        &daemon.peer,
        &leased,
        |_| (),
    );
    daemon.see(&at, lease);
    let before = support::resident();
    let body = stream::iter((0..BLOCKS).map(move |_| Ok::<_, String>(block.clone())));
    daemon.service.holdings.receive(&leased, body, NOW).await.unwrap();
    let mut answer =
        daemon.get(&format!("/ipfs/{}", leased.address.cid_string())).send().await.unwrap();
    let mut read = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, BLOCKS * MIB);
    let grown = support::resident().saturating_sub(before);
    assert!(grown < 40 << 20, "{grown} bytes more");
}
