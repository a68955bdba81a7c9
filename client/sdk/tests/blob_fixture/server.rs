use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aceso_format::address::{AddressBuilder, BlobAddress, Cid, Codec};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does instead of answering honestly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// One bit of every block is turned.
    WrongByte,
    /// Another block of the same length.
    OtherBlock,
    /// Half of the body that was announced, then the connection is closed.
    Cut,
    /// A whole answer of half of the block.
    Half,
    /// A body that never ends.
    Endless,
    /// Nothing at all.
    Silence,
    /// One byte a second.
    Trickle,
    Status(u16),
    Redirect(String),
    /// Not HTTP.
    Noise,
    /// `add` answers with this CID.
    AddAs(String),
    /// Honest for this many blocks, then wrong.
    WrongAfter(usize),
}

/// Real blocks, behind `/ipfs/{cid}?format=raw` and Kubo's RPC paths, with a fault in front of
/// them.
#[derive(Clone)]
pub struct Server {
    pub url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    blocks: HashMap<String, Vec<u8>>,
    fault: Fault,
    requests: Vec<String>,
    served: usize,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state =
            State { blocks: HashMap::new(), fault: Fault::None, requests: Vec::new(), served: 0 };
        let state = Arc::new(Mutex::new(state));
        let server = Self { url, state: state.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        server
    }

    /// Splits a blob into blocks and serves them.
    pub fn add(&self, blob: &[u8]) -> BlobAddress {
        let mut state = self.state.lock().unwrap();
        let mut builder = AddressBuilder::new();
        let mut nodes = Vec::new();
        builder.push(blob, |node| nodes.push(node));
        let address = builder.finish(|node| nodes.push(node));
        let leaves = if blob.is_empty() { vec![blob] } else { blob.chunks(1 << 20).collect() };
        for leaf in leaves {
            state.blocks.insert(Cid::of(Codec::Raw, leaf).text(), leaf.to_vec());
        }
        for node in nodes {
            state.blocks.insert(node.cid.text(), node.bytes);
        }
        address
    }

    pub fn fail(&self, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        state.fault = fault;
        state.served = 0;
    }

    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    while let Some((line, body)) = read_request(&mut stream).await {
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (fault, block) = {
            let mut state = state.lock().unwrap();
            state.requests.push(format!("{method} {target}"));
            let cid = match path.strip_prefix("/ipfs/") {
                Some(cid) => cid,
                None => query.split('&').find_map(|q| q.strip_prefix("arg=")).unwrap_or_default(),
            };
            state.served += 1;
            (state.fault.clone(), state.blocks.get(cid).cloned())
        };
        let done = match path {
            "/api/v0/add" if body => match &fault {
                Fault::AddAs(cid) => {
                    answer(
                        &mut stream,
                        200,
                        format!("{{\"Name\":\"blob\",\"Hash\":\"{cid}\"}}").as_bytes(),
                    )
                    .await
                }
                fault => misbehave(&mut stream, fault, 0, b"{}").await,
            },
            "/api/v0/pin/rm" => answer(&mut stream, 200, b"{}").await,
            _ => match block {
                None => answer(&mut stream, 404, b"{\"Message\":\"block not found\"}").await,
                Some(_) if method == "HEAD" => answer_head(&mut stream).await,
                Some(block) => {
                    let served = state.lock().unwrap().served;
                    misbehave(&mut stream, &fault, served, &block).await
                }
            },
        };
        if done.is_err() {
            return;
        }
    }
}

/// Reads one request; true when it had a body, which is thrown away.
async fn read_request(stream: &mut TcpStream) -> Option<(String, bool)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    if chunked {
        let mut last = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        while !last.ends_with(b"\r\n0\r\n\r\n") {
            let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
            last.extend_from_slice(&buffer[..read]);
            last.drain(..last.len().saturating_sub(16));
        }
    }
    Some((head.lines().next()?.to_owned(), chunked))
}

async fn misbehave(
    stream: &mut TcpStream,
    fault: &Fault,
    served: usize,
    block: &[u8],
) -> std::io::Result<()> {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionAborted);
    let head =
        |len: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n").into_bytes();
    let mut wrong = block.to_vec();
    if let Some(byte) = wrong.last_mut() {
        *byte ^= 1;
    }
    match fault {
        Fault::None | Fault::AddAs(_) => answer(stream, 200, block).await,
        Fault::WrongByte => answer(stream, 200, &wrong).await,
        Fault::WrongAfter(honest) => {
            answer(stream, 200, if served > *honest { &wrong } else { block }).await
        }
        Fault::OtherBlock => answer(stream, 200, &vec![7; block.len()]).await,
        Fault::Half => answer(stream, 200, &block[..block.len() / 2]).await,
        Fault::Status(status) => {
            answer(stream, *status, b"{\"Message\":\"out of order\x1b[2J\"}").await
        }
        Fault::Redirect(to) => {
            let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await
        }
        Fault::Cut => {
            stream.write_all(&head(block.len())).await?;
            stream.write_all(&block[..block.len() / 2]).await?;
            Err(broken())
        }
        Fault::Endless => {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.raw\r\n\r\n")
                .await?;
            loop {
                stream.write_all(&[0; 1 << 16]).await?;
            }
        }
        Fault::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Err(broken())
        }
        Fault::Trickle => {
            stream.write_all(&head(block.len())).await?;
            for byte in block {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
        Fault::Noise => {
            stream
                .write_all(b"\x00\x01\x02 this is not the protocol you are looking for\r\n\r\n")
                .await?;
            Err(broken())
        }
    }
}

async fn answer(stream: &mut TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await
}

async fn answer_head(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await
}
