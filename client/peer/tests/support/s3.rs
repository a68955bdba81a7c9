//! A small S3 in this process: enough of the protocol to see that what we send over the wire is S3. Signatures are looked
//! for, not checked.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

#[derive(Default)]
pub struct Bucket {
    pub objects: BTreeMap<String, Bytes>,
    pub uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    next: u64,
    /// Answers nothing but this from now on.
    pub failing: Option<StatusCode>,
}

#[derive(Clone)]
pub struct S3 {
    pub url: String,
    pub bucket: Arc<Mutex<Bucket>>,
}

impl S3 {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let s3 = Self { url, bucket: Arc::default() };
        let router = Router::new().fallback(answer).with_state(s3.bucket.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        s3
    }
}

async fn answer(State(bucket): State<Arc<Mutex<Bucket>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    assert!(head.headers.contains_key("authorization"), "unsigned: {} {}", head.method, head.uri);
    let path = head.uri.path().trim_start_matches('/');
    let key = path.split_once('/').map(|(_, key)| key.to_owned()).unwrap_or_default();
    let query: BTreeMap<String, String> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.replace("%2F", "/")))
        .collect();
    let with_body = matches!(head.method.as_str(), "PUT" | "POST");
    assert!(!with_body || head.headers.contains_key("content-length"), "S3 refuses chunked bodies");
    let body = to_bytes(body, 64 << 20).await.unwrap();
    let mut bucket = bucket.lock().unwrap();
    if let Some(status) = bucket.failing {
        return plain(status, "<Error><Code>Broken</Code></Error>");
    }
    match (head.method.as_str(), query.get("uploadId")) {
        ("POST", None) if query.contains_key("uploads") => {
            bucket.next += 1;
            let id = format!("upload{}", bucket.next);
            bucket.uploads.insert(id.clone(), BTreeMap::new());
            plain(
                StatusCode::OK,
                &format!(
                    "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
                ),
            )
        }
        ("PUT", Some(id)) => {
            let number = query["partNumber"].parse().unwrap();
            let Some(parts) = bucket.uploads.get_mut(id) else {
                return plain(StatusCode::NOT_FOUND, "");
            };
            parts.insert(number, body);
            Response::builder().header("etag", format!("\"{number}\"")).body(Body::empty()).unwrap()
        }
        ("POST", Some(id)) => {
            let parts = bucket.uploads.remove(id).unwrap();
            let whole: Vec<u8> = parts.values().flatten().copied().collect();
            bucket.objects.insert(key.clone(), whole.into());
            plain(
                StatusCode::OK,
                &format!(
                    "<CompleteMultipartUploadResult><Location>x</Location><Bucket>b</Bucket><Key>{key}</Key><ETag>\"1\"</ETag></CompleteMultipartUploadResult>"
                ),
            )
        }
        ("DELETE", Some(id)) => {
            bucket.uploads.remove(id);
            plain(StatusCode::NO_CONTENT, "")
        }
        ("DELETE", None) => {
            bucket.objects.remove(&key);
            plain(StatusCode::NO_CONTENT, "")
        }
        ("POST", None) if query.contains_key("delete") => {
            let text = String::from_utf8(body.to_vec()).unwrap();
            let mut answer = "<DeleteResult>".to_owned();
            for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
                bucket.objects.remove(key);
                let _ = write!(answer, "<Deleted><Key>{key}</Key></Deleted>");
            }
            plain(StatusCode::OK, &(answer + "</DeleteResult>"))
        }
        ("PUT", None) => {
            bucket.objects.insert(key, body);
            Response::builder().header("etag", "\"1\"").body(Body::empty()).unwrap()
        }
        ("GET", None) if key.is_empty() => {
            let prefix = query.get("prefix").cloned().unwrap_or_default();
            let mut answer = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
            for (key, bytes) in bucket.objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
                let _ = write!(
                    answer,
                    "<Contents><Key>{key}</Key><LastModified>2026-11-23T00:00:00.000Z</LastModified><ETag>\"1\"</ETag><Size>{}</Size></Contents>",
                    bytes.len()
                );
            }
            plain(StatusCode::OK, &(answer + "</ListBucketResult>"))
        }
        _ => match bucket.objects.get(&key) {
            None => plain(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>"),
            Some(bytes) => object(bytes, &head.headers, head.method == "HEAD"),
        },
    }
}

fn object(bytes: &Bytes, headers: &HeaderMap, head: bool) -> Response {
    let answer = Response::builder()
        .header("etag", "\"1\"")
        .header("last-modified", "Mon, 23 Nov 2026 00:00:00 GMT");
    let range = headers.get("range").and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    let Some((from, to)) = range.and_then(|range| range.split_once('-')) else {
        let answer = answer.header("content-length", bytes.len());
        return answer.body(if head { Body::empty() } else { bytes.clone().into() }).unwrap();
    };
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse::<usize>().unwrap() + 1);
    answer
        .status(StatusCode::PARTIAL_CONTENT)
        .header("content-range", format!("bytes {from}-{}/{}", to - 1, bytes.len()))
        .body(bytes.slice(from..to).into())
        .unwrap()
}

fn plain(status: StatusCode, text: &str) -> Response {
    Response::builder().status(status).body(Body::from(text.to_owned())).unwrap()
}
