use std::{num::NonZeroU32, thread, time::Duration};

use clap::Args;

/// How much is taken on at a time; what is more is refused with 503 before it costs anything.
#[derive(Args, Clone, Debug)]
pub struct LimitArgs {
    /// Most connections to the API; fewer where the process may not open so many files. Requests by further ones are refused.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 1_024, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "NUMBER")]
    pub max_connections: u32,

    /// Most requests that are worked on at a time. A large one counts for several: one more for each 512 bytes of its path, query and body.
    #[arg(long, env = "MAX_REQUESTS", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "NUMBER")]
    pub max_requests: u32,

    /// Longest wait of a request for its turn; then it is refused.
    #[arg(long, env = "MAX_WAIT_MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(0..=10_000), value_name = "MILLISECONDS")]
    pub max_wait_ms: u64,

    /// Most KiB of bodies that are in memory at a time, whether or not they have arrived to their end.
    #[arg(long, env = "MAX_BODIES_KIB", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(64..=1_048_576), value_name = "KIB")]
    pub max_bodies_kib: u32,

    /// Threads for long computations, beside those that serve. Without it, one for each processor but one.
    #[arg(long, env = "COMPUTE_THREADS", value_name = "THREADS")]
    pub compute_threads: Option<NonZeroU32>,

    /// Most computations that wait for such a thread; requests that need a further one are refused.
    #[arg(long, env = "COMPUTE_QUEUE", default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=10_000), value_name = "NUMBER")]
    pub compute_queue: u32,
}

impl LimitArgs {
    pub(crate) fn max_wait(&self) -> Duration {
        Duration::from_millis(self.max_wait_ms)
    }

    pub(crate) fn compute_threads(&self) -> usize {
        match self.compute_threads {
            Some(threads) => usize::try_from(threads.get()).unwrap_or(usize::MAX),
            None => thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)),
        }
    }
}
