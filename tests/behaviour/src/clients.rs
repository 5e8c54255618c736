//! Clients that work at the same time until they are stopped.

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, anyhow, ensure};
use tokio::task::JoinSet;

use crate::eventually;

/// Longest wait for the clients to go on.
const SOON: Duration = Duration::from_secs(30);

/// Clients of which each repeats a step until all are stopped, and then gives a `T`.
#[derive(Debug)]
pub(crate) struct Clients<T> {
    progress: Progress,
    running: JoinSet<anyhow::Result<T>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    stopped: Arc<AtomicBool>,
    /// The steps of all clients.
    steps: Arc<AtomicUsize>,
}

impl Progress {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn steps(&self) -> usize {
        self.steps.load(Ordering::SeqCst)
    }

    pub(crate) fn count_step(&self) {
        self.steps.fetch_add(1, Ordering::SeqCst);
    }
}

impl<T: Debug + Send + 'static> Clients<T> {
    pub(crate) fn new() -> Clients<T> {
        Clients { progress: Progress::default(), running: JoinSet::new() }
    }

    /// How many they are.
    pub(crate) fn len(&self) -> usize {
        self.running.len()
    }

    /// By which a client counts its steps and learns that it is to stop.
    pub(crate) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    pub(crate) fn spawn(&mut self, client: impl Future<Output = anyhow::Result<T>> + Send + 'static) {
        self.running.spawn(client);
    }

    /// Waits until they have done this many steps more, all together.
    pub(crate) async fn go_on(&mut self, steps: usize) -> anyhow::Result<()> {
        let goal = self.progress.steps() + steps;
        let more = eventually("the clients go on", SOON, async || {
            ensure!(self.progress.steps() >= goal, "they do not");
            Ok(())
        });
        tokio::select! {
            more = more => more,
            Some(ended) = self.running.join_next() => match ended {
                Ok(Err(error)) => Err(error.context("a client ended early")),
                other => Err(anyhow!("a client ended early: {other:?}")),
            },
        }
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<Vec<T>> {
        self.progress.stopped.store(true, Ordering::SeqCst);
        let mut all = Vec::new();
        while let Some(ended) = self.running.join_next().await {
            all.push(ended.context("a client panicked")??);
        }
        Ok(all)
    }
}
