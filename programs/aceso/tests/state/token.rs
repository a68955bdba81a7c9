//! What is read by hand of mints and token accounts, against the crate of the token programs.

use aceso::{
    error::AcesoError,
    token::{parse_account, require_mint, TokenAccount, SPL_TOKEN, TOKEN_2022},
};
use anchor_lang::{
    prelude::*,
    solana_program::{program_option::COption, program_pack::Pack},
};
use spl_token_2022_interface::{
    extension::{
        confidential_mint_burn::ConfidentialMintBurn,
        confidential_transfer::ConfidentialTransferMint,
        confidential_transfer_fee::ConfidentialTransferFeeConfig,
        default_account_state::DefaultAccountState, group_member_pointer::GroupMemberPointer,
        group_pointer::GroupPointer, immutable_owner::ImmutableOwner,
        interest_bearing_mint::InterestBearingConfig, memo_transfer::MemoTransfer,
        metadata_pointer::MetadataPointer, mint_close_authority::MintCloseAuthority,
        non_transferable::NonTransferable, pausable::PausableConfig,
        permanent_delegate::PermanentDelegate, permissioned_burn::PermissionedBurnConfig,
        scaled_ui_amount::ScaledUiAmountConfig, transfer_fee::TransferFeeConfig,
        transfer_hook::TransferHook, BaseStateWithExtensionsMut, Extension, ExtensionType,
        StateWithExtensionsMut,
    },
    state::{Account, AccountState, Mint},
};

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn check(data: &mut [u8], owner: &Pubkey) -> Result<()> {
    let (key, mut lamports) = (key(1), 1);
    require_mint(&AccountInfo::new(&key, false, false, &mut lamports, data, owner, false))
}

fn mint() -> Mint {
    Mint {
        mint_authority: COption::Some(key(2)),
        supply: u64::MAX,
        decimals: 6,
        is_initialized: true,
        freeze_authority: COption::Some(key(3)),
    }
}

/// A mint with `E`, and with metadata before it.
fn extended<E: Extension + Default + bytemuck::Pod>() -> Vec<u8> {
    let both = [ExtensionType::MetadataPointer, E::TYPE];
    let kinds = if E::TYPE == both[0] { &both[..1] } else { &both[..] };
    let len = ExtensionType::try_calculate_account_len::<Mint>(kinds).unwrap();
    let mut data = vec![0; len];
    let mut state = StateWithExtensionsMut::<Mint>::unpack_uninitialized(&mut data).unwrap();
    state.init_extension::<MetadataPointer>(true).unwrap();
    if kinds.len() == 2 {
        state.init_extension::<E>(true).unwrap();
    }
    state.base = mint();
    state.pack_base();
    state.init_account_type().unwrap();
    data
}

#[test]
fn each_refused_extension_is_named_and_the_others_pass() {
    macro_rules! refused {
        ($($extension:ty => $error:ident),* $(,)?) => {$(
            let error = check(&mut extended::<$extension>(), &TOKEN_2022).unwrap_err();
            assert_eq!(error, AcesoError::$error.into(), stringify!($extension));
        )*};
    }
    refused! {
        TransferFeeConfig => MintTransferFee,
        MintCloseAuthority => MintCloseAuthority,
        ConfidentialTransferMint => MintConfidentialTransfer,
        DefaultAccountState => MintDefaultAccountState,
        NonTransferable => MintNonTransferable,
        InterestBearingConfig => MintInterestBearing,
        PermanentDelegate => MintPermanentDelegate,
        TransferHook => MintTransferHook,
        ConfidentialTransferFeeConfig => MintConfidentialTransferFee,
        ConfidentialMintBurn => MintConfidentialMintBurn,
        ScaledUiAmountConfig => MintScaledUiAmount,
        PausableConfig => MintPausable,
        PermissionedBurnConfig => MintPermissionedBurn,
    }
    check(&mut extended::<MetadataPointer>(), &TOKEN_2022).unwrap();
    check(&mut extended::<GroupPointer>(), &TOKEN_2022).unwrap();
    check(&mut extended::<GroupMemberPointer>(), &TOKEN_2022).unwrap();
    // Those of variable length, and one of tomorrow, by their number.
    for (kind, passes) in (0u16..=40).map(|kind| (kind, kind == 0 || (18..=23).contains(&kind))) {
        let mut data = extended::<GroupPointer>();
        let at = data.len() - GroupPointer::default_len() - 4;
        data[at..at + 2].copy_from_slice(&kind.to_le_bytes());
        assert_eq!(check(&mut data, &TOKEN_2022).is_ok(), passes, "type {kind}");
    }
}

trait DefaultLen {
    fn default_len() -> usize;
}

impl<E: Extension> DefaultLen for E {
    fn default_len() -> usize {
        std::mem::size_of::<E>()
    }
}

#[test]
fn plain_mints_of_both_programs_pass_and_nothing_else() {
    let mut plain = vec![0; Mint::LEN];
    Mint::pack(mint(), &mut plain).unwrap();
    check(&mut plain, &SPL_TOKEN).unwrap();
    check(&mut plain, &TOKEN_2022).unwrap();
    let refused = |data: &[u8], owner: &Pubkey| {
        assert_eq!(check(&mut data.to_vec(), owner).unwrap_err(), AcesoError::NotMint.into());
    };
    refused(&plain, &key(9));
    refused(&[], &SPL_TOKEN);
    refused(&plain[..81], &SPL_TOKEN);
    refused(&[0; 82], &SPL_TOKEN);
    // SPL Token knows no extensions.
    refused(&extended::<MetadataPointer>(), &SPL_TOKEN);
    // A token account whose bytes happen to look initialised, a multisig, and a mint cut short.
    refused(&[1; 165], &TOKEN_2022);
    let mut account = vec![1; 200];
    account[165] = 2;
    refused(&account, &TOKEN_2022);
    let mut multisig = extended::<MetadataPointer>();
    multisig.resize(355, 0);
    refused(&multisig, &TOKEN_2022);
    let mut cut = extended::<TransferHook>();
    let at = cut.len() - TransferHook::default_len();
    cut[at - 4..at - 2].copy_from_slice(&18u16.to_le_bytes());
    cut.pop();
    refused(&cut, &TOKEN_2022);
}

#[test]
fn token_accounts_are_read_as_the_crate_writes_them() {
    let account = |state| Account {
        mint: key(4),
        owner: key(5),
        amount: 0x0102_0304_0506_0708,
        delegate: COption::Some(key(6)),
        state,
        is_native: COption::Some(3),
        delegated_amount: 9,
        close_authority: COption::Some(key(7)),
    };
    let read = TokenAccount { mint: key(4), owner: key(5), amount: 0x0102_0304_0506_0708 };
    let mut plain = vec![0; Account::LEN];
    for state in [AccountState::Initialized, AccountState::Frozen] {
        Account::pack(account(state), &mut plain).unwrap();
        assert_eq!(parse_account(&plain), Some(read));
    }
    let kinds = [ExtensionType::ImmutableOwner, ExtensionType::MemoTransfer];
    let len = ExtensionType::try_calculate_account_len::<Account>(&kinds).unwrap();
    let mut data = vec![0; len];
    let mut state = StateWithExtensionsMut::<Account>::unpack_uninitialized(&mut data).unwrap();
    state.init_extension::<ImmutableOwner>(true).unwrap();
    state.init_extension::<MemoTransfer>(true).unwrap();
    state.base = account(AccountState::Initialized);
    state.pack_base();
    state.init_account_type().unwrap();
    assert_eq!(parse_account(&data), Some(read));

    assert_eq!(parse_account(&[]), None);
    assert_eq!(parse_account(&plain[..164]), None);
    assert_eq!(parse_account(&[0; 165]), None, "not initialised");
    assert_eq!(parse_account(&extended::<MetadataPointer>()), None, "a mint");
    data.resize(355, 0);
    assert_eq!(parse_account(&data), None, "the length of a multisig");
}
