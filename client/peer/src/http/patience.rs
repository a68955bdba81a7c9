//! A connection that is let go when the other side takes nothing for too long. Without it, a few hundred clients that ask and
//! do not read would shut everybody else out.
//!
//! Only writes are judged here. Who is slow to send a head is let go by hyper's own timer, who is slow to send a body by
//! [`arriving`]; and while this daemon itself takes its time (a disk, the chain), nobody is to blame.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

pub struct Patient<T> {
    inner: T,
    idle: Duration,
    until: Pin<Box<Sleep>>,
    /// Whether the deadline is of the wait that goes on.
    waiting: bool,
}

impl<T> Patient<T> {
    pub fn new(inner: T, idle: Duration) -> Self {
        Self { inner, idle, until: Box::pin(sleep_until(Instant::now() + idle)), waiting: false }
    }

    /// Bytes that move set the clock back; waiting starts it.
    fn judge<R>(
        &mut self,
        cx: &mut Context<'_>,
        progress: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if progress.is_ready() {
            self.waiting = false;
            return progress;
        }
        if !self.waiting {
            self.waiting = true;
            let end = Instant::now() + self.idle;
            self.until.as_mut().reset(end);
        }
        match self.until.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judge(cx, progress)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judge(cx, progress)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A body whose pieces must not be longer apart than that.
pub fn arriving<S, E>(
    body: S,
    idle: Duration,
) -> impl Stream<Item = Result<Bytes, String>> + Unpin + Send
where
    S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
    E: std::fmt::Display,
{
    Box::pin(stream::try_unfold(body, move |mut body| async move {
        match tokio::time::timeout(idle, body.next()).await {
            Ok(Some(Ok(piece))) => Ok(Some((piece, body))),
            Ok(Some(Err(error))) => Err(error.to_string()),
            Ok(None) => Ok(None),
            Err(_) => Err(format!("nothing came for {} s", idle.as_secs())),
        }
    }))
}
