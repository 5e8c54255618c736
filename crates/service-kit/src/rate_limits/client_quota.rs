use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use axum::http::StatusCode;

use super::{
    Allowances,
    allowances::{Limit, Taken},
};
use crate::{ApiError, RequestContext};

const HOUR: Duration = Duration::from_secs(3_600);

/// How often each client may do what leaves something behind, in each hour.
#[derive(Clone)]
pub struct ClientQuota {
    allowances: Allowances,
    limit: Limit,
}

impl ClientQuota {
    /// So often an hour; 0 sets no limit. `name` tells it from other limits.
    pub fn per_hour(allowances: Allowances, name: &'static str, number: u32) -> ClientQuota {
        allowances.count_refusals(name);
        ClientQuota { allowances, limit: Limit { name, units: number, window: HOUR } }
    }

    /// How often an hour; none without a limit.
    pub fn limit(&self) -> Option<u32> {
        Some(self.limit.units).filter(|units| *units > 0)
    }

    /// Counts one for whoever sent this request. What comes from within this process was counted where it came in.
    ///
    /// # Errors
    /// 429, with the time after which the client may try again.
    pub async fn take(&self, context: &RequestContext) -> Result<(), ApiError> {
        let (Some(limit), Some(client)) = (self.limit(), context.client()) else { return Ok(()) };
        let taken = self.allowances.take(context, self.limit, &network(client), 1).await;
        match taken.is_allowed {
            true => Ok(()),
            false => Err(refused(&taken, &format!("A client may do this {limit} times an hour"))),
        }
    }
}

/// The answer to whoever has used up an allowance, of which `rule` tells.
pub(super) fn refused(taken: &Taken, rule: &str) -> ApiError {
    let wait = Duration::from_secs(seconds_until_next(taken));
    let msg = format!("{rule}; try again in {} s", wait.as_secs());
    ApiError::http(StatusCode::TOO_MANY_REQUESTS, msg).retry_after(wait)
}

pub(super) fn seconds_until_next(taken: &Taken) -> u64 {
    taken.until_next.as_secs().saturating_add(1)
}

/// The address, or of IPv6 the network that one client has.
pub(super) fn network(client: IpAddr) -> String {
    match client {
        IpAddr::V4(_) => client.to_string(),
        IpAddr::V6(address) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}
