//! A node that misbehaves: an RPC proxy on loopback that drops, delays, refuses and lies as told.
//!
//! A fault applies to one method (or all, with `"*"`), a number of times or for good. Rewriting faults change the answer
//! of the real node; with [`events`] they can change what the program is said to have emitted.

use std::{sync::Arc, time::Duration};

use parking_lot_free::Mutex;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// std's mutex without its poisoning: a panic in one connection is the test's failure anyway.
mod parking_lot_free {
    pub struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self(std::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> std::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(|error| error.into_inner())
        }
    }
}

type Rewrite = Arc<dyn Fn(&Value, &mut Value) + Send + Sync>;

/// What happens to a request.
#[derive(Clone)]
pub enum Fault {
    /// The connection is closed; the real node never hears of it.
    Lost,
    /// The real node does it; its answer is lost.
    AnswerLost,
    /// An HTTP status, such as 429 or 503, with a `Retry-After` of so many seconds.
    Status(u16, Option<u64>),
    /// The answer comes late.
    Late(Duration),
    /// A JSON-RPC error.
    Refused(i64, &'static str),
    /// An answer of the proxy's own; the real node never hears of it.
    Answer(Value),
    /// The answer's slot is so much older.
    Stale(u64),
    /// The result, changed: the arguments are the request's parameters and the result.
    Rewrite(Rewrite),
}

impl Fault {
    pub fn rewrite(change: impl Fn(&Value, &mut Value) + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(change))
    }

    /// As if the transaction had been taken; nothing is sent. The signature is the transaction's own.
    pub fn swallow_send() -> Self {
        Self::Answer(Value::Null)
    }
}

struct Rule {
    method: String,
    left: usize,
    fault: Fault,
}

#[derive(Default)]
struct Log {
    rules: Vec<Rule>,
    calls: Vec<String>,
}

pub struct Proxy {
    pub url: String,
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let (shared, upstream) = (log.clone(), upstream.to_owned());
        let client = reqwest::Client::new();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, client, upstream) = (shared.clone(), client.clone(), upstream.clone());
                tokio::spawn(async move { serve(stream, &log, &client, &upstream).await });
            }
        });
        Self { url, log, task }
    }

    /// From now on, for each request of this method.
    pub fn always(&self, method: &str, fault: Fault) {
        self.times(method, usize::MAX, fault);
    }

    /// For the next `times` requests of this method.
    pub fn times(&self, method: &str, times: usize, fault: Fault) {
        let rule = Rule { method: method.to_owned(), left: times, fault };
        self.log.lock().rules.push(rule);
    }

    /// Behaves again.
    pub fn heal(&self) {
        self.log.lock().rules.clear();
    }

    /// How often a method was called.
    pub fn calls(&self, method: &str) -> usize {
        self.log.lock().calls.iter().filter(|call| *call == method).count()
    }
}

/// The first fault that applies; rewriting ones after it pile up.
fn faults(log: &Mutex<Log>, method: &str) -> Vec<Fault> {
    let mut log = log.lock();
    log.calls.push(method.to_owned());
    let mut found = Vec::new();
    for rule in &mut log.rules {
        if rule.left > 0 && (rule.method == method || rule.method == "*") {
            rule.left -= 1;
            found.push(rule.fault.clone());
        }
    }
    found
}

async fn serve(mut stream: TcpStream, log: &Mutex<Log>, client: &reqwest::Client, upstream: &str) {
    let mut buffer = Vec::new();
    while let Some(body) = request(&mut stream, &mut buffer).await {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let method = call["method"].as_str().unwrap_or_default().to_owned();
        let (mut rewrites, mut answer_lost) = (Vec::new(), false);
        let mut own = None;
        for fault in faults(log, &method) {
            match fault {
                Fault::Lost => return,
                Fault::AnswerLost => answer_lost = true,
                Fault::Late(delay) => tokio::time::sleep(delay).await,
                Fault::Status(status, after) => own = Some((status, after, json!({}))),
                Fault::Refused(code, message) => {
                    own =
                        Some((200, None, json!({ "error": { "code": code, "message": message } })));
                }
                Fault::Answer(result) => own = Some((200, None, json!({ "result": result }))),
                Fault::Stale(by) => rewrites.push(Arc::new(move |_: &Value, result: &mut Value| {
                    if let Some(slot) = result["context"]["slot"].as_u64() {
                        result["context"]["slot"] = json!(slot.saturating_sub(by));
                    }
                }) as Rewrite),
                Fault::Rewrite(rewrite) => rewrites.push(rewrite),
            }
        }
        let (status, after, mut answer) = match own {
            Some(own) => own,
            None => {
                let sent = client.post(upstream).json(&call).send().await;
                let Ok(response) = sent else { return };
                let Ok(mut answer) = response.json::<Value>().await else { return };
                if answer_lost {
                    return;
                }
                if answer.get("result").is_some() {
                    for rewrite in &rewrites {
                        rewrite(&call["params"], &mut answer["result"]);
                    }
                }
                (200, None, answer)
            }
        };
        answer["id"] = call["id"].clone();
        answer["jsonrpc"] = json!("2.0");
        let body = answer.to_string();
        let after = after.map_or_else(String::new, |secs| format!("retry-after: {secs}\r\n"));
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{after}content-length: {}\r\n\r\n",
            body.len(),
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The body of the next request on a connection.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
            let len = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let len: usize = len.unwrap_or("0").trim().parse().unwrap();
            if buffer.len() >= end + 4 + len {
                let body = buffer[end + 4..end + 4 + len].to_vec();
                buffer.drain(..end + 4 + len);
                return Some(body);
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// Lies about events.
pub mod events {
    use aceso::state::Audited;
    use anchor_lang::{Event as _, event::EVENT_IX_TAG_LE};
    use serde_json::Value;

    use aceso_sdk::chain::Event;

    fn of_call(call: &Value) -> Option<Audited> {
        let data = bs58::decode(call["data"].as_str()?).into_vec().ok()?;
        match Event::decode(&data)? {
            Event::Audited(audited) => Some(audited),
            _ => None,
        }
    }

    pub fn data(audited: &Audited) -> String {
        bs58::encode([EVENT_IX_TAG_LE, &audited.data()].concat()).into_string()
    }

    /// Changes each audited event of a `getTransaction` result.
    pub fn change(result: &mut Value, mut change: impl FnMut(&mut Audited)) {
        let sets = result["meta"]["innerInstructions"].as_array_mut();
        let calls = sets.into_iter().flatten().filter_map(|set| set["instructions"].as_array_mut());
        for call in calls.flatten() {
            if let Some(mut audited) = of_call(call) {
                change(&mut audited);
                call["data"] = data(&audited).into();
            }
        }
    }

    /// Adds a call to the program to itself, with this event, to a `getTransaction` result that has one already.
    pub fn invent(result: &mut Value, audited: &Audited) {
        let sets = result["meta"]["innerInstructions"].as_array_mut();
        for set in sets.into_iter().flatten() {
            let Some(calls) = set["instructions"].as_array_mut() else { continue };
            let Some(mut copy) = calls.iter().find(|call| of_call(call).is_some()).cloned() else {
                continue;
            };
            copy["data"] = data(audited).into();
            calls.push(copy);
            return;
        }
    }
}
