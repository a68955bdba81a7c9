//! The HTTP that `object_store` speaks through: the reqwest that the sdk has, with ring, instead of one of its own.

use async_trait::async_trait;
use futures_util::TryStreamExt;
use http_body_util::StreamBody;
use hyper::body::Frame;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
        HttpResponseBody, HttpService,
    },
};

#[derive(Debug)]
pub struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .connect_timeout(std::time::Duration::from_secs(5))
            .read_timeout(std::time::Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| object_store::Error::Generic { store: "S3", source: Box::new(e) })?;
        Ok(HttpClient::new(Service(client)))
    }
}

#[derive(Debug)]
struct Service(reqwest::Client);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        // Wrapped, not streamed: S3 wants the length said, and this body knows its own.
        let body = reqwest::Body::wrap(body);
        let answer = self.0.request(head.method, url).headers(head.headers).body(body).send().await;
        let mut answer = answer.map_err(failed)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            std::mem::swap(headers, answer.headers_mut());
        }
        let pieces = answer.bytes_stream().map_ok(Frame::data).map_err(failed);
        response
            .body(HttpResponseBody::new(StreamBody::new(pieces)))
            .map_err(|e| HttpError::new(HttpErrorKind::Decode, e))
    }
}

/// The URL is left out: the signature in it opens the bucket for a while.
fn failed(error: reqwest::Error) -> HttpError {
    let kind = match &error {
        e if e.is_connect() => HttpErrorKind::Connect,
        e if e.is_timeout() => HttpErrorKind::Timeout,
        e if e.is_decode() => HttpErrorKind::Decode,
        e if e.is_body() || e.is_request() => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error.without_url())
}
