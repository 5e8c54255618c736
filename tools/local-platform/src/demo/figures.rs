use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::jobs::Job;
use crate::event::Event;

/// What a run has come to. Times are from the first job that was posted.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub jobs: u32,
    /// When the last one was.
    pub posted: Duration,
    /// When the first worker took jobs.
    pub first_worker: Option<Duration>,
    pub most_workers: usize,
    pub longest_wait: Duration,
    /// Half of the jobs waited no longer.
    pub median_wait: Duration,
    /// When the last worker had left.
    pub gone: Duration,
    /// Jobs without success.
    pub lost: usize,
    pub begun_again: usize,
    /// How often a job was computed, all of them together.
    pub computed: usize,
    pub mails: u32,
    /// Mails that were sent.
    pub sent: usize,
    /// Mails that were sent more than once.
    pub sent_again: usize,
}

/// What happens to the workers, with its times.
pub(super) struct Timeline {
    begin: Instant,
    posted: Duration,
    first_worker: Option<Duration>,
    /// Those that have not ended.
    living: BTreeSet<String>,
    most_workers: usize,
    /// What the latest decision was to have.
    desired: u32,
    last_end: Duration,
}

impl Timeline {
    pub(super) fn begin(begin: Instant) -> Timeline {
        let none = Duration::ZERO;
        Timeline {
            begin,
            posted: none,
            first_worker: None,
            living: BTreeSet::new(),
            most_workers: 0,
            desired: 0,
            last_end: none,
        }
    }

    pub(super) fn posted(&mut self) {
        self.posted = self.begin.elapsed();
    }

    /// Takes over an event, and gives its time.
    pub(super) fn note(&mut self, event: &Event) -> Duration {
        let now = self.begin.elapsed();
        match event {
            Event::Decided { decision, .. } => self.desired = decision.desired,
            Event::Ready { name, .. } => {
                self.first_worker.get_or_insert(now);
                self.living.insert(name.clone());
                self.most_workers = self.most_workers.max(self.living.len());
            }
            Event::Left { name, .. } | Event::Died { name } => {
                self.living.remove(name);
                self.last_end = now;
            }
            Event::Leaving { .. } | Event::NotStarted { .. } => (),
        }
        now
    }

    /// Whether there were workers, and none is left or wanted.
    pub(super) fn all_have_left(&self) -> bool {
        self.first_worker.is_some() && self.living.is_empty() && self.desired == 0
    }

    pub(super) fn figures(&self, posted: u32, jobs: &[Job], computed: usize) -> Figures {
        let mut waits: Vec<Duration> = jobs.iter().filter_map(Job::wait).collect();
        waits.sort();
        let succeeded = jobs.iter().filter(|job| job.state == "succeeded").count();
        Figures {
            jobs: posted,
            posted: self.posted,
            first_worker: self.first_worker,
            most_workers: self.most_workers,
            longest_wait: waits.last().copied().unwrap_or_default(),
            median_wait: waits.get(waits.len() / 2).copied().unwrap_or_default(),
            gone: self.last_end,
            lost: (posted as usize).saturating_sub(succeeded),
            begun_again: jobs.iter().filter(|job| job.attempts > 1).count(),
            computed,
            ..Figures::default()
        }
    }
}
