//! Tokens as the market is paid in them: where a wallet's lie, and how their amounts are written.
//!
//! Token-2022 appends extensions to a mint as (type u16, length u16, bytes), of which only the symbol is read here. Its word
//! for itself proves nothing: a mint is known by its address.

use std::collections::HashMap;

use anchor_lang::{
    prelude::{AccountMeta, Pubkey},
    solana_program::system_program,
};
use solana_instruction::Instruction;

use super::{FlowError, Session};
use crate::chain::{
    RawAccount,
    token::{Mint, associated},
};
use aceso::token::{SPL_TOKEN, TOKEN_2022};

const ASSOCIATED: Pubkey = Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// Wrapped SOL.
const NATIVE: Pubkey = Pubkey::from_str_const("So11111111111111111111111111111111111111112");
const MINT_LEN: usize = 82;
const ACCOUNT_LEN: usize = 165;
const METADATA: u16 = 19;
/// Longer is no symbol.
const SYMBOL_LEN: usize = 12;

/// What amounts of a peer are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintView {
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub decimals: u8,
    /// What the mint calls itself.
    pub symbol: Option<String>,
}

impl MintView {
    fn plain(&self) -> Mint {
        Mint { address: self.mint, program: self.token_program, decimals: self.decimals }
    }

    /// An amount of base units as people write it: exact, with the mint's decimals.
    pub fn show(&self, amount: u64) -> String {
        let number = self.plain().show(amount);
        match &self.symbol {
            Some(symbol) => format!("{number} {symbol}"),
            None if number == "1" => "1 token".to_owned(),
            None => format!("{number} tokens"),
        }
    }

    /// Base units of an amount as people write it; `None` for what is none, too fine or too much.
    pub fn parse(&self, text: &str) -> Option<u64> {
        self.plain().read(text)
    }

    pub(super) fn decode(mint: Pubkey, raw: &RawAccount) -> Option<Self> {
        let known = raw.owner == SPL_TOKEN || raw.owner == TOKEN_2022;
        let fits = raw.data.len() == MINT_LEN || raw.data.get(ACCOUNT_LEN) == Some(&1);
        if !known || !fits || raw.data.get(45) != Some(&1) {
            return None;
        }
        let symbol = match mint == NATIVE {
            true => Some("SOL".to_owned()),
            false => raw.data.get(ACCOUNT_LEN + 1..).and_then(symbol),
        };
        Some(Self { mint, token_program: raw.owner, decimals: *raw.data.get(44)?, symbol })
    }
}

/// Of the extension that names the mint: update authority, mint, name and symbol as (length u32, bytes).
fn symbol(mut extensions: &[u8]) -> Option<String> {
    loop {
        let (head, rest) = extensions.split_at_checked(4)?;
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let (body, behind) =
            rest.split_at_checked(usize::from(u16::from_le_bytes([head[2], head[3]])))?;
        if kind == METADATA {
            let (_, behind) = text(body.get(64..)?)?;
            let (symbol, _) = text(behind)?;
            let symbol: String =
                symbol.chars().filter(char::is_ascii_graphic).take(SYMBOL_LEN).collect();
            return (!symbol.is_empty()).then_some(symbol);
        }
        extensions = behind;
    }
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (text, behind) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
    Some((std::str::from_utf8(text).ok()?, behind))
}

/// A wallet's token account, where everybody looks for it.
pub fn token_address(wallet: &Pubkey, mint: &MintView) -> Pubkey {
    associated(wallet, &mint.plain())
}

/// Makes that account, unless it is there.
pub(super) fn token_create(payer: Pubkey, wallet: Pubkey, mint: &MintView) -> Instruction {
    let accounts = vec![
        AccountMeta::new(payer, true),
        AccountMeta::new(token_address(&wallet, mint), false),
        AccountMeta::new_readonly(wallet, false),
        AccountMeta::new_readonly(mint.mint, false),
        AccountMeta::new_readonly(system_program::ID, false),
        AccountMeta::new_readonly(mint.token_program, false),
    ];
    Instruction { program_id: ASSOCIATED, accounts, data: vec![1] }
}

impl Session {
    /// What these mints are; those that are none are left out.
    pub(super) async fn mint_views(
        &self,
        mints: impl IntoIterator<Item = Pubkey>,
    ) -> Result<HashMap<Pubkey, MintView>, FlowError> {
        let mut at: Vec<Pubkey> = mints.into_iter().collect();
        at.sort_unstable();
        at.dedup();
        let found = self.chain().rpc.accounts(&at).await?;
        let views = at
            .iter()
            .zip(&found)
            .filter_map(|(at, raw)| MintView::decode(*at, raw.as_ref()?).map(|view| (*at, view)));
        Ok(views.collect())
    }

    /// Tokens on an account of that mint; `None` where there is no such account.
    pub(super) async fn token_balance(
        &self,
        account: &Pubkey,
        mint: &MintView,
    ) -> Result<Option<u64>, FlowError> {
        let found = self.chain().tokens(account).await?;
        Ok(found.filter(|tokens| tokens.mint == mint.mint).map(|tokens| tokens.amount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mint(decimals: u8) -> MintView {
        let (mint, token_program) = (Pubkey::default(), SPL_TOKEN);
        MintView { mint, token_program, decimals, symbol: Some("CARE".to_owned()) }
    }

    #[test]
    fn amounts_are_exact_for_any_decimals() {
        for (decimals, amount, shown) in [
            (0, 7, "7 CARE"),
            (0, u64::MAX, "18446744073709551615 CARE"),
            (6, 1_500_000, "1.5 CARE"),
            (6, 1, "0.000001 CARE"),
            (9, u64::MAX, "18446744073.709551615 CARE"),
            (19, 1, "0.0000000000000000001 CARE"),
        ] {
            assert_eq!(mint(decimals).show(amount), shown);
            let text = shown.trim_end_matches(" CARE");
            assert_eq!(mint(decimals).parse(text), Some(amount), "{text}");
        }
        for (decimals, wrong) in
            [(0, "1.5"), (6, "0.0000001"), (9, "18446744073.709551616"), (2, "")]
        {
            assert_eq!(mint(decimals).parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_mint_says_its_decimals_and_maybe_its_name() {
        let mut data = vec![0; ACCOUNT_LEN + 1];
        (data[44], data[45], data[ACCOUNT_LEN]) = (9, 1, 1);
        let mut body = vec![0; 64];
        for text in ["Care\u{202e} coin", "CA\u{1b}RE"] {
            body.extend_from_slice(&(text.len() as u32).to_le_bytes());
            body.extend_from_slice(text.as_bytes());
        }
        for (kind, body) in [(18u16, vec![0; 64]), (METADATA, body)] {
            data.extend_from_slice(&kind.to_le_bytes());
            data.extend_from_slice(&(body.len() as u16).to_le_bytes());
            data.extend_from_slice(&body);
        }
        let raw = |owner, data| RawAccount { owner, lamports: 1, data, slot: 1 };
        let view = MintView::decode(NATIVE, &raw(TOKEN_2022, data.clone())).unwrap();
        assert_eq!((view.decimals, view.symbol.as_deref()), (9, Some("SOL")));
        let other = Pubkey::new_from_array([1; 32]);
        let view = MintView::decode(other, &raw(TOKEN_2022, data.clone())).unwrap();
        assert_eq!(view.symbol.as_deref(), Some("CARE"), "without what would move a cursor");
        assert_eq!(MintView::decode(other, &raw(other, data.clone())), None);
        data.truncate(ACCOUNT_LEN + 30);
        let view = MintView::decode(other, &raw(TOKEN_2022, data)).unwrap();
        assert_eq!(view.symbol, None, "cut short");
    }
}
