//! `GET` and `HEAD /ipfs/{cid}`: blocks, CARs and bytes of what this peer holds, to whom they are for.

use std::sync::Arc;

use aceso_format::address::{Cid, Node};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Uri};

use super::{
    Service,
    answer::Refusal,
    car,
    content::{self, Form, Plan},
};
use crate::{
    holdings::HoldError,
    index::{Block, Condition, ObjectEntry},
    permission::{self, Denied, Role},
    signature::Target,
};

pub async fn get(
    State(service): State<Arc<Service>>,
    Path(cid): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let answer = serve(&service, &cid, &method, &uri, &headers).await;
    let response = answer.unwrap_or_else(IntoResponse::into_response);
    service.metrics.request("ipfs", response.status());
    response
}

async fn serve(
    service: &Service,
    text: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let cid: Cid = text.parse().map_err(|e: aceso_format::Error| {
        Refusal::new(http::StatusCode::BAD_REQUEST, e.to_string())
    })?;
    let form = Form::asked(uri.query(), headers)?;
    let target = Target { method: method.as_str(), path: uri.path(), query: uri.query() };
    let found = service.holdings.index.blocks(&cid).map_err(HoldError::from)?;
    let found = found.into_iter().filter(|(object, _)| object.condition == Condition::Sound);
    let (object, block, public) = permitted(service, found.collect(), &target, headers).await?;
    let is_root = object.address.cid() == cid;
    let (len, nodes) = match (form, block) {
        (Form::Raw, Block::Leaf { len, .. }) => (len, Vec::new()),
        (Form::Raw, Block::Node) => {
            let node = node(service, &object, &cid)?;
            (node.bytes.len() as u64, vec![node])
        }
        (Form::Bytes, _) if is_root => (object.address.len, Vec::new()),
        (Form::Bytes, Block::Leaf { len, .. }) => (len, Vec::new()),
        (Form::Car(_), _) if is_root => (0, service.holdings.nodes(&object.address)?),
        _ => {
            return Err(Refusal::new(
                http::StatusCode::BAD_REQUEST,
                "this CID is a part of an object; ask for it with format=raw, or for the whole by its root",
            ));
        }
    };
    let storage = &service.holdings.storage;
    if let Form::Car(scope) = form {
        let (stream, len) = car::stream(storage.clone(), object.address, &nodes, scope)
            .map_err(|e| HoldError::Tree(e.into()))?;
        let plan = content::plan(form, headers, text, len);
        let body = match plan {
            Plan::Send(_) if method != Method::HEAD => content::body(stream),
            _ => Body::empty(),
        };
        return Ok(content::response(form, text, &plan, len, public, body));
    }
    let plan = content::plan(form, headers, text, len);
    let body = match (&plan, nodes.into_iter().next(), block) {
        (Plan::Send(_), ..) if method == Method::HEAD => Body::empty(),
        (Plan::Send(range), Some(node), _) => {
            let range = range.start as usize..range.end as usize;
            Body::from(node.bytes.get(range).unwrap_or_default().to_vec())
        }
        (Plan::Send(range), None, Block::Leaf { offset, .. })
            if !(is_root && form == Form::Bytes) =>
        {
            let range = offset + range.start..offset + range.end;
            let stream = storage.read(&object.address, range).await;
            content::body(stream.map_err(HoldError::from)?)
        }
        (Plan::Send(range), ..) => {
            let stream = storage.read(&object.address, range.clone()).await;
            content::body(stream.map_err(HoldError::from)?)
        }
        _ => Body::empty(),
    };
    if let Plan::Send(range) = &plan
        && method != Method::HEAD
    {
        service.metrics.served(range.end - range.start);
    }
    Ok(content::response(form, text, &plan, len, public, body))
}

/// The first place of the block that the client may read. A block may be in objects of several owners, so the refusal is
/// of the last one, and tells nothing about the others.
async fn permitted(
    service: &Service,
    found: Vec<(ObjectEntry, Block)>,
    target: &Target<'_>,
    headers: &HeaderMap,
) -> Result<(ObjectEntry, Block, bool), Refusal> {
    let mut wanted = Vec::new();
    for (object, block) in found {
        let leases = service.holdings.index.leases_of(&object.address.digest);
        for (_, lease) in leases.map_err(HoldError::from)? {
            if permission::is_public(lease.account.kind) {
                return Ok((object, block, true));
            }
            wanted.push((object, block, lease.account));
        }
    }
    if wanted.is_empty() {
        return Err(Refusal::not_found());
    }
    let now_secs = service.accounts.now_secs();
    // That something is here is no secret: the lease on the chain says so.
    let signed = service.verifier.verify(target, headers, now_secs)?;
    let mut refusal = Denied::Stranger;
    for (object, block, lease) in wanted {
        match permission::read(&*service.accounts, &lease, &signed).await {
            Ok(role) => {
                service.replays.admit(&signed, now_secs)?;
                log(&signed, role);
                return Ok((object, block, false));
            }
            Err(denied) => refusal = denied,
        }
    }
    Err(refusal.into())
}

/// Who was let in as what; never the signature, which for a minute is as good as the wallet.
fn log(signed: &crate::signature::Signed, role: Role) {
    tracing::debug!(wallet = %signed.wallet, profile = %signed.profile, ?role, "bytes given out");
}

fn node(service: &Service, object: &ObjectEntry, cid: &Cid) -> Result<Node, Refusal> {
    let nodes = service.holdings.nodes(&object.address)?;
    nodes.into_iter().find(|node| node.cid == *cid).ok_or_else(Refusal::not_found)
}
