use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{ApiError, RequestContext};

/// Clients that are remembered before those are forgotten who have not asked for long.
const REMEMBERED: usize = 1_024;

/// How often each client may do what leaves something behind: as often as an hour allows at once, and then again as the
/// hour goes by. Clients are known by their address, of which IPv6 gives a network to each. It holds for one process.
#[derive(Clone, Debug)]
pub struct ClientQuota {
    limiter: Option<Arc<Limiter>>,
}

#[derive(Debug)]
struct Limiter {
    per_hour: NonZeroU32,
    clients: DefaultKeyedRateLimiter<IpAddr>,
    /// How many clients are remembered before the next time that some are forgotten.
    forget_at: AtomicUsize,
}

impl ClientQuota {
    /// So often an hour; 0 sets no limit.
    pub fn per_hour(number: u32) -> ClientQuota {
        let limiter = NonZeroU32::new(number).map(|per_hour| {
            let clients = RateLimiter::keyed(Quota::per_hour(per_hour));
            Arc::new(Limiter { per_hour, clients, forget_at: AtomicUsize::new(REMEMBERED) })
        });
        ClientQuota { limiter }
    }

    /// How often an hour; none without a limit.
    pub fn limit(&self) -> Option<u32> {
        self.limiter.as_ref().map(|limiter| limiter.per_hour.get())
    }

    /// Counts one for whoever sent this request. What comes from within this process was counted where it came in.
    ///
    /// # Errors
    /// 429, with the time after which the client may try again.
    pub fn take(&self, context: &RequestContext) -> Result<(), ApiError> {
        let (Some(limiter), Some(client)) = (&self.limiter, context.client()) else { return Ok(()) };
        let taken = limiter.clients.check_key(&network(client));
        limiter.forget();
        taken.map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            let wait = Duration::from_secs(wait.as_secs().saturating_add(1));
            let msg = format!(
                "A client may do this {} times an hour; try again in {} s",
                limiter.per_hour,
                wait.as_secs()
            );
            ApiError::http(StatusCode::TOO_MANY_REQUESTS, msg).retry_after(wait)
        })
    }
}

impl Limiter {
    /// Forgets clients whose quota is whole again, now and then, so that they do not pile up.
    fn forget(&self) {
        if self.clients.len() > self.forget_at.load(Ordering::Relaxed) {
            self.clients.retain_recent();
            self.forget_at.store(REMEMBERED.max(2 * self.clients.len()), Ordering::Relaxed);
        }
    }
}

/// The address, or of IPv6 the network that one client has.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::Context;
    use wire::CaseId;

    use super::*;

    fn asks(client: Option<&str>) -> RequestContext {
        RequestContext::new(CaseId::fresh(), client.map(|client| client.parse().unwrap()), Context::new())
    }

    #[test]
    fn each_client_has_a_quota_of_its_own() {
        let quota = ClientQuota::per_hour(2);
        for _ in 0..2 {
            quota.take(&asks(Some("2001:db8::1"))).unwrap();
        }
        let refused = quota.take(&asks(Some("2001:db8::2"))).unwrap_err();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "it is in the same network");
        assert!(refused.detail()[0].msg.contains("2 times an hour"), "{refused}");
        for other in [Some("2001:db8:0:1::1"), Some("192.0.2.7"), None, None, None] {
            quota.take(&asks(other)).unwrap();
        }
    }

    #[test]
    fn without_a_limit_nobody_is_refused() {
        let quota = ClientQuota::per_hour(0);
        assert!((0..10_000).all(|_| quota.take(&asks(Some("192.0.2.7"))).is_ok()));
        assert_eq!(quota.limit(), None);
    }

    #[test]
    fn clients_who_have_not_asked_for_long_are_forgotten() {
        // So many an hour that each client's quota is whole again at once.
        let quota = ClientQuota::per_hour(u32::MAX);
        for client in 0..10 * u32::try_from(REMEMBERED).unwrap() {
            quota.take(&asks(Some(&IpAddr::from(client.to_be_bytes()).to_string()))).unwrap();
        }
        let remembered = quota.limiter.unwrap().clients.len();
        assert!(remembered <= 2 * REMEMBERED, "{remembered}");
    }
}
