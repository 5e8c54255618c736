use async_trait::async_trait;
use job_queue::Queue;
use service_kit::{Dependency, Probe, RequestContext};

use crate::db::Jobs;

/// How this service is: the table is all that it cannot do without.
pub(crate) struct Health {
    pub(crate) jobs: Jobs,
    pub(crate) queue: Queue,
}

#[async_trait]
impl Probe for Health {
    async fn dependencies(&self, _: &RequestContext) -> Vec<Dependency> {
        let (store, broker) = tokio::join!(self.jobs.db().health(), self.queue.check());
        vec![
            Dependency { name: "postgresql", essential: !store.readable, answer: store.answer },
            Dependency { name: "rabbitmq", essential: false, answer: broker },
        ]
    }

    async fn ready(&self) -> Result<(), String> {
        if !self.jobs.db().is_migrated() {
            return Err("the tables are not up to date yet".to_owned());
        }
        self.jobs.db().ping().await.map(|_| ()).map_err(|error| error.summary())
    }
}
