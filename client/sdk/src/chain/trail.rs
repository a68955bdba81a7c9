//! Fetching a trail: the archive first, then what the node adds to it.

use std::{collections::HashSet, time::Duration};

use aceso::state::Entry;
use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use solana_rpc_client_api::request::RpcRequest;
use solana_signature::Signature;

use super::{
    Archive, AuditError, Chain, ChainError, Event, Folder, History, Record, Rpc, Scope,
    audit::{Claim, End, continue_with},
};

/// Signatures in one answer.
const PAGE: usize = 1000;
/// Most signatures that are taken of one address: a node that invents them must not fill our memory.
const MAX_SIGNATURES: usize = 1_000_000;
/// Transactions fetched at a time.
const AT_ONCE: usize = 8;
/// A trail may grow while it is read, and a node may list a transaction a little later than it shows its effect.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(400);

/// What an account says about its trail.
struct Account {
    created_slot: u64,
    count: u64,
    head: [u8; 32],
}

impl Chain {
    /// The whole trail, equal to the head on chain; what is new goes into the archive, which must be the one of this
    /// address and creation slot.
    pub async fn audit(&self, scope: Scope, archive: &Archive) -> Result<History, ChainError> {
        let address = scope.address();
        let account = self.trail_account(scope).await?;
        let archived = archive.load(&address, account.created_slot)?;
        check_archive(&archived, &account, archive)?;
        let until = archived.entries.last().map(|last| last.signature);
        let mut tries = 0;
        let history = loop {
            let claims = self.claims(&address, until, |entry| entry.slot >= account.created_slot);
            let claims = claims.await?;
            // After the listing, so that an entry of the listing cannot be newer than the account.
            let account = self.trail_account(scope).await?;
            let mut history = archived.clone();
            history.archived = history.count();
            let end = End { count: Some(account.count), head: account.head };
            let result = match check_archive(&archived, &account, archive) {
                Ok(()) => continue_with(&mut history, &claims, end),
                Err(error) => Err(error),
            };
            match result {
                Ok(()) => break history,
                // Another answer a moment later may be whole; a lie stays one.
                Err(_) if tries + 1 < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(PAUSE).await;
        };
        archive.append(&history)?;
        Ok(history)
    }

    /// The trail of a record that was erased. `erased`: the entry in its folder's trail that keeps the head of it.
    /// `archive`: where the trail with this creation slot is kept.
    pub async fn audit_erased(
        &self,
        erased: &Entry,
        archive: impl Fn(u64) -> Archive,
    ) -> Result<History, ChainError> {
        let record = erased.subject;
        let claims = self.claims(&record, None, |entry| entry.slot <= erased.slot).await?;
        // The address may have been used before: the last beginning is the one that ended here.
        let first = claims.iter().filter(|claim| claim.link.count == 1);
        let created_slot = first
            .map(|claim| claim.entry.slot)
            .max()
            .ok_or(AuditError::Dropped { scope: record, count: 1 })?;
        let claims: Vec<Claim> =
            claims.into_iter().filter(|claim| claim.entry.slot >= created_slot).collect();
        let archive = archive(created_slot);
        let mut history = archive.load(&record, created_slot)?;
        history.archived = history.count();
        continue_with(&mut history, &claims, End { count: None, head: erased.digest })?;
        archive.append(&history)?;
        Ok(history)
    }

    async fn trail_account(&self, scope: Scope) -> Result<Account, ChainError> {
        Ok(match scope {
            Scope::Folder(address) => {
                let folder = self.fetch::<Folder>(&address).await?;
                Account {
                    created_slot: folder.meta.created_slot,
                    count: folder.audit_count,
                    head: folder.audit_head,
                }
            }
            Scope::Record(address) => {
                let record = self.fetch::<Record>(&address).await?;
                Account {
                    created_slot: record.meta.created_slot,
                    count: record.audit_count,
                    head: record.audit_head,
                }
            }
        })
    }

    /// Entries with a link of `scope` in the transactions that name it, newer than `until`.
    async fn claims(
        &self,
        scope: &Pubkey,
        until: Option<Signature>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Claim>, ChainError> {
        let signatures = self.rpc.signatures(scope, until).await?;
        let events: Vec<(Signature, Vec<Event>)> = stream::iter(signatures)
            .map(|signature| async move {
                Ok::<_, ChainError>((signature, self.rpc.events(&signature).await?))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut claims = Vec::new();
        for (signature, events) in events {
            for event in events {
                let Event::Audited(audited) = event else { continue };
                let links = audited.links.iter().filter(|link| link.scope == *scope);
                claims.extend(links.filter(|_| wanted(&audited.entry)).map(|link| Claim {
                    entry: audited.entry,
                    link: *link,
                    signature,
                }));
            }
        }
        Ok(claims)
    }
}

/// What was archived was once on the chain: the account may have more, not less, and not something else.
fn check_archive(
    archived: &History,
    account: &Account,
    archive: &Archive,
) -> Result<(), AuditError> {
    let (scope, found, seen) = (archived.scope, account.count, archived.count());
    if found < seen {
        return Err(AuditError::CountBelowSeen { scope, found, seen });
    }
    if found == seen && account.head != archived.head {
        return Err(AuditError::ArchiveDiffers { path: archive.name(), count: seen });
    }
    Ok(())
}

impl Rpc {
    /// Signatures of the transactions that name an address and took effect, newest first, down to `until`.
    pub async fn signatures(
        &self,
        address: &Pubkey,
        until: Option<Signature>,
    ) -> Result<Vec<Signature>, ChainError> {
        let mut all: Vec<Signature> = Vec::new();
        let mut known = HashSet::new();
        let mut before: Option<String> = None;
        loop {
            // Without minContextSlot: Surfnet 1.5.0 takes it for "no transactions before that slot". A node that lags leaves
            // out the newest, which is found out in the end.
            let params = json!([address.to_string(), {
                "limit": PAGE, "commitment": "confirmed",
                "before": before, "until": until.map(|until| until.to_string()),
            }]);
            let page: Vec<Value> = self.call(RpcRequest::GetSignaturesForAddress, params).await?;
            let last = page.last().and_then(|last| last["signature"].as_str()).map(str::to_owned);
            for line in page.iter().filter(|line| line["err"].is_null()) {
                let signature = self.parse(line["signature"].as_str().unwrap_or_default())?;
                if known.insert(signature) {
                    all.push(signature);
                }
            }
            // A node that repeats itself would keep us here for ever.
            if page.len() < PAGE || last.is_none() || last == before {
                return Ok(all);
            }
            before = last;
            if all.len() > MAX_SIGNATURES {
                let reason = format!("more than {MAX_SIGNATURES} transactions of {address}");
                return Err(ChainError::RpcNonsense { url: self.url().to_owned(), reason });
            }
        }
    }

    /// The events of a transaction; none, if it is not (or no longer) known here.
    pub async fn events(&self, signature: &Signature) -> Result<Vec<Event>, ChainError> {
        let params = json!([signature.to_string(), {
            "encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 1,
        }]);
        let transaction: Value = self.call(RpcRequest::GetTransaction, params).await?;
        if transaction["meta"]["err"].is_null() {
            return Ok(Event::of_transaction(&transaction));
        }
        Ok(Vec::new())
    }
}
