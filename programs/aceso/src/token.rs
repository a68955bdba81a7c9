//! Tokens: reading mints and token accounts, and the four calls of SPL Token and Token-2022 that the market makes.
//!
//! Both programs lay out a mint and an account alike, and fixed by what is deployed; Token-2022 appends extensions as
//! (type u16, length u16, bytes). spl-token-2022-interface knows the same, but brings the crates of confidential
//! transfers into the program: these few offsets are read by hand, and tests/state/token.rs compares them with it.
//!
//! An amount is what was asked to move: the extensions that would make it something else are refused. What else
//! lies in a vault counts nowhere.

use anchor_lang::solana_program::{instruction::Instruction, program::invoke_signed_unchecked};

use crate::{error::AcesoError, prelude::*};

pub const SPL_TOKEN: Pubkey = pubkey!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
pub const TOKEN_2022: Pubkey = pubkey!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// Bytes of a token account without extensions. None of the allowed extensions of a mint asks for one of the account.
pub const ACCOUNT_LEN: usize = 165;
const MINT_LEN: usize = 82;
/// Bytes of a multisig: an account with extensions never has this length.
const MULTISIG_LEN: usize = 355;
/// Behind the longest of the base layouts, mint and account alike: 1 for a mint, 2 for an account.
const KIND_AT: usize = ACCOUNT_LEN;
const KIND_MINT: u8 = 1;
const KIND_ACCOUNT: u8 = 2;
const DECIMALS_AT: usize = 44;
const INITIALIZED_AT: usize = 45;
const STATE_AT: usize = 108;

/// What of a token account is asked for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAccount {
    pub mint: Pubkey,
    /// The wallet whose tokens they are.
    pub owner: Pubkey,
    pub amount: u64,
}

/// Refuses what is not a mint of one of the two programs, and the extensions by which books and vault could part or a
/// refund fail, each by its name.
pub fn require_mint(mint: &AccountInfo) -> Result<()> {
    let spl = *mint.owner == SPL_TOKEN;
    require!(spl || *mint.owner == TOKEN_2022, AcesoError::NotMint);
    let data = mint.try_borrow_data()?;
    require!(data.get(INITIALIZED_AT) == Some(&1), AcesoError::NotMint);
    if data.len() == MINT_LEN {
        return Ok(());
    }
    let extended = !spl && data.len() != MULTISIG_LEN && data.get(KIND_AT) == Some(&KIND_MINT);
    require!(extended, AcesoError::NotMint);
    let mut rest = data.get(KIND_AT.saturating_add(1)..).unwrap_or_default();
    while let Some((kind, behind)) = next_extension(rest)? {
        require_extension(kind)?;
        rest = behind;
    }
    Ok(())
}

/// Type of the first extension, and what lies behind it. Nothing at the end, or where type 0 marks it.
fn next_extension(data: &[u8]) -> Result<Option<(u16, &[u8])>> {
    // Fewer bytes than a header: Token-2022 takes them for padding, too.
    let Some((kind, rest)) = data.split_first_chunk::<2>() else { return Ok(None) };
    let kind = u16::from_le_bytes(*kind);
    if kind == 0 {
        return Ok(None);
    }
    let (len, rest) = rest.split_first_chunk::<2>().ok_or(AcesoError::NotMint)?;
    let rest = rest.get(usize::from(u16::from_le_bytes(*len))..).ok_or(AcesoError::NotMint)?;
    Ok(Some((kind, rest)))
}

/// Allowed are those that only say something about the mint: metadata and groups.
fn require_extension(kind: u16) -> Result<()> {
    Err(match kind {
        18..=23 => return Ok(()),
        1 => AcesoError::MintTransferFee,
        3 => AcesoError::MintCloseAuthority,
        4 => AcesoError::MintConfidentialTransfer,
        6 => AcesoError::MintDefaultAccountState,
        9 => AcesoError::MintNonTransferable,
        10 => AcesoError::MintInterestBearing,
        12 => AcesoError::MintPermanentDelegate,
        14 => AcesoError::MintTransferHook,
        16 => AcesoError::MintConfidentialTransferFee,
        24 => AcesoError::MintConfidentialMintBurn,
        25 => AcesoError::MintScaledUiAmount,
        26 => AcesoError::MintPausable,
        28 => AcesoError::MintPermissionedBurn,
        _ => AcesoError::MintExtensionUnknown,
    }
    .into())
}

/// A token account of that program.
pub fn account(account: &AccountInfo, token_program: &Pubkey) -> Result<TokenAccount> {
    require_keys_eq!(*account.owner, *token_program, AcesoError::WrongTokenAccount);
    let data = account.try_borrow_data()?;
    Ok(parse_account(&data).ok_or(AcesoError::WrongTokenAccount)?)
}

/// `None` for what is not an initialised token account. A frozen one is: what comes of it the token program says.
pub fn parse_account(data: &[u8]) -> Option<TokenAccount> {
    let extended = data.len() != MULTISIG_LEN && data.get(KIND_AT) == Some(&KIND_ACCOUNT);
    if (data.len() != ACCOUNT_LEN && !extended) || *data.get(STATE_AT)? == 0 {
        return None;
    }
    let (mint, rest) = data.split_first_chunk::<32>()?;
    let (owner, rest) = rest.split_first_chunk::<32>()?;
    let (amount, _) = rest.split_first_chunk::<8>()?;
    Some(TokenAccount {
        mint: Pubkey::new_from_array(*mint),
        owner: Pubkey::new_from_array(*owner),
        amount: u64::from_le_bytes(*amount),
    })
}

/// The accounts of a transfer.
pub struct Transfer<'a, 'info> {
    pub token_program: &'a AccountInfo<'info>,
    pub from: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub to: &'a AccountInfo<'info>,
    /// Whose tokens move: a signer, or a PDA of this program whose seeds are given.
    pub authority: &'a AccountInfo<'info>,
}

impl Transfer<'_, '_> {
    /// `TransferChecked`: the token program compares the mint, and its decimals, with both accounts.
    #[inline(never)]
    pub fn run(&self, amount: u64, seeds: &[&[u8]]) -> Result<()> {
        const TRANSFER_CHECKED: u8 = 12;
        let decimals = *self.mint.try_borrow_data()?.get(DECIMALS_AT).ok_or(AcesoError::NotMint)?;
        let mut data = Vec::with_capacity(10);
        data.push(TRANSFER_CHECKED);
        data.extend_from_slice(&amount.to_le_bytes());
        data.push(decimals);
        let accounts = vec![
            AccountMeta::new(*self.from.key, false),
            AccountMeta::new_readonly(*self.mint.key, false),
            AccountMeta::new(*self.to.key, false),
            AccountMeta::new_readonly(*self.authority.key, true),
        ];
        let infos = [self.from.clone(), self.mint.clone(), self.to.clone(), self.authority.clone()];
        call(self.token_program.key, accounts, data, &infos, seeds)
    }
}

/// `InitializeAccount3` of an account that belongs to the token program already.
pub fn initialize<'info>(
    token_program: &Pubkey,
    account: &AccountInfo<'info>,
    mint: &AccountInfo<'info>,
    owner: &Pubkey,
) -> Result<()> {
    const INITIALIZE_ACCOUNT_3: u8 = 18;
    let mut data = Vec::with_capacity(33);
    data.push(INITIALIZE_ACCOUNT_3);
    data.extend_from_slice(owner.as_ref());
    let accounts =
        vec![AccountMeta::new(*account.key, false), AccountMeta::new_readonly(*mint.key, false)];
    call(token_program, accounts, data, &[account.clone(), mint.clone()], &[])
}

/// `CloseAccount` of an account that `authority`, a PDA of this program, owns; its lamports go to `receiver`.
pub fn close<'info>(
    token_program: &Pubkey,
    account: &AccountInfo<'info>,
    receiver: &AccountInfo<'info>,
    authority: &AccountInfo<'info>,
    seeds: &[&[u8]],
) -> Result<()> {
    const CLOSE_ACCOUNT: u8 = 9;
    let accounts = vec![
        AccountMeta::new(*account.key, false),
        AccountMeta::new(*receiver.key, false),
        AccountMeta::new_readonly(*authority.key, true),
    ];
    let infos = [account.clone(), receiver.clone(), authority.clone()];
    call(token_program, accounts, vec![CLOSE_ACCOUNT], &infos, seeds)
}

// Unchecked only as to borrows: the callers hold none of an account that the token program writes.
fn call(
    program: &Pubkey,
    accounts: Vec<AccountMeta>,
    data: Vec<u8>,
    infos: &[AccountInfo],
    seeds: &[&[u8]],
) -> Result<()> {
    let call = Instruction { program_id: *program, accounts, data };
    // Empty seeds would sign for the program's own derived address, which nobody has asked for.
    let signers: &[&[&[u8]]] = &[seeds];
    let signers = if seeds.is_empty() { &[] } else { signers };
    invoke_signed_unchecked(&call, infos, signers)?;
    Ok(())
}
