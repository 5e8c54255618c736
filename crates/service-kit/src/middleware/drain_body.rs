//! A connection that is closed while bytes wait to be read is reset, and a reply that is still on its way is lost with
//! it. So whatever a handler leaves unread of a request's body is read and thrown away before the reply goes out, within
//! limits.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

/// Most bytes that are read in vain; behind more of them the connection is given up.
const MOST_BYTES: usize = 16 * 1024 * 1024;
const MOST_TIME: Duration = Duration::from_secs(1);

/// Reads what is left of the body. Where that is too much, the client is told that the connection ends with this reply.
pub(super) async fn drain_body(
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    if request.body().is_end_stream() {
        return next(request).await;
    }
    // Who waits for leave to send the body has not sent it, and does not when the reply comes first.
    let awaits_leave = request.headers().contains_key(header::EXPECT);
    let progress = BodyProgress::default();
    request.extensions_mut().insert(progress.clone());
    let request = request.map(|body| Body::new(TrackedBody { body, progress: progress.clone() }));
    let mut response = next(request).await;
    let left = progress.0.lock().rest.take();
    if let Some(mut body) = left
        && !awaits_leave
        && timeout(MOST_TIME, read_to_end(&mut body)).await != Ok(true)
    {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the end came before the limit.
async fn read_to_end(body: &mut Body) -> bool {
    let mut left = MOST_BYTES;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let Ok(frame) = frame else { return false };
        let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return false };
        left = less;
    }
    true
}

/// How far a handler has read a request's body. Clones are about the same body.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyProgress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Since when the handler waits for the client to send more.
    waiting: Option<Instant>,
    /// What it waited before that.
    waited: Duration,
    rest: Option<Body>,
}

impl BodyProgress {
    /// Whether the handler waits for the client to send more.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.0.lock().waiting.is_some()
    }

    /// How long it has waited for that in all.
    pub(crate) fn waited(&self) -> Duration {
        let state = self.0.lock();
        state.waited + state.waiting.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// A body that reports its progress, and leaves there what was not read of it.
struct TrackedBody {
    body: Body,
    progress: BodyProgress,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let mut state = self.progress.0.lock();
        if polled.is_pending() {
            state.waiting.get_or_insert_with(Instant::now);
        } else if let Some(since) = state.waiting.take() {
            state.waited += since.elapsed();
        }
        drop(state);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for TrackedBody {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            let body = std::mem::take(&mut self.body);
            self.progress.0.lock().rest = Some(body);
        }
    }
}
