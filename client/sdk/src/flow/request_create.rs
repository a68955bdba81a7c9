//! Asking an owner for a grant.

use aceso_format::reason::ReasonContext;
use anchor_lang::prelude::Pubkey;
use bytemuck::Zeroable;

use super::{
    FlowError, Receipt, RequestCreate, RequestCreated, Scope, Session, Step,
    request_rules::refused,
    session::entropy,
    staged::{Unit, blob_address},
    staged_part::Named,
};
use crate::chain::{
    AcesoError, Ask, Blob, ChainError, Request, ScopeKind, address,
    instruction::{self, Actor},
};

/// Stands for the reason while the program's rules are tried out before anything is sealed.
const ANY_REASON: Blob = Blob { digest: [1; 32], len: 1 };

impl Session {
    /// Asks for a grant, with a deposit that comes back unless nobody answers. The reason is sealed to the owner.
    pub async fn request_create(&self, create: RequestCreate) -> Result<RequestCreated, FlowError> {
        self.watch().step(Step::Checking);
        self.reasons_tidy().await;
        if create.reason.trim().is_empty() {
            let sentence =
                "the reason is empty; say in words why you ask, only the owner can read them";
            return Err(FlowError::WouldBeRefused { sentence: sentence.to_owned() });
        }
        let me = self.profile()?;
        if create.owner == me {
            return Err(ChainError::Program(AcesoError::ToOneself).into());
        }
        // Whether one may sign at all, said before a deposit is.
        self.my_keys().await?;
        let owner = self.recipient(create.owner).await?;
        self.require_owned(create.scope, &create.owner).await?;
        let config = self.chain().config().await?;
        let (fee, least) = (config.request_fee_lamports, config.request_deposit_lamports);
        let deposit_lamports = create.deposit_lamports.unwrap_or(least);
        if deposit_lamports < least {
            return Err(FlowError::DepositTooLow { fee, deposit: deposit_lamports, least });
        }
        let (id, request) = address::new_request(&create.owner, &me)?;
        let mut ask = ask(&create, ANY_REASON, config.request_ttl_secs, deposit_lamports);
        let now_secs = self.now_secs().await?;
        // A command whose answer was lost is given again, and must not pay again.
        let asked = self.chain().requests_by_requester(&me).await?;
        if let Some(standing) = asked.iter().find(|request| {
            request.owner == create.owner
                && asks_same(request, &ask)
                && request.require_open(now_secs).is_ok()
        }) {
            return Ok(RequestCreated {
                request: standing.address,
                stands_since_secs: Some(standing.created_at_secs),
                deposit_lamports: standing.deposit_lamports,
                receipt: Receipt::default(),
            });
        }
        Request::zeroed().open(create.owner, me, id, &ask, &config, now_secs).map_err(refused)?;
        self.watch().step(Step::Sealing);
        let context = ReasonContext {
            program: aceso::ID.to_bytes(),
            request: request.to_bytes(),
            owner: create.owner.to_bytes(),
            key_version: owner.account.key_version,
        };
        let packet = context.seal(&owner.xwing, create.reason.trim(), &mut entropy()?)?;
        let actor = Actor::owner(self.wallet_address(), me);
        let payer = self.payer_address();
        let receipt = self
            .staged("request", async |staged| {
                ask.reason = staged.put(packet.as_bytes().to_vec()).await?;
                let instructions =
                    vec![instruction::request::create(payer, &actor, create.owner, id, ask)];
                let blobs = vec![Named::new(&ask.reason, request)];
                staged.send(Unit { instructions, blobs, ..Unit::default() }).await
            })
            .await?;
        self.reason_remember(&request, &blob_address(&ask.reason));
        Ok(RequestCreated { request, stands_since_secs: None, deposit_lamports, receipt })
    }

    /// The program takes any address as scope; one that is not the owner's can only be denied.
    async fn require_owned(&self, scope: Option<Scope>, owner: &Pubkey) -> Result<(), FlowError> {
        let Some(scope) = scope else { return Ok(()) };
        let place = self.place(scope).await?;
        if place.scope().owner() != *owner {
            return Err(FlowError::OtherOwner { scope, owner: *owner });
        }
        Ok(())
    }
}

/// Whether the grant that it would lead to is the same. Reasons are sealed, and in other words is not another question.
fn asks_same(request: &Request, ask: &Ask) -> bool {
    (request.scope_kind, request.scope) == (ask.scope_kind as u8, ask.scope)
        && (request.purpose, request.permissions) == (ask.purpose, ask.permissions)
        && request.duration_secs == ask.duration_secs
}

fn ask(create: &RequestCreate, reason: Blob, longest_secs: i64, deposit_lamports: u64) -> Ask {
    let (scope_kind, scope) = match create.scope {
        None => (ScopeKind::OwnersChoice, Pubkey::default()),
        Some(Scope::Folder(folder)) => (ScopeKind::Folder, folder),
        Some(Scope::Record(record)) => (ScopeKind::Record, record),
    };
    Ask {
        scope_kind,
        scope,
        purpose: create.purpose as u8,
        permissions: create.permissions,
        duration_secs: create.duration_secs,
        reason,
        ttl_secs: create.ttl_secs.unwrap_or(longest_secs),
        deposit_lamports,
    }
}
