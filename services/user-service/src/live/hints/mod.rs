#[cfg(feature = "distributed")]
mod redis;

use std::fmt;

use service_kit::ServiceContext;

use super::Live;
use crate::polls::PublicId;
#[cfg(feature = "distributed")]
use crate::redis_servers::RedisServers;

/// How replicas tell each other of changes.
pub(crate) enum Hints {
    /// There are no others, or no way to tell them: those who listen there hear of it at the next heartbeat.
    Alone,
    /// By a Redis.
    #[cfg(feature = "distributed")]
    Redis(Box<redis::RedisHints>),
}

impl Hints {
    #[cfg(feature = "distributed")]
    pub(crate) fn by_redis(servers: RedisServers) -> Hints {
        Hints::Redis(Box::new(redis::RedisHints::new(servers)))
    }

    #[cfg_attr(not(feature = "distributed"), expect(unused_variables, reason = "nobody is told"))]
    pub(super) fn send(&self, poll: &PublicId) {
        match self {
            Hints::Alone => (),
            #[cfg(feature = "distributed")]
            Hints::Redis(hints) => hints.send(poll),
        }
    }

    #[cfg_attr(
        not(feature = "distributed"),
        expect(unused_variables, reason = "there is nobody to listen to")
    )]
    pub(super) fn listen(&self, service: &ServiceContext, live: Live) {
        match self {
            Hints::Alone => (),
            #[cfg(feature = "distributed")]
            Hints::Redis(hints) => hints.listen(service, live),
        }
    }
}

impl fmt::Debug for Hints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hints::Alone => "Alone",
            #[cfg(feature = "distributed")]
            Hints::Redis(_) => "Redis",
        })
    }
}
