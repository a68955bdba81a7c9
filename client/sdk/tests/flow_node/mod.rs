//! A node that lies: what the honest one says passes through here and is changed on the way.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::sync::{Arc, Mutex};

use aceso::event::Audited;
use aceso_sdk::chain::{Cluster, Event, Pubkey, address};
use anchor_lang::{Event as _, event::EVENT_IX_TAG_LE};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Changes the result of a call, told its method and parameters.
type Lie = Box<dyn Fn(&str, &Value, &mut Value) + Send + Sync>;

/// A proxy in front of a node.
pub struct Hostile {
    url: String,
    lie: Arc<Mutex<Arc<Lie>>>,
}

impl Hostile {
    /// Honest, until it is told to lie.
    pub async fn before(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let honest: Lie = Box::new(|_, _, _| {});
        let lie = Arc::new(Mutex::new(Arc::new(honest)));
        let (node, current) = (node.to_owned(), lie.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, node.clone(), current.clone()));
            }
        });
        Self { url, lie }
    }

    pub fn cluster(&self) -> Cluster {
        self.url.parse().unwrap()
    }

    /// From now on.
    pub fn lie(&self, lie: impl Fn(&str, &Value, &mut Value) + Send + Sync + 'static) {
        *self.lie.lock().unwrap() = Arc::new(Box::new(lie));
    }

    /// Changes the list of signatures, newest first.
    pub fn lie_about_signatures(&self, change: impl Fn(&mut Vec<Value>) + Send + Sync + 'static) {
        self.lie(move |method, _, result| {
            if method == "getSignaturesForAddress" {
                change(result.as_array_mut().unwrap());
            }
        });
    }

    /// Changes the entries that transactions carry; what is left out of the list is dropped, what is added is invented.
    pub fn lie_about_entries(&self, change: impl Fn(&mut Vec<Audited>) + Send + Sync + 'static) {
        self.lie(move |method, _, result| {
            if method == "getTransaction" {
                rewrite_entries(result, &change);
            }
        });
    }
}

async fn serve(mut stream: TcpStream, node: String, lie: Arc<Mutex<Arc<Lie>>>) {
    let client = reqwest::Client::new();
    while let Some(body) = read_request(&mut stream).await {
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let request = client.post(&node).header("content-type", "application/json").body(body);
        let Ok(answer) = request.send().await else { return };
        let Ok(bytes) = answer.bytes().await else { return };
        let mut answer: Value = serde_json::from_slice(&bytes).unwrap();
        let lie = lie.lock().unwrap().clone();
        if let Some(result) = answer.get_mut("result") {
            lie(asked["method"].as_str().unwrap_or_default(), &asked["params"], result);
        }
        let body = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let len =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())?;
    let mut body = vec![0; len];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// Takes the program's audit events out of a transaction and puts the changed ones in.
pub fn rewrite_entries(transaction: &mut Value, change: &impl Fn(&mut Vec<Audited>)) {
    if transaction.is_null() {
        return;
    }
    let keys = transaction["transaction"]["message"]["accountKeys"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let loaded = &transaction["meta"]["loadedAddresses"];
    let place = |key: Pubkey| {
        let all = keys.iter().chain(loaded["writable"].as_array().into_iter().flatten());
        let mut all = all.chain(loaded["readonly"].as_array().into_iter().flatten());
        all.position(|found| found.as_str() == Some(&key.to_string()))
    };
    let (Some(program), Some(authority)) =
        (place(address::PROGRAM), place(address::event_authority()))
    else {
        return;
    };
    let mut events: Vec<Audited> = Event::of_transaction(transaction)
        .into_iter()
        .filter_map(|event| match event {
            Event::Audited(audited) => Some(audited),
            _ => None,
        })
        .collect();
    change(&mut events);
    let calls: Vec<Value> = events
        .iter()
        .map(|event| {
            let data = bs58::encode([EVENT_IX_TAG_LE, &event.data()].concat()).into_string();
            serde_json::json!({ "programIdIndex": program, "accounts": [authority], "data": data, "stackHeight": 2 })
        })
        .collect();
    transaction["meta"]["innerInstructions"] =
        serde_json::json!([{ "index": 0, "instructions": calls }]);
}

/// Changes accounts of one address in answers about accounts, as base64 data.
pub fn change_account(
    result: &mut Value,
    params: &Value,
    at: &Pubkey,
    change: impl Fn(&mut Vec<u8>),
) {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let Some(asked) = params[0].as_array() else { return };
    for (index, key) in asked.iter().enumerate() {
        if key.as_str() != Some(&at.to_string()) {
            continue;
        }
        let account = &mut result["value"][index];
        if let Some(text) = account["data"][0].as_str() {
            let mut data = BASE64_STANDARD.decode(text).unwrap();
            change(&mut data);
            account["data"][0] = BASE64_STANDARD.encode(data).into();
        }
    }
}
