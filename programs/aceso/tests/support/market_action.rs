//! A call for each instruction of the storage market.

use aceso::{
    accounts::{Acting, Holding, LeaseScope, Leased, PeerLease, Till},
    constants::SLOT_HASHES,
    instruction as ix,
    instructions::*,
    state::{Acceptance, Amendment, MarketTerms, Offer, PeerArgs},
};
use anchor_lang::prelude::Pubkey;

use super::{action::Person, address, call::Call, world::SYSTEM};
use crate::call;

/// A storage peer, the people behind it and its accounts.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Whose peer it is.
    pub keeper: Person,
    pub operator: Pubkey,
    pub peer: Pubkey,
    pub ledger: Pubkey,
    pub vault: Pubkey,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    /// Token account of the keeper's wallet.
    pub purse: Pubkey,
}

impl Site {
    pub fn of(keeper: Person, operator: Pubkey, mint: Pubkey, program: Pubkey) -> Self {
        let peer = address::peer(&keeper.profile).0;
        Self {
            keeper,
            operator,
            peer,
            ledger: address::ledger(&peer).0,
            vault: address::vault(&peer).0,
            mint,
            token_program: program,
            purse: Pubkey::default(),
        }
    }

    pub fn till(&self) -> Till {
        Till { vault: self.vault, mint: self.mint, token_program: self.token_program }
    }

    pub fn holding(&self) -> Holding {
        let Person { wallet, profile } = self.keeper;
        Holding { authority: wallet, profile, peer: self.peer }
    }

    pub fn leased(&self, lease: Pubkey) -> Leased {
        Leased { peer: self.peer, ledger: self.ledger, beacon: address::beacon().0, lease }
    }

    pub fn standing(&self, lease: Pubkey) -> PeerLease {
        PeerLease { peer: self.peer, lease }
    }
}

/// Who pays tokens in, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Funds {
    pub funder: Pubkey,
    pub source: Pubkey,
}

pub fn market_open(payer: Pubkey, admin: Pubkey, epoch_secs: i64, terms: MarketTerms) -> Call {
    call!(
        MarketOpen {
            payer: payer,
            admin: admin,
            config: address::config().0,
            beacon: address::beacon().0,
            system_program: SYSTEM,
        },
        ix::MarketOpen { epoch_secs, terms }
    )
}

pub fn market_update(admin: Pubkey, terms: MarketTerms) -> Call {
    call!(MarketUpdate { admin: admin, config: address::config().0 }, ix::MarketUpdate { terms })
}

pub fn market_mint_set(admin: Pubkey, mint: Pubkey, lock_floor: u64, bond_min: u64) -> Call {
    call!(
        MarketMintSet { admin: admin, config: address::config().0, mint: mint },
        ix::MarketMintSet { lock_floor, bond_min }
    )
}

pub fn market_mint_remove(admin: Pubkey, mint: Pubkey) -> Call {
    call!(
        MarketMintRemove { admin: admin, config: address::config().0, mint: mint },
        ix::MarketMintRemove {}
    )
}

pub fn beacon_arm() -> Call {
    call!(BeaconArm { beacon: address::beacon().0 }, ix::BeaconArm {})
}

pub fn beacon_draw() -> Call {
    call!(BeaconDraw { beacon: address::beacon().0, slot_hashes: SLOT_HASHES }, ix::BeaconDraw {})
}

pub fn beacon_rearm() -> Call {
    call!(BeaconRearm { beacon: address::beacon().0, slot_hashes: SLOT_HASHES }, ix::BeaconRearm {})
}

pub fn peer_register(payer: Pubkey, site: &Site, args: PeerArgs) -> Call {
    call!(
        PeerRegister {
            payer: payer,
            authority: site.keeper.wallet,
            profile: site.keeper.profile,
            config: address::config().0,
            mint: site.mint,
            token_program: site.token_program,
            peer: site.peer,
            vault: site.vault,
            ledger: site.ledger,
            system_program: SYSTEM,
        },
        ix::PeerRegister { args }
    )
}

pub fn peer_update(site: &Site, args: PeerArgs) -> Call {
    call!(PeerUpdate { holding: site.holding() }, ix::PeerUpdate { args })
}

pub fn peer_bond_add(site: &Site, funds: Funds, amount: u64) -> Call {
    call!(
        PeerBondAdd {
            funder: funds.funder,
            source: funds.source,
            config: address::config().0,
            peer: site.peer,
            till: site.till(),
        },
        ix::PeerBondAdd { amount }
    )
}

pub fn peer_bond_withdraw(site: &Site, destination: Pubkey, amount: u64) -> Call {
    call!(
        PeerBondWithdraw { holding: site.holding(), till: site.till(), destination: destination },
        ix::PeerBondWithdraw { amount }
    )
}

pub fn peer_payout_set(site: &Site, payout: Option<Pubkey>) -> Call {
    call!(PeerPayoutSet { holding: site.holding(), payout: payout }, ix::PeerPayoutSet {})
}

pub fn peer_drain(site: &Site) -> Call {
    call!(PeerDrain { holding: site.holding(), ledger: site.ledger }, ix::PeerDrain {})
}

pub fn peer_default(site: &Site) -> Call {
    call!(
        PeerDefault { peer: site.peer, ledger: site.ledger, beacon: address::beacon().0 },
        ix::PeerDefault {}
    )
}

pub fn peer_retire(site: &Site, destination: Pubkey, rent_payer: Pubkey) -> Call {
    call!(
        PeerRetire {
            holding: site.holding(),
            ledger: site.ledger,
            till: site.till(),
            destination: destination,
            rent_payer: rent_payer,
        },
        ix::PeerRetire {}
    )
}

/// What a lease is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub owner: Pubkey,
    pub scope: Pubkey,
    pub folder: Option<Pubkey>,
    pub record: Option<Pubkey>,
}

impl About {
    fn scope(&self) -> LeaseScope {
        LeaseScope { folder: self.folder, record: self.record }
    }
}

pub fn lease_open(
    payer: Pubkey,
    acting: Acting,
    about: &About,
    site: &Site,
    funds: Funds,
    offer: Offer,
) -> Call {
    let lease = address::lease(&about.scope, &site.peer, offer.kind as u8, offer.number).0;
    call!(
        LeaseOpen {
            payer: payer,
            acting: acting,
            config: address::config().0,
            owner: about.owner,
            scope: about.scope(),
            peer: site.peer,
            funder: funds.funder,
            source: funds.source,
            till: site.till(),
            lease: lease,
            system_program: SYSTEM,
        },
        ix::LeaseOpen { offer }
    )
}

pub fn lease_accept(payer: Pubkey, site: &Site, lease: Pubkey, accepted: Acceptance) -> Call {
    call!(
        LeaseAccept {
            payer: payer,
            operator: site.operator,
            config: address::config().0,
            leased: site.leased(lease),
            system_program: SYSTEM,
        },
        ix::LeaseAccept { accepted }
    )
}

pub fn lease_decline(site: &Site, lease: Pubkey) -> Call {
    call!(
        LeaseDecline { operator: site.operator, offer: site.standing(lease) },
        ix::LeaseDecline {}
    )
}

pub fn lease_expire(site: &Site, lease: Pubkey) -> Call {
    call!(LeaseExpire { offer: site.standing(lease) }, ix::LeaseExpire {})
}

pub fn lease_extend(
    acting: Acting,
    about: &About,
    site: &Site,
    lease: Pubkey,
    funds: Funds,
    epochs: u32,
) -> Call {
    call!(
        LeaseExtend {
            acting: acting,
            config: address::config().0,
            scope: about.scope(),
            standing: site.standing(lease),
            funder: funds.funder,
            source: funds.source,
            till: site.till(),
        },
        ix::LeaseExtend { epochs }
    )
}

pub fn lease_amend(acting: Acting, about: &About, lease: Pubkey, amendment: Amendment) -> Call {
    call!(
        LeaseAmend {
            acting: acting,
            config: address::config().0,
            scope: about.scope(),
            lease: lease,
        },
        ix::LeaseAmend { amendment }
    )
}

pub fn lease_amend_accept(site: &Site, lease: Pubkey, amendment: Amendment) -> Call {
    call!(
        LeaseAmendAccept {
            operator: site.operator,
            config: address::config().0,
            standing: site.standing(lease),
        },
        ix::LeaseAmendAccept { amendment }
    )
}

pub fn lease_cancel(acting: Acting, about: &About, site: &Site, lease: Pubkey) -> Call {
    call!(
        LeaseCancel { acting: acting, scope: about.scope(), leased: site.leased(lease) },
        ix::LeaseCancel {}
    )
}

pub fn lease_settle(site: &Site, payout: Option<Pubkey>, leases: &[Pubkey]) -> Call {
    call!(
        LeaseSettle {
            peer: site.peer,
            ledger: site.ledger,
            beacon: address::beacon().0,
            till: site.till(),
            payout: payout,
        },
        ix::LeaseSettle {}
    )
    .with_leases(leases, true)
}

pub fn lease_end(site: &Site, lease: Pubkey) -> Call {
    call!(LeaseEnd { leased: site.leased(lease) }, ix::LeaseEnd {})
}

pub fn lease_claim(site: &Site, lease: Pubkey, owner: Pubkey, destination: Pubkey) -> Call {
    call!(
        LeaseClaim {
            standing: site.standing(lease),
            owner: owner,
            till: site.till(),
            destination: destination,
        },
        ix::LeaseClaim {}
    )
}

pub fn lease_close(site: &Site, lease: Pubkey, rent_payer: Pubkey) -> Call {
    call!(LeaseClose { standing: site.standing(lease), rent_payer: rent_payer }, ix::LeaseClose {})
}

pub fn set_apply(site: &Site, leases: &[Pubkey]) -> Call {
    call!(SetApply { ledger: site.ledger, beacon: address::beacon().0 }, ix::SetApply {})
        .with_leases(leases, true)
}

pub fn proof_submit(site: &Site, proofs: Vec<Proof>, leases: &[Pubkey]) -> Call {
    call!(
        ProofSubmit { ledger: site.ledger, beacon: address::beacon().0 },
        ix::ProofSubmit { proofs }
    )
    .with_leases(leases, false)
}

pub fn debt_default(site: &Site, lease: Pubkey, k: u8) -> Call {
    call!(DebtDefault { leased: site.leased(lease) }, ix::DebtDefault { k })
}

pub fn spot_open(checker: Pubkey, site: &Site, lease: Pubkey, offset: u64) -> Call {
    call!(
        SpotOpen { checker: checker, leased: site.leased(lease), system_program: SYSTEM },
        ix::SpotOpen { offset }
    )
}

pub fn spot_answer(lease: Pubkey, answerer: Pubkey, proof: Proof) -> Call {
    let args = SpotAnswerArgs { leaf: proof.leaf, path: proof.path };
    call!(SpotAnswer { lease: lease, answerer: answerer }, ix::SpotAnswer { args })
}

pub fn spot_default(site: &Site, lease: Pubkey, checker: Pubkey) -> Call {
    call!(SpotDefault { leased: site.leased(lease), checker: checker }, ix::SpotDefault {})
}
