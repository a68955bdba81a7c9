//! Proofs and draws as the chain runs them, at the sizes that the bounds name: ten thousand leases, trees of 20 levels.

use aceso::{
    instruction as ix,
    instructions::Proof,
    state::{
        fenwick, proof, Beacon, Draw, Layout, Lease, LeaseStatus, Ledger, LedgerMut, MarketTerms,
    },
};
use anchor_lang::{
    prelude::{AccountMeta, Clock, Pubkey},
    solana_program::instruction::Instruction,
    Discriminator, InstructionData, ToAccountMetas,
};
use bytemuck::Zeroable;
use solana_account::Account;
use solana_keypair::Keypair;
use solana_message::{v1, VersionedMessage};
use solana_sha256_hasher::hashv;
use solana_transaction::versioned::VersionedTransaction;

use crate::support::world::{event_authority, keypair, stored, World, FEE_PAYER, SOL};

const EPOCH_SECS: i64 = 86_400;
const LEASES: u32 = 10_000;
/// Half a GiB: 2^20 leaves, so a path of 20 levels.
const STORED_LEN: u64 = 512 << 20;

fn key(label: &str, n: u64) -> Pubkey {
    Pubkey::new_from_array(hashv(&[label.as_bytes(), &n.to_le_bytes()]).to_bytes())
}

/// A chain with a peer that holds ten thousand leases and owes the proofs of one epoch.
struct Scene {
    world: World,
    peer: Pubkey,
    ledger: Pubkey,
    beacon: Pubkey,
    draw: Draw,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        let (peer, ledger, beacon) = (key("peer", 0), key("ledger", 0), key("beacon", 0));
        let now = world.now_secs();

        let mut state = Beacon::zeroed();
        state.open(EPOCH_SECS).unwrap();
        let terms = MarketTerms {
            challenges: 24,
            grace_draws: 3,
            losses_max: 3,
            window_secs: 43_200,
            ..MarketTerms::zeroed()
        };
        let mut data = vec![0u64; LedgerMut::space(10_112) / 8];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut data);
        bytes[..8].copy_from_slice(Ledger::DISCRIMINATOR);
        let head: &mut Ledger = bytemuck::from_bytes_mut(&mut bytes[8..Ledger::SPACE]);
        head.open(peer, 0, terms, EPOCH_SECS).unwrap();
        LedgerMut::grown(bytes).unwrap();
        let mut book = LedgerMut::new(bytes).unwrap();
        for _ in 0..LEASES {
            book.append(&state, STORED_LEN / 512).unwrap();
        }
        world.put(
            ledger,
            Account { lamports: SOL, data: bytes.to_vec(), owner: aceso::ID, ..Account::default() },
        );

        state.arm(&Clock { slot: 500, unix_timestamp: now, ..Clock::default() }).unwrap();
        let mut sysvar = 2u64.to_le_bytes().to_vec();
        for slot in [532u64, 531] {
            sysvar.extend_from_slice(&slot.to_le_bytes());
            sysvar.extend_from_slice(key("hash", slot).as_ref());
        }
        state.draw(&sysvar, now).unwrap();
        let draw = *state.draw_of(0).unwrap();
        world.put(beacon, stored(&state, SOL));
        Self { world, peer, ledger, beacon, draw }
    }

    /// Answers to challenges, with the leases that they name: each with a tree made up around the leaf.
    fn proofs(&mut self, challenges: std::ops::Range<u8>) -> (Vec<Proof>, Vec<Pubkey>) {
        let account = self.world.account(&self.ledger).unwrap();
        let slots = self.head().slots;
        let nodes: Vec<u64> = account.data[Ledger::SPACE..]
            .as_chunks::<8>()
            .0
            .iter()
            .map(|node| u64::from_le_bytes(*node))
            .collect();
        let range = u64::from(LEASES) * STORED_LEN / 512;
        challenges
            .map(|k| {
                let label = b"aceso/challenge/v1";
                let hash = hashv(&[label, &self.draw.seed, self.peer.as_ref(), &[k]]).to_bytes();
                let number = u128::from_le_bytes(hash[..16].try_into().unwrap());
                let offset = (number % u128::from(range)) as u64;
                let (slot, rest) = fenwick::find(&nodes, slots, offset).unwrap();
                let leaf = vec![k; 512];
                let path: Vec<[u8; 32]> =
                    (0..20).map(|level| key("sibling", level).to_bytes()).collect();
                let tree = proof::climb(rest, STORED_LEN / 512 - 1, &leaf, &path).unwrap();
                let lease = Lease {
                    peer: self.peer,
                    root: proof::root(STORED_LEN, &tree),
                    stored_len: STORED_LEN,
                    weight: STORED_LEN / 512,
                    slot,
                    has_slot: 1,
                    status: LeaseStatus::Live as u8,
                    ..Lease::zeroed()
                };
                let key = key("lease", u64::from(slot));
                self.world.put(key, stored(&lease, SOL));
                (Proof { k, leaf, path }, key)
            })
            .unzip()
    }

    fn submit(&mut self, challenges: std::ops::Range<u8>) -> Instruction {
        let (proofs, leases) = self.proofs(challenges);
        let mut accounts = aceso::accounts::ProofSubmit {
            ledger: self.ledger,
            beacon: self.beacon,
            event_authority: event_authority(),
            program: aceso::ID,
        }
        .to_account_metas(None);
        accounts.extend(leases.into_iter().map(|lease| AccountMeta::new_readonly(lease, false)));
        Instruction { program_id: aceso::ID, accounts, data: ix::ProofSubmit { proofs }.data() }
    }

    fn head(&self) -> Ledger {
        let account = self.world.account(&self.ledger).unwrap();
        bytemuck::pod_read_unaligned(&account.data[8..Ledger::SPACE])
    }

    /// As a v1 transaction: compute units and bytes on the wire.
    fn send(&mut self, instruction: Instruction) -> (u64, usize) {
        let payer: Keypair = keypair(FEE_PAYER);
        let config = v1::TransactionConfig::empty()
            .with_compute_unit_limit(100_000)
            .with_loaded_accounts_data_size_limit(4 << 20);
        let blockhash = self.world.svm.latest_blockhash();
        let payer_key = solana_signer::Signer::pubkey(&payer);
        let message =
            v1::Message::try_compile_with_config(&payer_key, &[instruction], blockhash, config)
                .unwrap();
        let transaction =
            VersionedTransaction::try_new(VersionedMessage::V1(message), &[&payer]).unwrap();
        let bytes = 64 * transaction.signatures.len() + transaction.message.serialize().len();
        let meta = self.world.svm.send_transaction(transaction);
        let meta = meta.unwrap_or_else(|error| panic!("{error:?}"));
        (meta.compute_units_consumed, bytes)
    }
}

/// Compute units and bytes of one proof in a transaction, of two and of three.
pub fn costs() -> Vec<(u64, usize)> {
    let scene = Scene::new();
    let cost = |count: u8| {
        let mut scene = Scene { world: scene.world.clone(), ..scene };
        let submit = scene.submit(0..count);
        scene.send(submit)
    };
    (1..=3).map(cost).collect()
}

#[test]
fn a_proof_costs_what_the_bounds_say() {
    let costs = costs();
    println!("proof_submit, 20 levels, 10,000 leases (compute units, bytes): {costs:?}");
    assert!(costs.iter().all(|(_, bytes)| *bytes <= 4_096), "one transaction each");
    assert!(costs[0].0 <= 15_000, "{} for the first", costs[0].0);
    for two in costs.windows(2) {
        assert!(two[1].0 - two[0].0 <= 8_000, "{} for another", two[1].0 - two[0].0);
    }
}

#[test]
fn a_day_of_proofs_credits_the_epoch_and_none_is_taken_twice() {
    let mut scene = Scene::new();
    for first in (0..24).step_by(3) {
        assert_eq!(scene.head().next_seq, 0);
        let submit = scene.submit(first..first + 3);
        scene.send(submit);
    }
    let head = scene.head();
    assert_eq!((head.next_seq, head.answered), (1, 0));
    assert_eq!(head.credited_between(scene.draw.epoch, scene.draw.epoch + 1), 1);
    let again = scene.submit(0..1);
    let refused = scene.world.send(&[again]).expect_err("nothing is owed");
    assert!(format!("{refused:?}").contains("NoProofOwed"), "{refused:?}");
}
