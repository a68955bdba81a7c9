//! `PUT /leases/{lease}`: the bytes of an offered lease, or of a pending amendment, from its owner or a delegate.

use std::{sync::Arc, time::Duration};

use aceso::state::{Lease, LeaseStatus};
use aceso_format::BlobAddress;
use aceso_sdk::chain::Pubkey;
use axum::{
    body::{Body, BodyDataStream},
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::json;

use super::{Service, answer::Refusal, patience::arriving};
use crate::{holdings::Leased, permission, signature::Target};

const LINGER: Duration = Duration::from_secs(5);
/// Bytes.
const LINGER_LEN: usize = 64 << 20;

pub async fn put(
    State(service): State<Arc<Service>>,
    Path(lease): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut body = body.into_data_stream();
    let answer = take(&service, &lease, &uri, &headers, &mut body).await;
    tokio::spawn(linger(body));
    let response = answer.unwrap_or_else(IntoResponse::into_response);
    service.metrics.request("leases", response.status());
    response
}

async fn take(
    service: &Service,
    text: &str,
    uri: &Uri,
    headers: &HeaderMap,
    body: &mut BodyDataStream,
) -> Result<Response, Refusal> {
    let bad = |sentence: &str| Refusal::new(StatusCode::BAD_REQUEST, sentence);
    let at: Pubkey =
        text.parse().map_err(|_| bad("this is no address of a lease; name its account"))?;
    let now_secs = service.accounts.now_secs();
    let target = Target { method: "PUT", path: uri.path(), query: uri.query() };
    let signed = service.verifier.verify(&target, headers, now_secs)?;
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|text| text.to_str().ok()?.parse().ok());
    let length: u64 = length.ok_or_else(|| {
        Refusal::new(
            StatusCode::LENGTH_REQUIRED,
            "the upload does not say its length; send Content-Length",
        )
    })?;
    // The chain itself, not the index: an offer may be seconds old.
    let lease = service.accounts.lease(&at).await.map_err(permission::Denied::from)?;
    let lease = lease.filter(|lease| lease.peer == service.peer).ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "there is no such lease of this peer; open it first, then upload",
        )
    })?;
    permission::write(&*service.accounts, &lease, &signed).await?;
    let wanted = wanted(&lease, now_secs)?;
    // Refused before a byte is read where the length alone says that these are others.
    let leased = wanted.iter().find(|leased| leased.address.len == length).ok_or_else(|| {
        let lengths: Vec<String> = wanted.iter().map(|l| l.address.len.to_string()).collect();
        Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!(
                "the upload has {length} bytes and the lease {}; send what was leased",
                lengths.join(" or ")
            ),
        )
    })?;
    let _turn = service.uploads.try_acquire().map_err(|_| {
        Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many uploads at the moment; try again in a minute",
        )
        .retry_after(60)
    })?;
    service.replays.admit(&signed, now_secs)?;
    if !service.holdings.holds(leased).map_err(Refusal::from)? {
        let held = service.holdings.receive(leased, arriving(body, service.idle), now_secs).await;
        held.inspect_err(|error| {
            tracing::info!(lease = %at, %error, "an upload was not kept");
        })?;
        tracing::info!(lease = %at, bytes = length, "bytes of a lease are here");
        service.metrics.received(length);
    }
    service.arrived.notify_one();
    let cid = leased.address.cid_string();
    let body = json!({ "lease": at.to_string(), "cid": cid, "len": length }).to_string();
    let head = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, head, body).into_response())
}

/// Takes in a while longer what is still being sent after the answer: a connection that is closed with bytes unread is
/// reset, and the answer lost with it.
async fn linger(mut body: BodyDataStream) {
    let mut left = LINGER_LEN;
    let reading = async {
        while let Some(Ok(piece)) = body.next().await
            && left > piece.len()
        {
            left -= piece.len();
        }
    };
    // Who sends on for longer has not listened.
    let _ = tokio::time::timeout(LINGER, reading).await;
}

/// The bytes that a lease waits for.
fn wanted(lease: &Lease, now_secs: i64) -> Result<Vec<Leased>, Refusal> {
    let in_force = Leased {
        address: BlobAddress { digest: lease.digest, len: lease.stored_len },
        root: lease.root,
    };
    let next = (lease.next_len != 0).then_some(Leased {
        address: BlobAddress { digest: lease.next_digest, len: lease.next_len },
        root: lease.next_root,
    });
    let gone = |sentence: &str| Err(Refusal::new(StatusCode::GONE, sentence));
    if lease.status == LeaseStatus::Offered as u8 {
        if now_secs > lease.offer_until_secs {
            return gone("the offer has expired; take it back and open the lease anew");
        }
        return Ok(vec![in_force]);
    }
    if lease.status == LeaseStatus::Ended as u8 {
        return gone("the lease has ended; open a new one");
    }
    // The bytes in force, too: a peer that lost them takes them back.
    Ok(next.into_iter().chain([in_force]).collect())
}
