use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderValue, Uri, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use hyper::body::Body as _;
use parking_lot::Mutex;
use tokio::task::yield_now;
use tower::ServiceExt;
use wire::GATEWAY_HEALTH;

use super::{
    fair_queue::{Client, FairQueue, Places},
    refusals::{Excess, Refusals},
};
use crate::{
    ApiError, ServeArgs, ServiceContext,
    middleware::{Network, answer_in_shape, client_address},
};

/// Bytes of a request for which it takes another place: who asks for a hundred people causes the work of several.
const BYTES_PER_PLACE: u64 = 512;
/// Requests that may wait. They cost memory only; what limits them is the time.
const MOST_WAITING: usize = 4_096;

/// Decides which of the requests that arrive at the API's port are worked on. Requests from within the process belong to
/// one that was let in already.
pub(crate) struct Admission {
    requests: FairQueue,
    /// Places of a KiB each.
    bodies: FairQueue,
    trusted_proxies: Vec<Network>,
    refusals: Refusals,
    refusing: Router,
}

impl Admission {
    /// For the port of `service`; `refusing` answers what is not let in.
    pub(crate) fn new(args: &ServeArgs, service: &ServiceContext, refusing: Router) -> Admission {
        let limits = &args.limits;
        let waiting = service.refusals.waiting();
        Admission {
            requests: FairQueue::new(limits.max_requests, limits.max_wait(), MOST_WAITING, waiting.clone()),
            bodies: FairQueue::new(limits.max_bodies_kib, limits.max_wait(), 0, waiting),
            trusted_proxies: args.trusted_proxies.clone(),
            refusals: service.refusals.clone(),
            refusing,
        }
    }

    async fn refuse(&self, mut request: Request, excess: Excess) -> Response {
        request.extensions_mut().insert(excess);
        answer(self.refusing.clone(), request).await
    }
}

async fn answer(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Answers every request with the refusal that is in its extensions, an [`Excess`].
pub(crate) fn refusing(refusals: Refusals) -> Router {
    let answer = async move |Extension(excess): Extension<Excess>| {
        let mut response = refusals.refuse(excess).into_response();
        if excess == Excess::Connections {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    };
    let in_shape = async |request: Request, next: Next| {
        answer_in_shape(request, async |request| next.run(request).await).await
    };
    Router::new().fallback(answer).layer(from_fn(in_shape))
}

/// Lets a request in when it is its turn. One with a body has its turn when the body has arrived, so that slow clients
/// keep nobody else waiting; see [`BodyAdmission`].
pub(crate) async fn admit(admission: Arc<Admission>, mut request: Request, router: Router) -> Response {
    if is_about_health(request.uri()) {
        return answer(router, request).await;
    }
    let client = client_address(&request, &admission.trusted_proxies);
    let weight = weight(request.uri(), 0);
    if request.body().is_end_stream() {
        return match admission.requests.enter(client, weight).await {
            Some(_places) => {
                if weight > 1 {
                    // Others come in between; a large request that waits for nothing would never be seen as under way.
                    yield_now().await;
                }
                answer(router, request).await
            }
            None => admission.refuse(request, Excess::Requests).await,
        };
    }
    let admitted = BodyAdmission(Arc::new(Pending { admission, client, weight, held: Mutex::default() }));
    request.extensions_mut().insert(admitted.clone());
    let response = answer(router, request).await;
    admitted.leave();
    response
}

/// What has to be answered when there is most to do, and costs little.
fn is_about_health(uri: &Uri) -> bool {
    let path = uri.path();
    path == GATEWAY_HEALTH
        || path.strip_suffix(GATEWAY_HEALTH).is_some_and(|prefix| prefix.rfind('/') == Some(0))
}

fn weight(uri: &Uri, body: usize) -> u32 {
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    let places = 1 + u64::try_from(target + body).unwrap_or(u64::MAX) / BYTES_PER_PLACE;
    u32::try_from(places).unwrap_or(u32::MAX)
}

/// Goes along with a request that has a body, until it is read.
#[derive(Clone)]
pub(crate) struct BodyAdmission(Arc<Pending>);

struct Pending {
    admission: Arc<Admission>,
    client: Client,
    weight: u32,
    held: Mutex<Vec<Places>>,
}

impl BodyAdmission {
    /// Asks for room for a body of so many bytes.
    ///
    /// # Errors
    /// 503 when there is none.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<(), ApiError> {
        let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        let room = self.0.admission.bodies.try_enter(self.0.client, kib.max(1));
        self.hold(room.ok_or_else(|| self.0.admission.refusals.refuse(Excess::Bodies))?);
        Ok(())
    }

    /// Waits for the request's turn, now that its body of so many bytes is there.
    ///
    /// # Errors
    /// 503 when there are too many requests.
    pub(crate) async fn enter(&self, bytes: usize) -> Result<(), ApiError> {
        let Pending { admission, client, weight, .. } = self.0.as_ref();
        let more =
            u32::try_from(u64::try_from(bytes).unwrap_or(u64::MAX) / BYTES_PER_PLACE).unwrap_or(u32::MAX);
        let places = admission.requests.enter(*client, weight.saturating_add(more)).await;
        self.hold(places.ok_or_else(|| admission.refusals.refuse(Excess::Requests))?);
        Ok(())
    }

    fn hold(&self, places: Places) {
        self.0.held.lock().push(places);
    }

    fn leave(&self) {
        let held = std::mem::take(&mut *self.0.held.lock());
        drop(held);
    }
}
