//! One HTTP attempt, and when to try again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use reqwest::{StatusCode, header::RETRY_AFTER};
use serde_json::Value;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::{
    client_error::{Error, ErrorKind, Result},
    custom_error::*,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
    response::RpcSimulateTransactionResult,
};

use super::ChainError;

/// Longest answer, bytes: the accounts of 100,000 records in base64.
const MAX_ANSWER_LEN: usize = 128 << 20;

/// Sends each request once. The sender of solana-rpc-client repeats a rate-limited one by itself for up to ten minutes,
/// which no deadline of ours would end.
pub(super) struct OneShot {
    client: reqwest::Client,
    url: String,
    next_id: AtomicU64,
    /// What the node said last about when to come back, in milliseconds; 0: nothing.
    retry_after_ms: Arc<AtomicU64>,
}

impl OneShot {
    pub(super) fn new(
        url: String,
        timeout: Duration,
        retry_after_ms: Arc<AtomicU64>,
    ) -> reqwest::Result<Self> {
        let client =
            reqwest::Client::builder().timeout(timeout).pool_idle_timeout(timeout).build()?;
        Ok(Self { client, url, next_id: AtomicU64::new(0), retry_after_ms })
    }
}

#[async_trait]
impl RpcSender for OneShot {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let body = request.build_request_json(id, params);
        let response = self.client.post(&self.url).json(&body).send().await?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let wait = header.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
            self.retry_after_ms.store(wait.saturating_mul(1000), Ordering::Relaxed);
        }
        let body = bounded(response.error_for_status()?, MAX_ANSWER_LEN).await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        match answer.get("error") {
            Some(error) if error.is_object() => Err(refusal(error).into()),
            _ if answer.get("result").is_none() => {
                Err(RpcError::RpcRequestError("an answer without a result".to_owned()).into())
            }
            _ => Ok(answer["result"].take()),
        }
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    fn url(&self) -> String {
        self.url.clone()
    }
}

/// The body, unless it is longer than any honest answer: a node must not fill our memory.
async fn bounded(mut response: reqwest::Response, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > most {
            let reason = format!("an answer longer than {most} bytes");
            return Err(RpcError::RpcRequestError(reason).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refusal(error: &Value) -> RpcError {
    let code = error["code"].as_i64().unwrap_or(0);
    let message = error["message"].as_str().unwrap_or("no message").to_owned();
    let data = match code {
        JSON_RPC_SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE => serde_json::from_value::<
            RpcSimulateTransactionResult,
        >(error["data"].clone())
        .map_or(RpcResponseErrorData::Empty, RpcResponseErrorData::SendTransactionPreflightFailure),
        _ => RpcResponseErrorData::Empty,
    };
    RpcError::RpcResponseError { code, message, data }
}

/// What one failed attempt means.
pub(super) enum Attempt {
    /// May succeed a moment later; the error is what to say if it never does.
    Again(ChainError),
    /// Will not change by itself.
    Final(ChainError),
}

/// `seen`: the newest slot that this client has had an answer for.
pub(super) fn judge(url: &str, seen: u64, error: &Error) -> Attempt {
    let url = url.to_owned();
    let down = |reason: String| Attempt::Again(ChainError::RpcDown { url: url.clone(), reason });
    match error.kind() {
        ErrorKind::Reqwest(error) => match error.status() {
            Some(StatusCode::TOO_MANY_REQUESTS) => Attempt::Again(ChainError::RateLimited { url }),
            Some(status) if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                down(format!("HTTP {status}"))
            }
            Some(status) => Attempt::Final(ChainError::RpcRefused {
                url,
                code: i64::from(status.as_u16()),
                message: status.canonical_reason().unwrap_or("").to_owned(),
            }),
            None if error.is_timeout() => down("timeout".to_owned()),
            None if error.is_connect() => down("no connection".to_owned()),
            // A body that is cut short is a lost connection.
            None => down("the connection broke off".to_owned()),
        },
        // A proxy's error page.
        ErrorKind::SerdeJson(_) => down("an answer that is no JSON".to_owned()),
        ErrorKind::RpcError(RpcError::RpcResponseError { code, message, .. }) => match *code {
            429 => Attempt::Again(ChainError::RateLimited { url }),
            JSON_RPC_SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED => {
                Attempt::Again(ChainError::RpcLagging { url, found: 0, seen })
            }
            JSON_RPC_SERVER_ERROR_NODE_UNHEALTHY
            | JSON_RPC_SERVER_ERROR_BLOCK_NOT_AVAILABLE
            | JSON_RPC_SERVER_ERROR_BLOCK_STATUS_NOT_AVAILABLE_YET => down(message.clone()),
            code => Attempt::Final(ChainError::RpcRefused { url, code, message: message.clone() }),
        },
        other => Attempt::Final(ChainError::RpcNonsense { url, reason: other.to_string() }),
    }
}

/// Pause before attempt `number` (from 1): doubling from 100 ms to 4 s, and random by half, so that many clients that
/// failed together do not come back together.
pub(super) fn pause(number: u32) -> Duration {
    let full = 100u64.saturating_mul(1 << number.saturating_sub(1).min(6)).min(4000);
    let mut random = [0; 2];
    // Without randomness the pause is still a pause.
    let _ = getrandom::fill(&mut random);
    let share = u64::from(u16::from_le_bytes(random));
    Duration::from_millis(full / 2 + full * share / (2 * u64::from(u16::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_read_to_its_bound_and_no_further() {
        let answer = || reqwest::Response::from(http::Response::new(vec![b'1'; 100]));
        assert_eq!(bounded(answer(), 100).await.unwrap().len(), 100);
        let error = bounded(answer(), 99).await.unwrap_err();
        assert!(matches!(judge("node", 0, &error), Attempt::Final(ChainError::RpcNonsense { .. })));
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for number in 1..40 {
            let full = Duration::from_millis((100u64 << (number - 1).min(6)).min(4000));
            let pause = pause(number);
            assert!(pause >= full / 2 && pause <= full, "{number}: {pause:?}");
        }
    }
}
