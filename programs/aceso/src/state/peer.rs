use crate::{
    constants::*,
    error::AcesoError,
    event::{PeerAction, PeerChanged},
    layout,
    prelude::*,
    state::{Meta, Mint},
};

/// What a peer takes and owes.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PeerStatus {
    Active,
    /// It has given notice: no new leases, and the old ones are released from `drain_epoch` on.
    Draining,
    /// It has failed whole: every lease may be ended, with its lock to its owner.
    Defaulted,
}

/// Someone who stores bytes for tokens. All amounts in base units of `mint`.
///
/// Every token in the vault stands in one of five books: `bond`, `locked`, `escrow`, `owed`, `earned`. What lies in it
/// above their sum (a donation, dust) belongs to nobody until the peer retires.
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Peer {
    pub meta: Meta,
    /// Who it is; its authority holds the bond and the earnings.
    pub profile: Pubkey,
    /// Hot key of the daemon: accepts and declines. It can move no token out.
    pub operator: Pubkey,
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Token account of the mint, owned by this account.
    pub vault: Pubkey,
    /// Token account that settlements pay to, or all zeros: they only book.
    pub payout: Pubkey,
    /// Free bond.
    pub bond: u64,
    /// Penalties of live leases.
    pub locked: u64,
    /// Paid in by owners, neither earned nor refunded yet.
    pub escrow: u64,
    /// Refunds and penalties that owners have not claimed yet.
    pub owed: u64,
    /// The peer's own, not paid out yet.
    pub earned: u64,
    /// Price of an epoch, of every lease alike.
    pub price_flat: u64,
    /// Price of an epoch for each GiB of weight.
    pub price_per_gib: u64,
    /// Of its mint in Config at registration: least penalty of a lease.
    pub lock_floor: u64,
    /// Of its mint in Config at registration: bond without which it gets no new lease.
    pub bond_min: u64,
    /// First epoch in which leases may be released after notice, or 0.
    pub drain_epoch: u64,
    /// Lease accounts that stand.
    pub leases: u32,
    /// Leases accepted and not ended.
    pub live: u32,
    /// Digest of the key that shares are sealed to (DESIGN.md section 6), or all zeros.
    pub share_key: [u8; 32],
    /// URL of its daemon, ASCII, filled up with zeros.
    pub endpoint: [u8; MAX_ENDPOINT_LEN],
    pub endpoint_len: u8,
    /// [`PeerStatus`].
    pub status: u8,
    pub padding: [u8; 6],
    pub reserved: [u8; 128],
}
layout!(Peer, 632);

/// What a peer says of itself.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct PeerArgs {
    pub operator: Pubkey,
    pub price_flat: u64,
    pub price_per_gib: u64,
    pub endpoint: String,
    pub share_key: [u8; 32],
}

/// The token side of a new peer.
#[derive(Clone, Copy, Debug)]
pub struct PeerVault {
    pub mint: Mint,
    pub token_program: Pubkey,
    pub vault: Pubkey,
}

impl Peer {
    pub fn open(&mut self, profile: Pubkey, vault: PeerVault, args: &PeerArgs) -> Result<()> {
        self.profile = profile;
        self.mint = vault.mint.mint;
        self.lock_floor = vault.mint.lock_floor;
        self.bond_min = vault.mint.bond_min;
        self.token_program = vault.token_program;
        self.vault = vault.vault;
        self.update(args)
    }

    /// A new price is for new leases; those that stand keep theirs.
    pub fn update(&mut self, args: &PeerArgs) -> Result<()> {
        // A weight is never zero, so one of the two is enough for a price that is not zero either.
        require!(args.price_flat > 0 || args.price_per_gib > 0, AcesoError::PriceOutOfBounds);
        self.operator = args.operator;
        self.price_flat = args.price_flat;
        self.price_per_gib = args.price_per_gib;
        self.share_key = args.share_key;
        self.set_endpoint(args.endpoint.as_bytes())?;
        self.invariant()
    }

    // Which of the two schemes is good enough is for clients to judge: on a laptop's loopback http is.
    fn set_endpoint(&mut self, url: &[u8]) -> Result<()> {
        let host = url.strip_prefix(b"https://").or_else(|| url.strip_prefix(b"http://"));
        let host = host.ok_or(AcesoError::EndpointInvalid)?;
        require!(
            !host.is_empty() && host.iter().all(u8::is_ascii_graphic),
            AcesoError::EndpointInvalid
        );
        self.endpoint = [0; MAX_ENDPOINT_LEN];
        let place = self.endpoint.get_mut(..url.len()).ok_or(AcesoError::EndpointInvalid)?;
        place.copy_from_slice(url);
        self.endpoint_len = url.len() as u8;
        Ok(())
    }

    pub fn is_defaulted(&self) -> bool {
        self.status == PeerStatus::Defaulted as u8
    }

    /// New money and new leases come only to peers that mean to stay.
    pub fn require_active(&self) -> Result<()> {
        require!(!self.is_defaulted(), AcesoError::PeerDefaulted);
        require!(self.status == PeerStatus::Active as u8, AcesoError::PeerDraining);
        Ok(())
    }

    pub fn require_operator(&self, signer: &Pubkey) -> Result<()> {
        require_keys_eq!(self.operator, *signer, AcesoError::NotOperator);
        Ok(())
    }

    /// Free and locked bond together: what a peer puts up for being one.
    pub fn require_bond(&self) -> Result<()> {
        let bond = self.bond.saturating_add(self.locked);
        require!(bond >= self.bond_min, AcesoError::BondBelowMinimum);
        Ok(())
    }

    /// What a lease of this weight costs in each epoch at the present price.
    pub fn price(&self, weight: u64) -> Result<u64> {
        let by_weight = u128::from(weight)
            .checked_mul(u128::from(self.price_per_gib))
            .ok_or(AcesoError::PriceOutOfBounds)?
            .div_ceil(u128::from(LEAVES_PER_GIB));
        let price = u128::from(self.price_flat).checked_add(by_weight);
        let price = price.and_then(|price| u64::try_from(price).ok());
        price.filter(|price| *price > 0).ok_or(AcesoError::PriceOutOfBounds.into())
    }

    pub fn add_bond(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, AcesoError::AmountZero);
        require!(!self.is_defaulted(), AcesoError::PeerDefaulted);
        self.bond = plus(self.bond, amount)?;
        self.invariant()
    }

    /// Free bond only, at any time: what a lease has locked stays until that lease ends.
    pub fn withdraw_bond(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, AcesoError::AmountZero);
        self.bond = self.bond.checked_sub(amount).ok_or(AcesoError::BondTooSmall)?;
        self.invariant()
    }

    /// All zeros takes it back: settlements only book.
    pub fn set_payout(&mut self, payout: Pubkey) -> Result<()> {
        require_keys_neq!(payout, self.vault, AcesoError::VaultToItself);
        self.payout = payout;
        Ok(())
    }

    /// Gives notice. Not to be taken back: owners go looking for another peer at once.
    pub fn drain(&mut self, epoch: u64, notice_epochs: u16) -> Result<()> {
        self.require_active()?;
        self.status = PeerStatus::Draining as u8;
        self.drain_epoch = plus(epoch, u64::from(notice_epochs))?;
        self.invariant()
    }

    /// Notice was given, and is over at that epoch.
    pub fn is_released(&self, epoch: u64) -> bool {
        self.status == PeerStatus::Draining as u8 && epoch >= self.drain_epoch
    }

    pub fn default_whole(&mut self) -> Result<()> {
        require!(!self.is_defaulted(), AcesoError::PeerDefaulted);
        self.status = PeerStatus::Defaulted as u8;
        self.invariant()
    }

    /// No lease, so nothing in the vault is anyone's but the peer's.
    pub fn retire(&mut self) -> Result<()> {
        require!(self.leases == 0, AcesoError::PeerInUse);
        self.bond = 0;
        self.earned = 0;
        self.invariant()
    }

    /// A new offer with what is paid in for it.
    pub fn lease_added(&mut self, escrow: u64) -> Result<()> {
        self.leases = self.leases.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.pay_in(escrow)
    }

    pub fn pay_in(&mut self, escrow: u64) -> Result<()> {
        self.escrow = plus(self.escrow, escrow)?;
        self.invariant()
    }

    /// Puts a penalty aside out of the free bond: a lease goes live.
    pub fn lock(&mut self, lock: u64) -> Result<()> {
        self.bond = self.bond.checked_sub(lock).ok_or(AcesoError::BondTooSmall)?;
        self.locked = plus(self.locked, lock)?;
        self.live = self.live.checked_add(1).ok_or(AcesoError::Overflow)?;
        self.invariant()
    }

    /// The other end of [`Peer::lock`]: back to the bond, or to the owner.
    pub fn unlock(&mut self, lock: u64, forfeited: bool) -> Result<()> {
        self.locked = minus(self.locked, lock)?;
        let book = if forfeited { &mut self.owed } else { &mut self.bond };
        *book = plus(*book, lock)?;
        self.live = self.live.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        Ok(())
    }

    pub fn earn(&mut self, amount: u64) -> Result<()> {
        self.escrow = minus(self.escrow, amount)?;
        self.earned = plus(self.earned, amount)?;
        Ok(())
    }

    pub fn refund(&mut self, escrow: u64) -> Result<()> {
        self.escrow = minus(self.escrow, escrow)?;
        self.owed = plus(self.owed, escrow)?;
        Ok(())
    }

    pub fn claimed(&mut self, owed: u64) -> Result<()> {
        self.owed = minus(self.owed, owed)?;
        self.invariant()
    }

    /// All that is earned, which the caller now moves to the payout account.
    pub fn pay_out(&mut self) -> u64 {
        core::mem::take(&mut self.earned)
    }

    pub fn lease_removed(&mut self) -> Result<()> {
        self.leases = self.leases.checked_sub(1).ok_or(AcesoError::InvariantBroken)?;
        self.invariant()
    }

    /// Tokens that the vault must hold.
    pub fn books(&self) -> Result<u64> {
        let books = [self.bond, self.locked, self.escrow, self.owed, self.earned];
        books.into_iter().try_fold(0, plus)
    }

    pub fn event(&self, action: PeerAction, key: Pubkey, amount: u64) -> PeerChanged {
        PeerChanged {
            action,
            peer: key,
            profile: self.profile,
            mint: self.mint,
            bond: self.bond,
            locked: self.locked,
            escrow: self.escrow,
            owed: self.owed,
            earned: self.earned,
            amount,
        }
    }

    pub fn invariant(&self) -> Result<()> {
        self.books()?;
        require!(
            self.live <= self.leases
                && (self.live > 0 || self.locked == 0)
                && (self.leases > 0 || (self.escrow == 0 && self.owed == 0))
                && self.status <= PeerStatus::Defaulted as u8
                && (self.status != PeerStatus::Draining as u8 || self.drain_epoch > 0)
                && (self.price_flat > 0 || self.price_per_gib > 0)
                && self.endpoint_len as usize <= MAX_ENDPOINT_LEN
                && (self.payout == Pubkey::default() || self.payout != self.vault),
            AcesoError::InvariantBroken
        );
        Ok(())
    }
}

fn plus(book: u64, amount: u64) -> Result<u64> {
    book.checked_add(amount).ok_or(AcesoError::Overflow.into())
}

fn minus(book: u64, amount: u64) -> Result<u64> {
    book.checked_sub(amount).ok_or(AcesoError::InvariantBroken.into())
}
