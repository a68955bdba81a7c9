//! What of a CID is asked for, and how it is answered.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    answer::Refusal,
    car,
    range::{Asked, asked},
};
use crate::storage::ByteStream;

/// The form of an answer (specs.ipfs.tech/http-gateways/trustless-gateway).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One block.
    Raw,
    Car(car::Scope),
    /// The bytes that a DAG stands for: for whoever trusts this peer, or checks the whole.
    Bytes,
}

pub const RAW: &str = "application/vnd.ipld.raw";
pub const CAR: &str = "application/vnd.ipld.car; version=1; order=dfs; dups=y";

impl Form {
    /// `?format=` decides, else `Accept`.
    pub fn asked(query: Option<&str>, headers: &HeaderMap) -> Result<Self, Refusal> {
        let parameter = |name: &str| {
            let pairs =
                query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
        };
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        let accepts = |media: &str| accept.is_some_and(|accept| accept.contains(media));
        let car = || match parameter("dag-scope") {
            None | Some("all" | "entity") => Ok(Self::Car(car::Scope::All)),
            Some("block") => Ok(Self::Car(car::Scope::Block)),
            Some(_) => Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "this dag-scope is not known; ask for all, entity or block",
            )),
        };
        match parameter("format") {
            Some("raw") => Ok(Self::Raw),
            Some("car") => car(),
            Some(_) => Err(Refusal::new(
                StatusCode::NOT_ACCEPTABLE,
                "this format is not served; ask for format=raw or format=car",
            )),
            None if accepts("application/vnd.ipld.raw") => Ok(Self::Raw),
            None if accepts("application/vnd.ipld.car") => car(),
            None => Ok(Self::Bytes),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Raw => RAW,
            Self::Car(_) => CAR,
            Self::Bytes => "application/octet-stream",
        }
    }

    pub fn etag(self, cid: &str) -> String {
        match self {
            Self::Raw => format!("\"{cid}.raw\""),
            Self::Car(car::Scope::All) => format!("W/\"{cid}.car\""),
            Self::Car(car::Scope::Block) => format!("W/\"{cid}.block.car\""),
            Self::Bytes => format!("\"{cid}\""),
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Raw => "bin",
            Self::Car(_) => "car",
            Self::Bytes => "dat",
        }
    }
}

/// What is sent of a form that is `len` long.
pub enum Plan {
    /// The client has it.
    NotModified,
    Nothing,
    Send(std::ops::Range<u64>),
}

pub fn plan(form: Form, headers: &HeaderMap, cid: &str, len: u64) -> Plan {
    let etag = form.etag(cid);
    let matches = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if matches.is_some_and(|tags| {
        tags.trim() == "*" || tags.split(',').any(|tag| weak(tag) == weak(&etag))
    }) {
        return Plan::NotModified;
    }
    // A CAR is made while it is sent; its parts are asked for as blocks.
    if matches!(form, Form::Car(_)) {
        return Plan::Send(0..len);
    }
    match asked(headers, len, &etag) {
        Asked::Whole => Plan::Send(0..len),
        Asked::Part(range) => Plan::Send(range),
        Asked::Outside => Plan::Nothing,
    }
}

/// The answer's head: what it is, how long, how long it may be kept. What is behind a CID never changes; what is not for
/// everybody is not for shared caches.
pub fn response(
    form: Form,
    cid: &str,
    plan: &Plan,
    len: u64,
    public: bool,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    let (status, sent) = match plan {
        Plan::NotModified => (StatusCode::NOT_MODIFIED, None),
        Plan::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, Some(0..0)),
        Plan::Send(range) if *range == (0..len) => (StatusCode::OK, Some(range.clone())),
        Plan::Send(range) => (StatusCode::PARTIAL_CONTENT, Some(range.clone())),
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let mut text = |name, value: String| {
        // CIDs and numbers only: always a header value.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    text(header::ETAG, form.etag(cid));
    let who = if public { "public" } else { "private" };
    text(header::CACHE_CONTROL, format!("{who}, max-age=29030400, immutable"));
    text(header::HeaderName::from_static("x-ipfs-path"), format!("/ipfs/{cid}"));
    text(header::HeaderName::from_static("x-content-type-options"), "nosniff".to_owned());
    // Ciphertext: a browser that is led here shows nothing of it.
    text(
        header::CONTENT_DISPOSITION,
        format!("attachment; filename=\"{cid}.{}\"", form.extension()),
    );
    if let Some(sent) = sent {
        text(header::CONTENT_TYPE, form.content_type().to_owned());
        text(header::CONTENT_LENGTH, (sent.end - sent.start).to_string());
        if !matches!(form, Form::Car(_)) {
            text(header::ACCEPT_RANGES, "bytes".to_owned());
        }
        match status {
            StatusCode::PARTIAL_CONTENT => {
                text(header::CONTENT_RANGE, format!("bytes {}-{}/{len}", sent.start, sent.end - 1));
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                text(header::CONTENT_RANGE, format!("bytes */{len}"));
            }
            _ => {}
        }
    }
    if !public {
        text(header::VARY, "Signature, Aceso-Profile".to_owned());
    }
    response
}

/// Bytes of the storage as a body. A fault in the middle ends the connection: the client sees that it got too little.
pub fn body(stream: ByteStream) -> Body {
    use futures_util::TryStreamExt;
    Body::from_stream(stream.inspect_err(|error| {
        tracing::error!(%error, "an answer broke off");
    }))
}
