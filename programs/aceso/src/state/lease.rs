use crate::{
    constants::*,
    error::AcesoError,
    event::{LeaseAction, LeaseChanged},
    layout,
    prelude::*,
    state::{proof, Beacon, Ledger, Meta, Peer},
};

/// What a lease covers. Its number is part of the lease's address.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeaseKind {
    /// A record's content, masked for this lease, and its head. Scope: the record.
    Record,
    /// A folder's keyring. Scope: the folder.
    Keyring,
    /// A profile's bundle. Scope: the profile.
    Bundle,
    /// Many small records of a folder under one root. Scope: the folder; numbered.
    Pack,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LeaseStatus {
    Offered,
    Live,
    Ended,
}

/// Why a lease has ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum EndReason {
    None,
    Declined,
    Expired,
    Cancelled,
    Term,
    Released,
    Defaulted,
    PeerDefaulted,
}

/// Bytes that one peer holds for one owner, paid for each epoch that it proves. Amounts in base units of the peer's mint.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    pub meta: Meta,
    /// Profile whose bytes they are: refunds and penalties go to its authority, whoever has paid.
    pub owner: Pubkey,
    pub peer: Pubkey,
    /// Record, folder or profile, by `kind`.
    pub scope: Pubkey,
    /// Root in force: length and proof tree of the stored bytes (client/format/SPEC.md, "Proof trees").
    pub root: [u8; 32],
    /// Where the stored bytes are: their address, as of any blob.
    pub digest: [u8; 32],
    /// Pending amendment: in force once the peer accepts it; all zeros: none.
    pub next_root: [u8; 32],
    pub next_digest: [u8; 32],
    /// Wallet whose spot check is open, or all zeros.
    pub spot_checker: Pubkey,
    pub peer_created_slot: u64,
    pub scope_created_slot: u64,
    /// Bytes under the root in force.
    pub stored_len: u64,
    /// Bytes of the pending amendment, or 0.
    pub next_len: u64,
    /// Leaves that it is billed and drawn by. An amendment never changes it.
    pub weight: u64,
    /// Tokens for each credited epoch. Never changes.
    pub price: u64,
    /// Penalty: part of the peer's `locked` while the lease is live.
    pub lock: u64,
    /// Part of the peer's `escrow`.
    pub escrow: u64,
    /// To the owner: part of the peer's `owed`.
    pub owed: u64,
    /// First epoch that can be paid.
    pub from_epoch: u64,
    /// First epoch that can not be paid any more.
    pub until_epoch: u64,
    /// Epochs before this one are paid or forfeited.
    pub settled_epoch: u64,
    pub offer_until_secs: i64,
    pub ended_at_secs: i64,
    /// The spot check names the leaf `spot_offset % leaf count` of the root in force.
    pub spot_offset: u64,
    /// Lies on this account, above its rent.
    pub spot_deposit_lamports: u64,
    /// The spot check defaults when both are over.
    pub spot_until_secs: i64,
    pub spot_until_draws: u64,
    /// Epochs bought in the offer.
    pub epochs: u32,
    /// Slot in the ledger's tree.
    pub slot: u32,
    /// 1 while the weight is in the tree, where challenges can name it.
    pub has_slot: u8,
    /// [`LeaseStatus`].
    pub status: u8,
    /// [`EndReason`].
    pub end: u8,
    /// [`LeaseKind`].
    pub kind: u8,
    /// Number of a pack, else 0.
    pub number: u8,
    pub padding: [u8; 3],
    pub reserved: [u8; 80],
}
layout!(Lease, 552);

/// What an owner offers a peer to hold.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub kind: LeaseKind,
    /// Of a pack; else 0.
    pub number: u8,
    pub root: [u8; 32],
    pub digest: [u8; 32],
    pub stored_len: u64,
    pub epochs: u32,
    /// Highest price for an epoch that the owner agrees to: the peer may raise its own at any moment.
    pub price_max: u64,
}

/// What the operator has fetched, recomputed and now takes on. Named in full: an offer that was taken back and made
/// anew at the same address, with other bytes, is not this one.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    pub root: [u8; 32],
    pub stored_len: u64,
    pub price: u64,
    pub epochs: u32,
}

/// Bytes that are to take the place of those under the root in force.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amendment {
    pub root: [u8; 32],
    pub digest: [u8; 32],
    pub stored_len: u64,
}

/// An account and the slot that it was created in, which tells it from an earlier one at the same address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub key: Pubkey,
    pub created_slot: u64,
}

/// Leaves that bytes of that length are billed and drawn by.
pub fn weight(stored_len: u64) -> Result<u64> {
    require!((1..=MAX_STORED_LEN).contains(&stored_len), AcesoError::StoredLength);
    Ok(proof::leaf_count(stored_len).max(MIN_WEIGHT_LEAVES))
}

impl Lease {
    /// An offer at the peer's present price; says what is to be paid in.
    pub fn open(
        &mut self,
        offer: &Offer,
        owner: Pubkey,
        scope: Named,
        peer_key: Pubkey,
        peer: &mut Peer,
        offer_until_secs: i64,
    ) -> Result<u64> {
        require_keys_neq!(owner, peer.profile, AcesoError::ToOneself);
        require!(offer.root != [0; 32] && offer.digest != [0; 32], AcesoError::DigestMissing);
        require!(offer.number == 0 || offer.kind == LeaseKind::Pack, AcesoError::LeaseNumber);
        require!((1..=MAX_LEASE_EPOCHS).contains(&offer.epochs), AcesoError::LeaseTerm);
        peer.require_active()?;
        peer.require_bond()?;
        self.weight = weight(offer.stored_len)?;
        self.price = peer.price(self.weight)?;
        require!(self.price <= offer.price_max, AcesoError::PriceAboveMax);
        self.owner = owner;
        self.peer = peer_key;
        self.peer_created_slot = peer.meta.created_slot;
        self.scope = scope.key;
        self.scope_created_slot = scope.created_slot;
        self.root = offer.root;
        self.digest = offer.digest;
        self.stored_len = offer.stored_len;
        self.epochs = offer.epochs;
        self.kind = offer.kind as u8;
        self.number = offer.number;
        self.offer_until_secs = offer_until_secs;
        self.escrow = self.cost(offer.epochs)?;
        peer.lease_added(self.escrow)?;
        self.invariant()?;
        Ok(self.escrow)
    }

    /// The peer holds the bytes: penalty aside, weight in the set (`slot`), pay from the first epoch whose challenges
    /// can still name it.
    pub fn accept(
        &mut self,
        accepted: &Acceptance,
        peer: &mut Peer,
        ledger: &Ledger,
        beacon: &Beacon,
        slot: u32,
        now_secs: i64,
    ) -> Result<()> {
        self.require_offered()?;
        let offered = Acceptance {
            root: self.root,
            stored_len: self.stored_len,
            price: self.price,
            epochs: self.epochs,
        };
        require!(*accepted == offered, AcesoError::LeaseChanged);
        require!(now_secs <= self.offer_until_secs, AcesoError::OfferExpired);
        peer.require_active()?;
        let lock = self.price.checked_mul(u64::from(ledger.terms.lock_epochs));
        self.lock = lock.ok_or(AcesoError::Overflow)?.max(peer.lock_floor);
        peer.lock(self.lock)?;
        peer.require_bond()?;
        self.slot = slot;
        self.has_slot = 1;
        self.status = LeaseStatus::Live as u8;
        self.from_epoch = first_epoch(beacon, now_secs)?;
        self.settled_epoch = self.from_epoch;
        let until = self.from_epoch.checked_add(u64::from(self.epochs));
        self.until_epoch = until.ok_or(AcesoError::Overflow)?;
        self.invariant()
    }

    /// More epochs at the lease's price, unless the peer asks for more by now; says what is to be paid in.
    pub fn extend(&mut self, epochs: u32, peer: &mut Peer, epoch: u64) -> Result<u64> {
        self.require_live()?;
        peer.require_active()?;
        require!(epoch < self.until_epoch, AcesoError::LeaseTermOver);
        require!(peer.price(self.weight)? <= self.price, AcesoError::PriceRaised);
        let until = self.until_epoch.checked_add(u64::from(epochs)).ok_or(AcesoError::Overflow)?;
        let latest = epoch.saturating_add(u64::from(MAX_LEASE_EPOCHS));
        require!(epochs > 0 && until <= latest, AcesoError::LeaseTerm);
        let cost = self.cost(epochs)?;
        self.until_epoch = until;
        self.escrow = self.escrow.checked_add(cost).ok_or(AcesoError::Overflow)?;
        peer.pay_in(cost)?;
        self.invariant()?;
        Ok(cost)
    }

    /// Proposes other bytes, which count from the moment that the peer, holding them, accepts. Naming those in force
    /// takes a proposal back. Weight and price stay: a smaller root is not cheaper.
    pub fn amend(&mut self, amendment: &Amendment) -> Result<()> {
        self.require_live()?;
        let Amendment { root, digest, stored_len } = *amendment;
        require!(root != [0; 32] && digest != [0; 32], AcesoError::DigestMissing);
        require!(weight(stored_len)? <= self.weight, AcesoError::AmendmentTooLarge);
        if root == self.root && digest == self.digest && stored_len == self.stored_len {
            self.drop_amendment();
        } else {
            (self.next_root, self.next_digest, self.next_len) = (root, digest, stored_len);
        }
        self.invariant()
    }

    /// Puts the pending bytes in force. The operator names what it holds, so that nobody can slip it other bytes.
    pub fn accept_amendment(&mut self, amendment: &Amendment) -> Result<()> {
        self.require_live()?;
        let Amendment { root, digest, stored_len } = *amendment;
        require!(
            self.next_len != 0
                && self.next_root == root
                && self.next_digest == digest
                && self.next_len == stored_len,
            AcesoError::AmendmentChanged
        );
        (self.root, self.digest, self.stored_len) = (root, digest, stored_len);
        self.drop_amendment();
        self.invariant()
    }

    pub(super) fn drop_amendment(&mut self) {
        (self.next_root, self.next_digest, self.next_len) = ([0; 32], [0; 32], 0);
    }

    fn cost(&self, epochs: u32) -> Result<u64> {
        self.price.checked_mul(u64::from(epochs)).ok_or(AcesoError::Overflow.into())
    }

    pub fn is_live(&self) -> bool {
        self.status == LeaseStatus::Live as u8
    }

    pub fn is_ended(&self) -> bool {
        self.status == LeaseStatus::Ended as u8
    }

    /// Ended because its peer could not prove it.
    pub fn is_lost(&self) -> bool {
        self.end == EndReason::Defaulted as u8
    }

    pub fn require_offered(&self) -> Result<()> {
        require!(self.status == LeaseStatus::Offered as u8, AcesoError::LeaseNotOffered);
        Ok(())
    }

    pub fn require_live(&self) -> Result<()> {
        require!(self.is_live(), AcesoError::LeaseNotLive);
        Ok(())
    }

    pub fn require_peer(&self, key: &Pubkey, peer: &Peer) -> Result<()> {
        require!(
            self.peer == *key && self.peer_created_slot == peer.meta.created_slot,
            AcesoError::WrongPeer
        );
        Ok(())
    }

    pub fn event(
        &self,
        action: LeaseAction,
        key: Pubkey,
        paid: u64,
        counterparty: Pubkey,
    ) -> Result<LeaseChanged> {
        let proposed = action == LeaseAction::Amended && self.next_len != 0;
        let (root, stored_len) =
            if proposed { (self.next_root, self.next_len) } else { (self.root, self.stored_len) };
        Ok(LeaseChanged {
            action,
            end: EndReason::try_from(self.end)?,
            lease: key,
            peer: self.peer,
            owner: self.owner,
            scope: self.scope,
            root,
            stored_len,
            price: self.price,
            from_epoch: self.from_epoch,
            until_epoch: self.until_epoch,
            escrow: self.escrow,
            owed: self.owed,
            lock: self.lock,
            paid,
            counterparty,
        })
    }

    pub fn invariant(&self) -> Result<()> {
        let ahead = self.until_epoch.checked_sub(self.settled_epoch);
        // Every epoch that may still be paid has its price in escrow.
        let needed = ahead.and_then(|epochs| self.price.checked_mul(epochs));
        let by_status = match self.status {
            0 => self.lock == 0 && self.owed == 0 && self.has_slot == 0 && self.end == 0,
            1 => {
                self.owed == 0
                    && self.end == 0
                    && self.from_epoch <= self.settled_epoch
                    && needed.is_some_and(|needed| needed <= self.escrow)
            }
            2 => self.lock == 0 && self.escrow == 0 && self.end != 0 && self.next_len == 0,
            _ => false,
        };
        let spot = self.spot_checker != Pubkey::default();
        require!(
            by_status
                && self.price > 0
                && self.weight >= MIN_WEIGHT_LEAVES
                && (self.next_len == 0) == (self.next_root == [0; 32])
                && (self.spot_until_secs != 0) == spot
                && (self.spot_deposit_lamports != 0) == spot,
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}

/// The first epoch that can name a lease accepted now: the present one unless it is armed, hence pinned, already.
fn first_epoch(beacon: &Beacon, now_secs: i64) -> Result<u64> {
    let present = beacon.current_epoch(now_secs)?;
    if beacon.arms == 0 {
        return Ok(present);
    }
    Ok(present.max(beacon.armed_epoch.checked_add(1).ok_or(AcesoError::Overflow)?))
}

impl TryFrom<u8> for EndReason {
    type Error = Error;

    fn try_from(value: u8) -> Result<Self> {
        Ok(match value {
            0 => Self::None,
            1 => Self::Declined,
            2 => Self::Expired,
            3 => Self::Cancelled,
            4 => Self::Term,
            5 => Self::Released,
            6 => Self::Defaulted,
            7 => Self::PeerDefaulted,
            _ => return err!(AcesoError::InvariantBroken),
        })
    }
}
