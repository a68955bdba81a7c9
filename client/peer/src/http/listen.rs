//! The accept loop: TLS or not, with a limit on connections and patience for none of them without end.

use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

use super::patience::Patient;

/// Longest request head, with its target.
const HEAD_LEN: usize = 16 << 10;
/// What is under way when the daemon is told to stop gets this long.
const FAREWELL: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: usize,
    pub idle: Duration,
}

/// A server that runs.
pub struct Listening {
    pub address: SocketAddr,
    pub done: tokio::task::JoinHandle<()>,
}

/// Serves until `stop` ends, then finishes what is under way.
pub fn listen(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<rustls::ServerConfig>>,
    limits: Limits,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<Listening> {
    let address = listener.local_addr()?;
    let tls = tls.map(TlsAcceptor::from);
    let done = tokio::spawn(accept(listener, router, tls, limits, stop));
    Ok(Listening { address, done })
}

async fn accept(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = Arc::new(GracefulShutdown::new());
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let socket = match accepted {
            Ok((socket, _)) => socket,
            Err(error) => {
                // Out of file descriptors, mostly: some will be free again in a moment.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Above the limit a connection is closed at once: better a clear no than a queue without end.
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let (router, tls, watcher) = (router.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            serve(socket, router, tls, limits, watcher).await;
        });
    }
    drop(listener);
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
    }
}

async fn serve(
    socket: TcpStream,
    router: Router,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = socket.set_nodelay(true);
    let socket = Patient::new(socket, limits.idle);
    match tls {
        None => converse(socket, router, limits, watcher).await,
        Some(tls) => match tokio::time::timeout(limits.idle, tls.accept(socket)).await {
            Ok(Ok(socket)) => converse(socket, router, limits, watcher).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
    }
}

async fn converse(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    limits: Limits,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|e| match e {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(HEAD_LEN.max(512 << 10))
        .serve_connection(TokioIo::new(socket), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended");
    }
}
