//! Who asks, and what.

use super::{
    FlowError, RequestList, RequestView, Session, Step,
    request_rules::{purpose_asked, scope_asked},
};
use crate::chain::{Fetched, Request};

impl Session {
    /// Requests that stand, those that nobody answered in time among them.
    pub async fn request_list(&self, list: RequestList) -> Result<Vec<RequestView>, FlowError> {
        self.watch().step(Step::Checking);
        let me = self.profile()?;
        let requests = match list {
            RequestList::Incoming => self.chain().requests_by_owner(&me).await?,
            RequestList::Outgoing => self.chain().requests_by_requester(&me).await?,
        };
        if list == RequestList::Outgoing {
            self.reasons_tidy().await;
        }
        let now_secs = self.now_secs().await?;
        requests.iter().map(|request| view(request, now_secs)).collect()
    }
}

fn view(request: &Fetched<Request>, now_secs: i64) -> Result<RequestView, FlowError> {
    Ok(RequestView {
        request: request.address,
        owner: request.owner,
        requester: request.requester,
        scope: scope_asked(request),
        purpose: purpose_asked(request)?,
        permissions: request.permissions,
        duration_secs: request.duration_secs,
        created_at_secs: request.created_at_secs,
        expires_at_secs: request.expires_at_secs,
        expired: request.require_expired(now_secs).is_ok(),
        deposit_lamports: request.deposit_lamports,
        fee_lamports: request.fee_lamports,
    })
}
