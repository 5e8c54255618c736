//! One draw from a trace: single messages with their times.

use std::ops::Range;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Poisson};

use crate::trace::Trace;

/// A message and the job that it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Time since the start.
    pub published: Duration,
    /// How long a worker needs for it.
    pub service: Duration,
    /// It fails and is given back each time.
    pub poison: bool,
    /// Nobody waits for it: it is published with a lower priority, and its wait does not count.
    pub mail: bool,
}

/// The messages of one run, and when the broker's answers are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// By time of publication.
    pub jobs: Vec<Job>,
    /// The run ends here.
    pub length: Duration,
    /// As in [`Trace::outages`].
    pub outages: Vec<Range<Duration>>,
}

impl Load {
    /// Draws the messages of a trace; the same seed gives the same messages.
    pub fn draw(trace: &Trace, seed: u64) -> Load {
        let mut random = StdRng::seed_from_u64(seed);
        let mut jobs = Vec::new();
        for (start, second) in (0..).zip(&trace.seconds) {
            let start = Duration::from_secs(start);
            let good = if trace.exact { second.publishes } else { poisson(second.publishes, &mut random) };
            for _ in 0..good as u64 {
                let published = start + moment(&mut random);
                let service = service(second.service, trace.spread, &mut random);
                jobs.push(Job { published, service, poison: false, mail: false });
            }
            for _ in 0..poisson(second.poison, &mut random) as u64 {
                let published = start + moment(&mut random);
                jobs.push(Job { published, service: Trace::FAILS_AFTER, poison: true, mail: false });
            }
            for _ in 0..poisson(second.mails, &mut random) as u64 {
                let published = start + moment(&mut random);
                jobs.push(Job { published, service: Trace::MAIL, poison: false, mail: true });
            }
        }
        jobs.sort_by_key(|job| job.published);
        Load { jobs, length: trace.length(), outages: trace.outages.clone() }
    }
}

fn poisson(mean: f64, random: &mut StdRng) -> f64 {
    // A mean of zero is no distribution to the library.
    Poisson::new(mean).map_or(0.0, |numbers| numbers.sample(random))
}

/// Somewhere within a second.
fn moment(random: &mut StdRng) -> Duration {
    Duration::from_secs_f64(random.random())
}

fn service(mean: Duration, spread: f64, random: &mut StdRng) -> Duration {
    let mean = mean.as_secs_f64();
    let drawn = LogNormal::from_mean_cv(mean, spread).map_or(mean, |times| times.sample(random));
    Duration::from_secs_f64(drawn)
}
