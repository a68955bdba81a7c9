//! Aceso on chain: who may open which health record, and a trail of every change and opening.
//!
//! Start with README.md beside this folder. Each instruction is one file in `instructions`; the rules are methods of
//! the accounts in `state`; this file only dispatches.

use anchor_lang::prelude::*;

// Names memcpy and friends for the linker of the upstream toolchain (tools/sbf).
#[cfg(target_os = "solana")]
use solana_compiler_builtins as _;

pub mod account;
pub mod constants;
#[cfg(all(target_os = "solana", not(feature = "cpi")))]
mod entrypoint;
pub mod error;
pub mod event;
pub mod instructions;
mod prelude;
pub mod state;
pub mod token;

use instructions::*;
use state::{Acceptance, Amendment, MarketTerms, Offer, PeerArgs, Settings};

declare_id!("BGW673vp91pFGwaEx2jAPctRLH3b2tVyeRG5b9PHJvM6");

#[program]
pub mod aceso {
    use super::*;

    // Anchor compares discriminators one after the other, at some five compute units each: what happens most stands first.

    /// Writes the receipt of an opening into the record's trail. Signer: the reader's authority.
    pub fn grant_open(ctx: Context<GrantOpen>, args: GrantOpenArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Files a record. Signer: the owner's authority, or a delegate's with `CAN_CREATE`.
    pub fn record_create(ctx: Context<RecordCreate>, args: RecordCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Lets a reader open a folder, or one record of it, and swaps the blob that carries the reader's packet.
    /// Signer: the owner's authority, or a delegate's with `CAN_GRANT` who reads the folder.
    pub fn grant_create(ctx: Context<GrantCreate>, args: GrantCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Grants what was asked, or less; deposit and rent of the request go back to its payer.
    /// Signer: the owner's authority, or a delegate's with `CAN_ANSWER` who reads the folder.
    pub fn request_approve(ctx: Context<RequestApprove>, args: GrantCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Puts a new version in place. Signer: the owner's authority, or that of the author while `CAN_CREATE` lasts.
    pub fn record_update(ctx: Context<RecordUpdate>, args: RecordUpdateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Proves what challenges name. Remaining accounts: a lease for each proof, in their order.
    /// Signer: anyone, who only pays the fee.
    pub fn proof_submit(ctx: Context<ProofSubmit>, proofs: Vec<Proof>) -> Result<()> {
        ctx.accounts.handle(ctx.remaining_accounts, &proofs)
    }

    /// Pays a peer for what it has proven. Remaining accounts: its leases, writable.
    /// Signer: anyone, who only pays the fee.
    pub fn lease_settle(ctx: Context<LeaseSettle>) -> Result<()> {
        ctx.accounts.handle(ctx.remaining_accounts)
    }

    /// Sets the program up, once. Signer: whoever may upgrade the program; it becomes admin.
    pub fn config_init(ctx: Context<ConfigInit>, args: Settings) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Changes the settings within the program's bounds. Signer: the admin.
    pub fn config_update(ctx: Context<ConfigUpdate>, args: Settings) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Pauses areas of the program, or none. Signer: the admin.
    pub fn config_pause(ctx: Context<ConfigPause>, flags: u32) -> Result<()> {
        ctx.accounts.handle(flags)
    }

    /// First step of a hand-over. Signer: the admin. All zeros takes a proposal back.
    pub fn config_admin_propose(ctx: Context<ConfigAdminPropose>, candidate: Pubkey) -> Result<()> {
        ctx.accounts.handle(candidate)
    }

    /// Second step of a hand-over. Signer: the wallet that was proposed.
    pub fn config_admin_accept(ctx: Context<ConfigAdminAccept>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Takes out the fees that expired requests have left. Signer: the admin.
    pub fn config_fees_withdraw(ctx: Context<ConfigFeesWithdraw>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Makes a profile. Signer: its wallet. One wallet may have many.
    pub fn profile_create(ctx: Context<ProfileCreate>, args: ProfileCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Publishes new keys. Signer: the profile's authority.
    pub fn profile_keys_rotate(
        ctx: Context<ProfileKeysRotate>,
        args: ProfileKeysRotateArgs,
    ) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// First step to another wallet. Signer: the profile's authority. All zeros takes a proposal back.
    pub fn profile_authority_propose(
        ctx: Context<ProfileAuthorityPropose>,
        candidate: Pubkey,
    ) -> Result<()> {
        ctx.accounts.handle(candidate)
    }

    /// Second step to another wallet, with a bundle that this wallet has signed. Signer: the wallet that was proposed.
    pub fn profile_authority_accept(
        ctx: Context<ProfileAuthorityAccept>,
        args: ProfileKeysRotateArgs,
    ) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Ends a profile for good; its address stays taken. Signer: its authority.
    pub fn profile_retire(ctx: Context<ProfileRetire>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Lets another profile act for the owner's folders, or one of them. Signer: the owner's authority.
    pub fn delegate_add(ctx: Context<DelegateAdd>, args: DelegateAddArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Ends a delegation. Signer: the authority of the owner, or of the delegate (who resigns).
    pub fn delegate_remove(ctx: Context<DelegateRemove>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Makes a folder. Signer: the owner's authority.
    pub fn folder_create(ctx: Context<FolderCreate>, args: FolderCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Begins a new epoch. Signer: the owner's authority, or a delegate's with `CAN_ROTATE` who reads the folder.
    pub fn folder_rotate(ctx: Context<FolderRotate>, args: FolderRotateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Closes an empty folder. Signer: the owner's authority.
    pub fn folder_close(ctx: Context<FolderClose>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Swaps the head and keeps the content: from the inbox into the epoch, or to other readers.
    /// Signer: the owner's authority, or a delegate's with `CAN_ROTATE` who reads the folder.
    pub fn record_reseal(ctx: Context<RecordReseal>, args: RecordResealArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Moves a record to another folder of its owner, with a head for that folder's readers. Signer: the owner's authority.
    pub fn record_move(ctx: Context<RecordMove>, args: RecordMoveArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Archives a record (no more versions; still readable), or restores it. Signer: the owner's authority.
    pub fn record_archive(ctx: Context<RecordArchive>, archived: bool) -> Result<()> {
        ctx.accounts.handle(archived)
    }

    /// Takes a record off the chain; the head of its trail goes into the folder's. Signer: the owner's authority.
    pub fn record_erase(ctx: Context<RecordErase>, args: RecordEraseArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Changes dates, purpose or permissions; no key moves.
    /// Signer: the owner's authority, or a delegate's with `CAN_GRANT` who reads the folder.
    pub fn grant_update(ctx: Context<GrantUpdate>, args: GrantUpdateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Ends a grant. A folder becomes due for rotation if the reader can know the epoch's seed: not if the grant had run out
    /// before the epoch began.
    /// Signer: the owner's authority, or a delegate's with `CAN_REVOKE`.
    pub fn grant_revoke(ctx: Context<GrantRevoke>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Clears away a grant whose last day is over. Signer: anyone, who only pays the fee.
    pub fn grant_expire(ctx: Context<GrantExpire>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Asks an owner for a grant, with a deposit from the payer. Signer: the requester's authority.
    pub fn request_create(ctx: Context<RequestCreate>, args: RequestCreateArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Says no; deposit and rent go back to the payer. Signer: the owner's authority, or a delegate's with `CAN_ANSWER`.
    pub fn request_deny(ctx: Context<RequestDeny>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Takes a request back; deposit and rent go back to the payer. Signer: the requester's authority.
    pub fn request_cancel(ctx: Context<RequestCancel>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Clears away a request that nobody answered in time: the fee stays with Config (unless granting is paused), the
    /// rest goes back.
    /// Signer: anyone, who only pays the fee.
    pub fn request_expire(ctx: Context<RequestExpire>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Arms the present epoch: 32 slots later its seed can be drawn. Signer: anyone, who only pays the fee.
    pub fn beacon_arm(ctx: Context<BeaconArm>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Draws the seed of the armed epoch: the same one whoever draws, and whenever.
    /// Signer: anyone, who only pays the fee.
    pub fn beacon_draw(ctx: Context<BeaconDraw>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Aims an armed epoch at another slot, once the chain has forgotten the first.
    /// Signer: anyone, who only pays the fee.
    pub fn beacon_rearm(ctx: Context<BeaconRearm>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Takes the weights of ended leases out of a peer's proof set, when nothing is owed on it.
    /// Remaining accounts: the leases, writable. Signer: anyone, who only pays the fee.
    pub fn set_apply(ctx: Context<SetApply>) -> Result<()> {
        ctx.accounts.handle(ctx.remaining_accounts)
    }

    /// Opens the storage market, once: the length of an epoch never changes. Signer: the admin.
    pub fn market_open(
        ctx: Context<MarketOpen>,
        epoch_secs: i64,
        terms: MarketTerms,
    ) -> Result<()> {
        ctx.accounts.handle(epoch_secs, terms)
    }

    /// Changes the terms of peers that register from now on. Signer: the admin.
    pub fn market_update(ctx: Context<MarketUpdate>, terms: MarketTerms) -> Result<()> {
        ctx.accounts.handle(terms)
    }

    /// Accepts a mint, or changes what it demands of peers that register from now on. Signer: the admin.
    pub fn market_mint_set(
        ctx: Context<MarketMintSet>,
        lock_floor: u64,
        bond_min: u64,
    ) -> Result<()> {
        ctx.accounts.handle(lock_floor, bond_min)
    }

    /// Takes no more payments in a mint; what was paid in goes out as agreed. Signer: the admin.
    pub fn market_mint_remove(ctx: Context<MarketMintRemove>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Makes a profile a storage peer, paid in one mint. Signer: the profile's authority.
    pub fn peer_register(ctx: Context<PeerRegister>, args: PeerArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Changes operator, prices, endpoint and share key; leases that stand keep their price.
    /// Signer: the authority of the peer's profile.
    pub fn peer_update(ctx: Context<PeerUpdate>, args: PeerArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Adds to a peer's free bond. Signer: whoever may move the tokens.
    pub fn peer_bond_add(ctx: Context<PeerBondAdd>, amount: u64) -> Result<()> {
        ctx.accounts.handle(amount)
    }

    /// Takes free bond out, to a token account of the signer. Signer: the authority of the peer's profile.
    pub fn peer_bond_withdraw(ctx: Context<PeerBondWithdraw>, amount: u64) -> Result<()> {
        ctx.accounts.handle(amount)
    }

    /// Sets the token account that settlements pay to, or none. Signer: the authority of the peer's profile.
    pub fn peer_payout_set(ctx: Context<PeerPayoutSet>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Gives notice: no new leases, and those that stand are released when it is over. Not to be taken back.
    /// Signer: the authority of the peer's profile.
    pub fn peer_drain(ctx: Context<PeerDrain>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Defaults a peer whole, for an epoch unanswered or too many leases lost. Signer: anyone, who only pays the fee.
    pub fn peer_default(ctx: Context<PeerDefault>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Winds a peer without leases up: vault, ledger and peer. Signer: the authority of the peer's profile.
    pub fn peer_retire(ctx: Context<PeerRetire>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Offers a peer a lease at its present price and pays it in.
    /// Signer: the owner's authority, or a delegate's with `CAN_LEASE`; and whoever pays.
    pub fn lease_open(ctx: Context<LeaseOpen>, offer: Offer) -> Result<()> {
        ctx.accounts.handle(offer)
    }

    /// Takes an offer whose bytes the peer holds, and locks its penalty. Signer: the peer's operator.
    pub fn lease_accept(ctx: Context<LeaseAccept>, accepted: Acceptance) -> Result<()> {
        ctx.accounts.handle(accepted)
    }

    /// Turns an offer down. Signer: the peer's operator.
    pub fn lease_decline(ctx: Context<LeaseDecline>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Clears away an offer that was not accepted in time. Signer: anyone, who only pays the fee.
    pub fn lease_expire(ctx: Context<LeaseExpire>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Pays more epochs in, at the lease's price. Signer: the owner's authority, or a delegate's with `CAN_LEASE`;
    /// and whoever pays.
    pub fn lease_extend(ctx: Context<LeaseExtend>, epochs: u32) -> Result<()> {
        ctx.accounts.handle(epochs)
    }

    /// Proposes other bytes for a live lease. Signer: the owner's authority, or a delegate's with `CAN_LEASE`.
    pub fn lease_amend(ctx: Context<LeaseAmend>, amendment: Amendment) -> Result<()> {
        ctx.accounts.handle(amendment)
    }

    /// Puts the bytes that the owner proposed in force. Signer: the peer's operator, who holds them.
    pub fn lease_amend_accept(ctx: Context<LeaseAmendAccept>, amendment: Amendment) -> Result<()> {
        ctx.accounts.handle(amendment)
    }

    /// Ends an offer or a live lease: closed epochs are paid, the rest is the owner's to claim.
    /// Signer: the owner's authority, or a delegate's with `CAN_LEASE`.
    pub fn lease_cancel(ctx: Context<LeaseCancel>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Ends a lease whose term or whose peer's notice is over, or whose peer has defaulted. Signer: anyone, who only pays the fee.
    pub fn lease_end(ctx: Context<LeaseEnd>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Pays what a lease owes its owner, to a token account of the owner's authority. Signer: anyone, who only pays the fee.
    pub fn lease_claim(ctx: Context<LeaseClaim>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Clears away a lease that has ended and owes nothing. Signer: anyone, who only pays the fee.
    pub fn lease_close(ctx: Context<LeaseClose>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Gives up a challenge past its grace: the lease that it names is lost to the peer, its lock to the owner.
    /// Signer: anyone, who only pays the fee.
    pub fn debt_default(ctx: Context<DebtDefault>, k: u8) -> Result<()> {
        ctx.accounts.handle(k)
    }

    /// Names a leaf that a live lease's peer must prove, with a deposit for whoever does. Signer: anyone.
    pub fn spot_open(ctx: Context<SpotOpen>, offset: u64) -> Result<()> {
        ctx.accounts.handle(offset)
    }

    /// Proves the leaf that a spot check names, for the deposit. Signer: anyone, who names who gets it.
    pub fn spot_answer(ctx: Context<SpotAnswer>, args: SpotAnswerArgs) -> Result<()> {
        ctx.accounts.handle(args)
    }

    /// Ends a spot check that nobody has answered in time: the lease is lost. Signer: anyone, who only pays the fee.
    pub fn spot_default(ctx: Context<SpotDefault>) -> Result<()> {
        ctx.accounts.handle()
    }

    /// Brings an account of an older layout to the newest one; what it says stays the same. Signer: anyone, who pays the
    /// rent of the bytes that it lacks. Refused for every account today: there is one layout so far.
    pub fn account_migrate(ctx: Context<AccountMigrate>) -> Result<()> {
        ctx.accounts.handle()
    }
}
