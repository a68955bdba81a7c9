//! Any history of the market: tokens in = tokens out + tokens held, nothing paid twice nor both paid and slashed, and
//! from wherever it stands, strangers alone can bring every token and every account out.

use aceso::{constants::*, error::AcesoError, state::*};
use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use proptest::prelude::*;

use crate::{
    beacon::EPOCH_SECS,
    world::{leaf, peer_args, root, terms, Id, World},
};

/// What somebody tries: two numbers say of what and how much.
#[derive(Clone, Copy, Debug)]
struct Step {
    what: What,
    a: u32,
    b: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Open,
    Accept,
    AcceptOther,
    Decline,
    Expire,
    Extend,
    Amend,
    AmendAccept,
    Cancel,
    End,
    Settle,
    Claim,
    Close,
    Reap,
    BondAdd,
    BondWithdraw,
    Update,
    Drain,
    PeerDefault,
    Arm,
    Draw,
    Day,
    Answer,
    AnswerAll,
    DebtDefault,
    SetApply,
    Wait,
    SpotOpen,
    SpotAnswer,
    SpotDefault,
    Donate,
    Retire,
}

fn step() -> impl Strategy<Value = Step> {
    use What::*;
    let what = prop::sample::select(vec![
        Open,
        Open,
        Open,
        Open,
        Accept,
        Accept,
        Accept,
        Accept,
        AcceptOther,
        Decline,
        Expire,
        Extend,
        Amend,
        AmendAccept,
        Cancel,
        End,
        End,
        End,
        Settle,
        Settle,
        Settle,
        Claim,
        Claim,
        Close,
        Close,
        Reap,
        BondAdd,
        BondAdd,
        BondWithdraw,
        Update,
        Drain,
        PeerDefault,
        Arm,
        Draw,
        Day,
        Day,
        Day,
        Day,
        Answer,
        AnswerAll,
        AnswerAll,
        AnswerAll,
        AnswerAll,
        AnswerAll,
        DebtDefault,
        DebtDefault,
        SetApply,
        SetApply,
        Wait,
        Wait,
        SpotOpen,
        SpotOpen,
        SpotAnswer,
        SpotDefault,
        Donate,
        Retire,
    ]);
    (what, any::<u32>(), any::<u32>()).prop_map(|(what, a, b)| Step { what, a, b })
}

fn pick(world: &World, n: u32) -> Option<Id> {
    let at = n as usize % world.leases.len().max(1);
    world.leases.keys().nth(at).copied()
}

fn offer(a: u32, b: u32) -> Offer {
    let salt = a as u8;
    // One leaf, which can be proven here, or one of the weights up to the largest.
    let stored_len = match b % 3 {
        0 => u64::from(b % 512 + 1),
        1 => u64::from(b),
        _ => MAX_STORED_LEN - u64::from(b),
    };
    Offer {
        kind: LeaseKind::Pack,
        number: a as u8,
        root: root(salt, stored_len),
        digest: [salt | 1; 32],
        stored_len,
        epochs: a >> 8 & 31,
        price_max: u64::from(a >> 16) + 10,
    }
}

fn accepted(lease: &Lease) -> Acceptance {
    Acceptance {
        root: lease.root,
        stored_len: lease.stored_len,
        price: lease.price,
        epochs: lease.epochs,
    }
}

fn run(world: &mut World, Step { what, a, b }: Step) -> Result<()> {
    let id = pick(world, a);
    // What needs no lease.
    match what {
        What::Open => return world.open(&offer(a, b)).map(|_| ()),
        What::BondAdd => {
            world.peer.add_bond(u64::from(a % 2_000_000))?;
            world.pay_in(u64::from(a % 2_000_000));
            return Ok(());
        }
        What::BondWithdraw => {
            world.peer.withdraw_bond(u64::from(a % 300_000))?;
            world.pay_out(u64::from(a % 300_000));
            return Ok(());
        }
        What::Update => {
            return world.peer.update(&peer_args(u64::from(a % 50), u64::from(b % 4_000)))
        }
        What::Drain if a % 4 == 0 => {
            let (epoch, notice) = (world.epoch(), world.terms.notice_epochs);
            return world.peer.drain(epoch, notice);
        }
        What::Drain => return Ok(()),
        What::PeerDefault => return world.peer_default(),
        What::Arm => return world.arm(),
        What::Draw => return world.draw(),
        What::Day => {
            world.now_secs += EPOCH_SECS;
            world.arm()?;
            return world.draw();
        }
        What::Answer => return world.answer(a as u8 % 4),
        What::AnswerAll => {
            for k in 0..world.terms.challenges {
                match world.answer(k) {
                    Err(error) if error != AcesoError::ChallengeClosed.into() => return Err(error),
                    _ => {}
                }
            }
            return Ok(());
        }
        What::DebtDefault => return world.debt_default(a as u8 % 4),
        What::Wait => {
            world.now_secs += i64::from(a) % (EPOCH_SECS * if b % 8 == 0 { 40 } else { 1 });
            return Ok(());
        }
        What::Donate => {
            world.donated += u64::from(a % 1_000);
            world.pay_in(u64::from(a % 1_000));
            return Ok(());
        }
        What::Retire => return world.retire(),
        What::Reap => return reap(world),
        _ => {}
    }
    let Some(id) = id else { return Ok(()) };
    let lease = world.leases[&id];
    match what {
        What::Accept => world.accept(id, &accepted(&lease)),
        What::AcceptOther => {
            let mut other = accepted(&lease);
            match b % 4 {
                0 => other.root[0] ^= 1,
                1 => other.stored_len ^= 1,
                2 => other.price ^= 1,
                _ => other.epochs ^= 1,
            }
            let refused = world.attempt(|world| world.accept(id, &other));
            refused.expect_err("something else was offered");
            Ok(())
        }
        What::Decline => world.with(id, |lease, peer, _, _, now| lease.decline(peer, now)),
        What::Expire => world.with(id, |lease, peer, _, _, now| lease.expire(peer, now)),
        What::Extend => {
            let epoch = world.epoch();
            let paid = world.with(id, |lease, peer, _, _, _| lease.extend(b % 40, peer, epoch))?;
            world.pay_in(paid);
            Ok(())
        }
        What::Amend => {
            let Offer { root, digest, stored_len, .. } = offer(b, a);
            let amendment = Amendment { root, digest, stored_len };
            world.with(id, |lease, _, _, _, _| lease.amend(&amendment))
        }
        What::AmendAccept => {
            let amendment = Amendment {
                root: lease.next_root,
                digest: lease.next_digest,
                stored_len: lease.next_len,
            };
            world.with(id, |lease, _, _, _, _| lease.accept_amendment(&amendment))
        }
        What::Cancel => world
            .ending(id, |lease, peer, ledger, beacon, now| lease.cancel(peer, ledger, beacon, now)),
        What::End => world
            .ending(id, |lease, peer, ledger, beacon, now| lease.end(peer, ledger, beacon, now)),
        What::Settle => {
            let ids: Vec<_> = world.leases.keys().copied().skip(a as usize % 3).collect();
            // The same ones twice: paid once.
            world.settle(&[&ids[..], &ids[..]].concat(), b % 2 == 0)
        }
        What::Claim => world.claim(id),
        What::Close => world.close(id),
        What::SetApply => {
            let ended = world.leases.iter().filter(|(_, l)| l.is_ended() && l.has_slot == 1);
            let ids: Vec<_> = ended.map(|(id, _)| *id).collect();
            world.set_apply(&ids)
        }
        What::SpotOpen => world.spot_open(id, u64::from(b) % lease.weight),
        What::SpotAnswer => {
            let salts = (0..=255).map(|salt| leaf(salt, lease.stored_len));
            let of_lease = |leaf: &Vec<u8>| root(leaf[0], lease.stored_len) == lease.root;
            let leaf = salts.into_iter().find(of_lease);
            world.spot_answer(id, &leaf.unwrap_or_default())
        }
        What::SpotDefault => world.spot_default(id),
        _ => Ok(()),
    }
}

/// Claims and closes what is over.
fn reap(world: &mut World) -> Result<()> {
    for id in world.leases.keys().copied().collect::<Vec<_>>() {
        let _ = world.attempt(|world| world.spot_default(id).map(|_| ()));
        let _ = world.attempt(|world| world.claim(id));
        let _ = world.attempt(|world| world.close(id));
    }
    Ok(())
}

/// The peer is gone, its operator and its owners too: strangers arm, draw, default, end, claim and close.
fn wind_down(world: &mut World) {
    for _ in 0..120 {
        world.now_secs += EPOCH_SECS;
        let _ = world.attempt(World::arm);
        let _ = world.attempt(World::draw);
        let _ = world.attempt(World::peer_default);
        // As long as it helps: what was lost before is given up at once, epoch after epoch.
        let challenges = 0..world.terms.challenges;
        while challenges.clone().any(|k| world.attempt(|w| w.debt_default(k)).is_ok()) {}
        for id in world.leases.keys().copied().collect::<Vec<_>>() {
            let _ = world.attempt(|w| w.with(id, |l, p, _, _, now| l.expire(p, now)));
            let _ =
                world.attempt(|w| w.ending(id, |l, p, ledger, b, now| l.end(p, ledger, b, now)));
            let _ = world.attempt(|w| w.set_apply(&[id]));
        }
        reap(world).unwrap();
        world.check();
        if world.leases.is_empty() {
            break;
        }
    }
    let left: Vec<_> =
        world.leases.values().map(|l| (l.status, l.end, l.has_slot, l.owed)).collect();
    assert!(left.is_empty(), "stranded: {left:?}");
    world.attempt(World::retire).expect("a peer without leases can go");
    assert_eq!((world.vault, world.paid_in), (0, world.paid_out), "all that came in went out");
    assert_eq!(world.deposits_in, world.deposits_out);
}

/// Steps of each kind that were carried out, to see that histories reach everything.
fn history(challenges: u8, losses_max: u8, steps: &[Step], done: &mut [usize; 32]) {
    let mut world = World::new(MarketTerms { challenges, losses_max, ..terms() });
    for step in steps {
        if world.attempt(|world| run(world, *step)).is_ok() {
            done[step.what as usize] += 1;
        }
        world.check();
    }
    wind_down(&mut world);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]
    #[test]
    fn any_history_balances_and_ends(
        challenges in 1..4u8, losses_max in 0..4u8, steps in prop::collection::vec(step(), 1..1_000),
    ) {
        history(challenges, losses_max, &steps, &mut [0; 32]);
    }
}

#[test]
fn histories_reach_every_step() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let steps = prop::collection::vec(step(), 2_000);
    let mut done = [0; 32];
    for _ in 0..10 {
        let steps = steps.new_tree(&mut runner).unwrap().current();
        history(2, 3, &steps, &mut done);
    }
    let seldom: Vec<_> = done.iter().enumerate().filter(|(_, done)| **done < 5).collect();
    assert!(seldom.is_empty(), "hardly ever carried out: {seldom:?}");
}

#[test]
fn terms_and_mints_have_bounds() {
    let mut market = Market::zeroed();
    let (mint, floor) = (Pubkey::new_from_array([1; 32]), 5);
    let entry =
        |byte| Mint { mint: Pubkey::new_from_array([byte; 32]), lock_floor: floor, bond_min: 6 };
    assert!(market.set_mint(entry(1)).is_err() && market.epoch(0).is_err(), "not open");
    assert!(market.open(59, terms()).is_err());
    market = Market::zeroed();
    market.open(EPOCH_SECS, terms()).unwrap();
    assert_eq!(market.open(60, terms()).unwrap_err(), AcesoError::MarketAlreadyOpen.into());
    let wrong: [fn(&mut MarketTerms); 12] = [
        |t| t.challenges = 0,
        |t| t.challenges = 33,
        |t| t.grace_draws = 1,
        |t| t.losses_max = 4,
        |t| t.beacon_kind = 1,
        |t| t.window_secs = EPOCH_SECS as u32 / 4 - 1,
        |t| t.window_secs = EPOCH_SECS as u32 / 2 + 1,
        |t| t.lock_epochs = 366,
        |t| t.notice_epochs = 0,
        |t| t.offer_ttl_secs = 59,
        |t| t.spot_deposit_lamports = 19_999,
        |t| t.spot_deposit_lamports = 100_000_001,
    ];
    for (n, change) in wrong.iter().enumerate() {
        let mut terms = terms();
        change(&mut terms);
        assert_eq!(
            market.clone().update(terms).unwrap_err(),
            AcesoError::OutOfBounds.into(),
            "{n}"
        );
    }
    assert_eq!(market.mint(&Pubkey::default()).unwrap_err(), AcesoError::MintNotAccepted.into());
    for byte in 1..=MAX_MINTS as u8 {
        market.set_mint(entry(byte)).unwrap();
    }
    assert_eq!(market.set_mint(entry(99)).unwrap_err(), AcesoError::MintListFull.into());
    market.set_mint(Mint { lock_floor: 7, ..entry(1) }).unwrap();
    assert_eq!(market.mint(&mint).unwrap().lock_floor, 7);
    assert_eq!(market.remove_mint(&mint).unwrap().lock_floor, 7);
    assert!(market.mint(&mint).is_err() && market.remove_mint(&mint).is_err());
    market.set_mint(entry(99)).unwrap();
}
