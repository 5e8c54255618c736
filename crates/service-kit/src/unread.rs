//! What a handler leaves unread of a request's body.
//!
//! A connection that is closed while bytes wait to be read is reset, and a reply that is still on its way is lost with
//! it. So whatever the handler did not want is read and thrown away before the reply goes out, within limits.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
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
use tokio::time::timeout;

/// Most bytes that are read in vain; behind more of them the connection is given up.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Longest time for that.
const MOST_TIME: Duration = Duration::from_secs(1);

/// Where a handler's body goes when the handler is done with it.
#[derive(Debug)]
pub(crate) struct Unread(Option<Arc<Mutex<Option<Body>>>>);

impl Unread {
    /// The same request with a body that comes back here.
    pub(crate) fn watch(request: Request) -> (Request, Unread) {
        // Who waits for leave to send the body has not sent it, and does not when the reply comes first.
        if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
            return (request, Unread(None));
        }
        let back = Arc::default();
        let lend = |body| Body::new(Lent { body, back: Arc::clone(&back) });
        (request.map(lend), Unread(Some(back)))
    }

    /// Reads what is left. Where that is too much, the client is told that the connection ends with this reply.
    pub(crate) async fn finish(self, response: &mut Response) {
        let Some(lent) = self.0 else { return };
        let Some(mut body) = lent.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if timeout(MOST_TIME, read_to_end(&mut body)).await != Ok(true) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
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

/// A body that goes back when it is dropped.
struct Lent {
    body: Body,
    back: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.body.is_end_stream() {
            let body = std::mem::take(&mut self.body);
            *self.back.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
