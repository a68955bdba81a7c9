//! Sysvars, as accounts.

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_rpc_client_api::request::RpcRequest;

use super::{ChainError, ChainTime, RawAccount, Rpc, instruction::beacon::SLOT_HASHES};

pub const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// A slot and its hash.
const SLOT_HASH_LEN: u64 = 40;
const COUNT_LEN: u64 = 8;

/// The slots whose hashes the chain remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashSlots {
    pub oldest: u64,
    pub newest: u64,
}

impl ChainTime {
    /// From the Clock sysvar: slot, epoch_start_timestamp, epoch, leader_schedule_epoch, unix_timestamp, 8 bytes each.
    pub fn decode(clock: &RawAccount) -> Option<Self> {
        let number = |at: usize| clock.data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        let (slot, unix_secs) = (number(0)?, number(32)?);
        Some(Self { slot: u64::from_le_bytes(slot), unix_secs: i64::from_le_bytes(unix_secs) })
    }
}

impl Rpc {
    /// Oldest and newest slot in SlotHashes; nothing, where it is empty. Its 20 KiB are not fetched for that.
    pub async fn hash_slots(&self) -> Result<Option<HashSlots>, ChainError> {
        let head = self.account_slice(&SLOT_HASHES, 0, COUNT_LEN + 8).await?;
        let number = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes)
        };
        let (Some(count), Some(newest)) = (number(&head, 0), number(&head, 8)) else {
            return Ok(None);
        };
        let Some(last) = count.checked_sub(1) else { return Ok(None) };
        let at = COUNT_LEN + last.saturating_mul(SLOT_HASH_LEN);
        let tail = self.account_slice(&SLOT_HASHES, at, 8).await?;
        // Between the two answers it may have moved on by a slot, which changes nothing.
        Ok(number(&tail, 0).map(|oldest| HashSlots { oldest, newest }))
    }

    /// A part of an account's data; shorter where the account is, empty where there is none.
    pub async fn account_slice(
        &self,
        address: &Pubkey,
        offset: u64,
        len: u64,
    ) -> Result<Vec<u8>, ChainError> {
        let params = |slot| {
            json!([address.to_string(), {
                "encoding": "base64", "commitment": "confirmed", "minContextSlot": slot,
                "dataSlice": { "offset": offset, "length": len },
            }])
        };
        let account = self.call_at::<Value>(RpcRequest::GetAccountInfo, params).await?.value;
        if account.is_null() {
            return Ok(Vec::new());
        }
        let data = account["data"][0].as_str().and_then(|text| BASE64_STANDARD.decode(text).ok());
        data.ok_or_else(|| self.nonsense("an account without data"))
    }
}
