//! One of several user-service processes on the same stores, without its API.

use prometheus::{Registry, TextEncoder};
use testkit::TcpProxy;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire::{CaseId, Timestamp};

use crate::{
    conditions::Conditions,
    directory::{Directory, DirectoryError},
    record::Record,
    test_support::{ADA, key, person, version},
};

/// One of several processes, as it were.
pub(super) struct Replica {
    pub(super) directory: Directory,
    /// To Redis.
    pub(super) link: Option<TcpProxy>,
    pub(super) registry: Registry,
}

impl Replica {
    pub(super) fn link(&self) -> &TcpProxy {
        self.link.as_ref().unwrap()
    }

    pub(super) fn start_sweeping(&self, stopping: &CancellationToken) {
        self.directory.shared.tasks.spawn(self.directory.clone().keep_together(stopping.clone()));
    }

    /// Starts sweeping and waits until the cache has been looked for.
    pub(super) async fn prepare(&self, stopping: &CancellationToken) {
        assert!(!self.directory.is_prepared());
        self.start_sweeping(stopping);
        while !self.directory.is_prepared() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn create(&self, version: u32) {
        let now = wire::Timestamp::now();
        self.directory.create(&person(ADA, version), now).await.unwrap();
    }

    pub(super) async fn read(&self) -> Option<u32> {
        self.find(ADA).await.unwrap()
    }

    /// The version of somebody that a read gives.
    pub(super) async fn find(&self, address: &str) -> Result<Option<u32>, DirectoryError> {
        Ok(self.directory.find_one(key(address)).await?.as_ref().map(version))
    }

    /// A read of Ada in a task of its own.
    pub(super) fn spawn_read(&self) -> JoinHandle<Option<u32>> {
        let directory = self.directory.clone();
        tokio::spawn(async move { directory.find_one(key(ADA)).await.unwrap().as_ref().map(version) })
    }

    pub(super) async fn replace(&self, version: u32) {
        assert!(self.try_replace(version).await.unwrap().is_some());
    }

    pub(super) async fn try_replace(&self, version: u32) -> Result<Option<Record>, DirectoryError> {
        self.directory.replace(&person(ADA, version), Conditions::default(), CaseId::fresh()).await
    }

    /// A replacement in a task of its own.
    pub(super) fn spawn_replace(&self, version: u32) -> JoinHandle<Result<Option<Record>, DirectoryError>> {
        let directory = self.directory.clone();
        tokio::spawn(async move {
            directory.replace(&person(ADA, version), Conditions::default(), CaseId::fresh()).await
        })
    }

    pub(super) async fn remove(&self) -> Result<bool, DirectoryError> {
        self.directory.remove(key(ADA), Conditions::default(), CaseId::fresh(), Timestamp::now()).await
    }

    /// Waits until a command has shown that the line to the cache is cut.
    pub(super) async fn notices_the_cut(&self) {
        while self.directory.uses_cache() {
            tokio::task::yield_now().await;
        }
    }

    /// Cuts the line to the cache, and mends it.
    pub(super) async fn cut_for_a_moment(&self) {
        self.link().cut().await;
        self.link().heal().await.unwrap();
    }

    /// Mends the line to the cache, and sweeps once it is there again: on a busy machine a first attempt may fail, and the next
    /// sweep is far away.
    pub(super) async fn mend_and_sweep(&self) {
        self.link().heal().await.unwrap();
        loop {
            self.directory.sweep_once().await;
            if self.directory.cache().is_connected() {
                return;
            }
        }
    }

    /// Waits for all that was begun.
    pub(super) async fn finish_tasks(&self) {
        self.directory.shared.tasks.close();
        self.directory.shared.tasks.wait().await;
    }

    pub(super) async fn cached(&self) -> Option<u32> {
        let found = self.directory.cache().get(&[key(ADA)]).await.unwrap().remove(0);
        found.map(|record| version(&record))
    }

    /// How many reads had this outcome so far.
    pub(super) fn reads(&self, outcome: &str) -> u64 {
        let page = TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
        let line = format!("people_cache_reads_total{{outcome=\"{outcome}\"}} ");
        page.lines().find_map(|text| text.strip_prefix(&line)?.parse().ok()).unwrap()
    }
}
