//! Who of several instances acts: the one that holds a Lease.
//!
//! The rules are those of the leader election in Kubernetes' own Go client: a Lease is taken by a write that names the
//! version that was read, so two cannot take it at once; another's Lease counts as expired only when it has not changed
//! for its whole duration by *this* machine's clock, so clocks need not agree; and the holder stops well before that.

use std::{sync::Arc, time::Duration};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
    jiff::Timestamp,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::error::{StepError, short};

/// Which Lease, and how it is held.
#[derive(Clone, Debug)]
pub struct LeaseSettings {
    pub namespace: String,
    pub name: String,
    pub identity: String,
    /// Time without a change after which others take the Lease.
    pub duration: Duration,
    /// Time after the last renewal for which this instance acts; less than `duration`.
    pub renew_deadline: Duration,
    /// Pause between two attempts to take or renew it.
    pub retry: Duration,
}

/// The right to act, for as long as the Lease is held.
#[derive(Clone, Debug)]
pub struct LeaderTerm {
    lost: CancellationToken,
    until: watch::Receiver<Instant>,
}

impl LeaderTerm {
    /// A term that ends when `lost` is cancelled, or at the time in `until`, which renewals move.
    pub fn new(lost: CancellationToken, until: watch::Receiver<Instant>) -> LeaderTerm {
        LeaderTerm { lost, until }
    }

    /// To be asked before every write.
    ///
    /// # Errors
    /// [`StepError::LeaseLost`] when another instance may hold the Lease by now.
    pub fn check(&self) -> Result<(), StepError> {
        // The clock is asked too: after a long pause of this process the timer that cancels may not have run yet.
        if self.lost.is_cancelled() || Instant::now() >= *self.until.borrow() {
            return Err(StepError::LeaseLost);
        }
        Ok(())
    }
}

/// Takes the Lease, renews it, gives it back.
#[derive(Debug)]
pub struct Elector {
    api: Api<Lease>,
    settings: LeaseSettings,
    /// The version of another's Lease, and when it was first observed.
    observed: Option<(String, Instant)>,
    /// When the API server last answered, for `/readyz`.
    answered: Arc<watch::Sender<Option<Instant>>>,
}

impl Elector {
    /// An instance that does not hold the Lease yet.
    pub fn new(client: Client, settings: LeaseSettings) -> Elector {
        let api = Api::namespaced(client, &settings.namespace);
        Elector { api, settings, observed: None, answered: Arc::new(watch::Sender::new(None)) }
    }

    /// When the API server last answered about the Lease.
    pub fn answered(&self) -> watch::Receiver<Option<Instant>> {
        self.answered.subscribe()
    }

    /// Runs `work` whenever this instance leads, until `stopping`. `work` ends by itself when that is cancelled, and only
    /// then is the Lease given back; when the Lease is lost, `work` is dropped where it stands.
    pub async fn lead<W>(mut self, stopping: CancellationToken, mut work: W)
    where
        W: AsyncFnMut(LeaderTerm),
    {
        while let Some(taken) = stopping.run_until_cancelled(self.take()).await {
            info!(lease = self.settings.name, identity = self.settings.identity, "leading");
            let (until, lost) =
                (watch::Sender::new(taken + self.settings.renew_deadline), CancellationToken::new());
            let term = LeaderTerm::new(lost.clone(), until.subscribe());
            let kept = tokio::select! {
                biased;
                () = self.renew(&until) => false,
                () = work(term) => true,
            };
            lost.cancel();
            if kept {
                self.release().await;
            } else {
                warn!(lease = self.settings.name, "the lease is lost; nothing is written any more");
            }
        }
    }

    /// Waits until the Lease is ours; when the request that took it began.
    async fn take(&mut self) -> Instant {
        loop {
            let began = Instant::now();
            match timeout_at(began + self.settings.renew_deadline, self.attempt()).await {
                Ok(Ok(true)) => return began,
                Ok(Ok(false)) => (),
                Ok(Err(error)) => warn!(error = short(&error), "cannot ask for the lease"),
                Err(_elapsed) => warn!("cannot ask for the lease: no answer"),
            }
            sleep(self.settings.retry).await;
        }
    }

    /// Keeps the Lease; returns when it is, or may be, another's.
    async fn renew(&mut self, until: &watch::Sender<Instant>) {
        loop {
            let began = Instant::now();
            let end = *until.borrow();
            match timeout_at(end, self.attempt()).await {
                Ok(Ok(true)) => {
                    until.send_replace(began + self.settings.renew_deadline);
                }
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => warn!(error = short(&error), "cannot renew the lease"),
            }
            let end = *until.borrow();
            sleep_until((began + self.settings.retry).min(end)).await;
            if Instant::now() >= end {
                return;
            }
        }
    }

    /// One attempt to take or renew the Lease; whether it is ours.
    async fn attempt(&mut self) -> Result<bool, kube::Error> {
        let found = self.api.get_opt(&self.settings.name).await?;
        self.answered.send_replace(Some(Instant::now()));
        let Some(mut lease) = found else {
            let lease = Lease { metadata: self.metadata(), spec: Some(self.spec(None)) };
            return held(self.api.create(&PostParams::default(), &lease).await);
        };
        let holder = lease.spec.as_ref().and_then(|spec| spec.holder_identity.as_deref()).unwrap_or_default();
        if holder != self.settings.identity && !holder.is_empty() && !self.expired(&lease) {
            return Ok(false);
        }
        lease.spec = Some(self.spec(lease.spec.as_ref()));
        held(self.api.replace(&self.settings.name, &PostParams::default(), &lease).await)
    }

    /// Whether another's Lease has not changed for as long as it says it holds.
    fn expired(&mut self, lease: &Lease) -> bool {
        let version = lease.metadata.resource_version.clone().unwrap_or_default();
        let seconds = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
        let duration =
            seconds.and_then(|s| u64::try_from(s).ok()).map_or(self.settings.duration, Duration::from_secs);
        match &self.observed {
            Some((known, since)) if *known == version => since.elapsed() >= duration,
            _ => {
                self.observed = Some((version, Instant::now()));
                false
            }
        }
    }

    fn metadata(&self) -> ObjectMeta {
        ObjectMeta {
            name: Some(self.settings.name.clone()),
            namespace: Some(self.settings.namespace.clone()),
            ..ObjectMeta::default()
        }
    }

    /// The Lease as this instance holds it from now on.
    fn spec(&self, before: Option<&LeaseSpec>) -> LeaseSpec {
        let now = MicroTime(Timestamp::now());
        let ours = before.is_some_and(|spec| spec.holder_identity.as_ref() == Some(&self.settings.identity));
        let transitions = before.and_then(|spec| spec.lease_transitions).unwrap_or(0);
        LeaseSpec {
            holder_identity: Some(self.settings.identity.clone()),
            lease_duration_seconds: i32::try_from(self.settings.duration.as_secs()).ok(),
            acquire_time: before
                .filter(|_| ours)
                .and_then(|spec| spec.acquire_time.clone())
                .or(Some(now.clone())),
            renew_time: Some(now),
            lease_transitions: Some(if ours { transitions } else { transitions.saturating_add(1) }),
            ..LeaseSpec::default()
        }
    }

    /// Gives the Lease back, so that another instance need not wait for it to expire.
    async fn release(&mut self) {
        let given_back = async {
            let mut lease = self.api.get(&self.settings.name).await?;
            let spec = lease.spec.get_or_insert_default();
            if spec.holder_identity.as_ref() == Some(&self.settings.identity) {
                spec.holder_identity = None;
                self.api.replace(&self.settings.name, &PostParams::default(), &lease).await?;
            }
            Ok::<(), kube::Error>(())
        };
        match timeout_at(Instant::now() + self.settings.renew_deadline, given_back).await {
            Ok(Ok(())) => info!(lease = self.settings.name, "the lease is given back"),
            Ok(Err(error)) => warn!(error = short(&error), "cannot give the lease back; it will expire"),
            Err(_elapsed) => warn!("cannot give the lease back: no answer; it will expire"),
        }
    }
}

/// A refused version means that somebody else was quicker.
fn held(written: Result<Lease, kube::Error>) -> Result<bool, kube::Error> {
    match written {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(error),
    }
}
