use std::time::Duration;

use crate::rates::Change;

/// How many finished jobs the prior is worth in the beginning.
const PRIOR_JOBS: f64 = 3.0;
/// The memory: so many seconds of work, or the time of so many jobs, whichever is more.
const MEMORY_SECONDS: f64 = 60.0;
const MEMORY_JOBS: f64 = 5.0;
/// No more jobs are remembered, so that ten thousand short ones do not hide for minutes that long ones follow.
const MOST_JOBS: f64 = 100.0;
/// No estimate is shorter than this many seconds, so that nothing divides by zero.
const SHORTEST: f64 = 1e-6;

/// How long a job takes, from the time that workers were busy and the jobs that they finished (the
/// utilisation law: busy time = jobs · service time). It needs no word of the workers about single jobs. A message that no
/// worker can do counts when the broker has given it up, with the work of all its tries.
///
/// What was measured fades as later jobs finish, and the prior with it: a wrong hint is forgotten. A time in
/// which nothing runs teaches nothing, so nothing fades in it.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTime {
    /// From an earlier life; otherwise the owner's hint holds.
    prior: Option<Duration>,
    prior_jobs: f64,
    /// Seconds of work up to the last finished job, fading.
    busy: f64,
    /// Finished jobs, fading.
    finished: f64,
    /// Seconds of work since the last finished job, and how long ago that was, idle time left out.
    open: f64,
    open_for: f64,
    /// Jobs that ran at the last sample.
    running: f64,
}

impl ServiceTime {
    pub(crate) fn new(prior: Option<Duration>) -> Self {
        Self {
            prior: prior.filter(|prior| !prior.is_zero()),
            prior_jobs: PRIOR_JOBS,
            busy: 0.0,
            finished: 0.0,
            open: 0.0,
            open_for: 0.0,
            running: 0.0,
        }
    }

    /// Seconds, above zero: what finished jobs took, or more as soon as those that run now show it.
    ///
    /// Jobs that run have on average half of their time behind them. So as long as few have finished, half
    /// of the running ones count as finished: while the first long jobs run, the estimate rises to about
    /// twice their age, and not without bound.
    pub(crate) fn seconds(&self, hint: Duration) -> f64 {
        let prior = self.prior.unwrap_or(hint).as_secs_f64();
        let jobs = self.prior_jobs + self.finished;
        let work = self.prior_jobs * prior + self.busy;
        let shown = (work + self.open) / jobs.max(self.running / 2.0);
        (work / jobs).max(shown).max(SHORTEST)
    }

    /// Takes in a change at whose end `running` jobs ran. A broker that does not count acknowledgements
    /// teaches nothing.
    pub(crate) fn update(&mut self, change: &Change, running: u64, hint: Duration) {
        let Some(left) = change.left else { return };
        self.running = running as f64;
        self.open += self.running * change.seconds;
        if running > 0 || left > 0 {
            self.open_for += change.seconds;
        }
        if left > 0 {
            let memory = MEMORY_SECONDS.max(MEMORY_JOBS * self.seconds(hint));
            let fade = (-self.open_for / memory).exp();
            self.prior_jobs *= fade;
            self.busy = self.busy * fade + self.open;
            self.finished = self.finished * fade + left as f64;
            let part = (MOST_JOBS / self.finished).min(1.0);
            self.busy *= part;
            self.finished *= part;
            self.prior_jobs *= part;
            (self.open, self.open_for) = (0.0, 0.0);
        }
    }
}
