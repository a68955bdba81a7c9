//! The reason of a request: read by the owner, kept by the requester as long as the request stands.

use aceso_format::{
    BlobAddress,
    packet::Packet,
    reason::{MAX_REASON_PACKET_LEN, ReasonContext},
};
use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Serialize};

use super::{FlowError, Session, Step};
use crate::{
    chain::{ChainError, Request},
    home::JournalAction,
};

const WHAT: &str = "reason of request";
/// Kind of the journal's actions that end with a request.
const KIND: &str = "reason";

/// A reason that this client has pinned. An answer is the owner's transaction, so nothing tells the requester when the
/// blob is no longer needed: it looks.
#[derive(Serialize, Deserialize)]
struct Kept {
    request: [u8; 32],
    digest: [u8; 32],
    len: u64,
}

pub(super) fn reason_address(request: &Request) -> BlobAddress {
    BlobAddress { digest: request.reason_digest, len: u64::from(request.reason_len) }
}

impl Session {
    /// The reason in words. Only the owner can read it; whoever shows it must not trust it, as it is a stranger's text.
    pub async fn request_reason(&self, request: Pubkey) -> Result<String, FlowError> {
        self.watch().step(Step::Checking);
        let request = self.request_account(request).await?;
        let (me, address) = (self.profile()?, request.address);
        if request.owner != me {
            return Err(FlowError::NotListed { what: WHAT, address });
        }
        let bytes = self.named_bytes(&request, reason_address, MAX_REASON_PACKET_LEN).await?;
        let untrue = |source| FlowError::Untrue { what: WHAT, address, source };
        let packet = Packet::decode(&bytes).map_err(untrue)?;
        let newest = self.home().keystore().newest(&me).map(|keys| keys.key_version);
        let newest = newest.ok_or(FlowError::NotOurs { profile: me })?;
        // The chain does not say which version of the keys it was sealed to: the newest first.
        for key_version in (1..=newest).rev() {
            let keys = match self.own_keys(me, key_version) {
                Err(FlowError::KeysGone { .. }) => continue,
                other => other?,
            };
            let context = ReasonContext {
                program: aceso::ID.to_bytes(),
                request: address.to_bytes(),
                owner: me.to_bytes(),
                key_version,
            };
            match context.open(keys.xwing(), &packet) {
                Err(aceso_format::Error::PacketForged) => {}
                other => return Ok(other.map_err(untrue)?.as_str().to_owned()),
            }
        }
        Err(untrue(aceso_format::Error::PacketForged))
    }

    /// Notes a pinned reason, to be let go when its request is answered.
    pub(super) fn reason_remember(&self, request: &Pubkey, reason: &BlobAddress) {
        let kept = Kept { request: request.to_bytes(), digest: reason.digest, len: reason.len };
        // Dropped without an end it stays in the journal. The request stands whether this is noted or not, and a blob
        // of 2 KiB that stays pinned is no reason to say that it failed.
        let _ = self.home().journal().begin(KIND, &kept, &[]);
    }

    /// Lets go of the reasons of one's own requests that were answered since. What fails is left for another time.
    pub(super) async fn reasons_tidy(&self) {
        let Ok(unfinished) = self.home().journal().unfinished() else { return };
        for action in unfinished.actions.into_iter().filter(|action| action.kind() == KIND) {
            let _ = self.reason_tidy(action).await;
        }
    }

    async fn reason_tidy(&self, action: JournalAction) -> Result<(), FlowError> {
        let kept: Kept = action.intent()?;
        match self.chain().account_confirmed::<Request>(&Pubkey::new_from_array(kept.request)).await
        {
            Err(ChainError::AccountMissing { .. }) => {}
            other => return other.map(|_| ()).map_err(FlowError::from),
        }
        self.store().unpin(&BlobAddress { digest: kept.digest, len: kept.len }).await?;
        Ok(action.end()?)
    }
}
