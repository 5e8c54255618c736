//! What a scaler would need that knew all messages beforehand.

use std::time::Duration;

use crate::load::{Job, Load};

/// Tries of a message that no worker can do, until the broker gives it up.
const TRIES: u32 = 20;
/// The time is cut into steps of this length, or of a tenth of a job where jobs are long.
const STEP: f64 = 5.0;
/// Units of work that one worker does in a step.
const UNITS: usize = 5;
/// Cost of a unit of work that is late although all workers work: more than any number of workers costs.
const LATE: f64 = 1e6;

/// The fewest replica-seconds with which each message of a load can be begun within `limit`, with at most `max_replicas`
/// workers that take `startup` to start.
///
/// The work that is left and the workers that there are make a state; the cost of the best way from each state to the end
/// is computed backwards, from the last step to the first (dynamic programming; Bellman 1957). Work counts as a fluid that
/// is done in the order in which it came, and as if all of a step came at its end. Each worker may besides be in the midst
/// of a job. Workers start in advance, so that they are there when they are wanted, and their start costs. Never less than
/// all the work that there is, to which mails and messages that no worker can do belong too; for those nobody waits.
pub fn least(load: &Load, limit: Duration, startup: Duration, max_replicas: u32) -> f64 {
    let good = || load.jobs.iter().filter(|job| !job.poison && !job.mail);
    let mean = good().map(|job| job.service.as_secs_f64()).sum::<f64>() / good().count().max(1) as f64;
    let step = STEP.max(mean / 10.0);
    let unit = step / UNITS as f64;
    let steps = (load.length.as_secs_f64() / step).ceil() as usize;
    let arrivals = arrivals(good(), step, unit, steps);
    let within = (limit.as_secs_f64() / step).ceil() as usize;
    let running = (mean / unit).ceil() as usize;
    let workers = max_replicas as usize;
    // Work that may be left after a step: what came within the limit.
    let allowed: Vec<usize> =
        (0..steps).map(|end| arrivals[(end + 1).saturating_sub(within)..=end].iter().sum()).collect();
    let most = allowed.iter().max().copied().unwrap_or_default() + workers * running;
    let row = workers + 1;
    let mut after = vec![0.0; (most + 1) * row];
    let mut now = after.clone();
    let mut costs = vec![0.0; row];
    for time in (0..steps).rev() {
        for left in 0..=most {
            for (number, cost) in costs.iter_mut().enumerate() {
                let then = (left + arrivals[time]).saturating_sub(number * UNITS);
                let late = then.saturating_sub(allowed[time] + number * running);
                let then = then.min(most);
                *cost = number as f64 * step + late as f64 * LATE + after[then * row + number];
            }
            cheapest_steps(&costs, startup.as_secs_f64(), &mut now[left * row..(left + 1) * row]);
        }
        std::mem::swap(&mut now, &mut after);
    }
    let work: f64 = load.jobs.iter().map(work).sum();
    // From no work and no worker; lateness that nobody could avoid is no cost of workers.
    (after[0] % LATE).max(work)
}

/// For each number of workers the cheapest next number: fewer cost nothing to reach, each one more a start.
fn cheapest_steps(costs: &[f64], start: f64, best: &mut [f64]) {
    let mut more = f64::INFINITY;
    for number in (0..costs.len()).rev() {
        more = costs[number].min(more + start);
        best[number] = more;
    }
    let mut fewer = f64::INFINITY;
    for number in 0..costs.len() {
        fewer = costs[number].min(fewer);
        best[number] = best[number].min(fewer);
    }
}

/// Units of work that come in each step, rounded so that none gets lost.
fn arrivals<'a>(jobs: impl Iterator<Item = &'a Job>, step: f64, unit: f64, steps: usize) -> Vec<usize> {
    let mut exact = vec![0.0; steps];
    for job in jobs {
        let place = (job.published.as_secs_f64() / step) as usize;
        exact[place.min(steps - 1)] += job.service.as_secs_f64() / unit;
    }
    let mut told = 0.0_f64;
    let mut sum = 0.0_f64;
    exact
        .into_iter()
        .map(|work| {
            sum += work;
            let whole = (sum - told).floor();
            told += whole;
            whole as usize
        })
        .collect()
}

fn work(job: &Job) -> f64 {
    let tries = if job.poison { TRIES } else { 1 };
    job.service.as_secs_f64() * f64::from(tries)
}
