use std::{collections::HashMap, sync::Arc};

use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, ResourceExt,
    core::DeserializeGuard,
    runtime::{
        WatchStreamExt,
        watcher::{self, Event, watcher},
    },
};
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{context::Context, malformed, poll::poll, resource::QueueScaler};

type Found = DeserializeGuard<QueueScaler>;

/// Looks after all objects of one namespace until `stopping`, and then until the rounds under way have ended. Dropped, it
/// stops at once.
pub async fn watch_namespace(context: Context, namespace: String, stopping: CancellationToken) {
    let api: Api<Found> = Api::namespaced(context.client.clone(), &namespace);
    let mut events = watcher(api, watcher::Config::default()).default_backoff().boxed();
    let mut scaler_loops = ScalerLoops::new(context, namespace, stopping.clone());
    while let Some(Some(event)) = stopping.run_until_cancelled(next(&mut events)).await {
        match event {
            Ok(event) => scaler_loops.take(event).await,
            Err(error) => {
                scaler_loops.context.metrics.failed("watch");
                warn!(
                    namespace = scaler_loops.namespace,
                    error = service_kit::chain(&error).to_string(),
                    "cannot watch QueueScalers"
                );
            }
        }
    }
    scaler_loops.end().await;
}

async fn next<S>(events: &mut S) -> Option<Result<Event<Found>, watcher::Error>>
where
    S: Stream<Item = Result<Event<Found>, watcher::Error>> + Unpin,
{
    events.try_next().await.transpose()
}

/// The objects of a namespace, each with a loop of its own.
struct ScalerLoops {
    context: Context,
    namespace: String,
    stopping: CancellationToken,
    loops: HashMap<String, Loop>,
    /// Objects that cannot be read, with the generation that was told of.
    malformed: HashMap<String, Option<i64>>,
    tasks: JoinSet<()>,
    /// What a new list has brought so far; it counts as a whole, since conflicts show only then.
    listed: Vec<Found>,
}

struct Loop {
    uid: Option<String>,
    object: watch::Sender<Arc<QueueScaler>>,
    task: tokio::task::AbortHandle,
}

impl Drop for Loop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ScalerLoops {
    fn new(context: Context, namespace: String, stopping: CancellationToken) -> ScalerLoops {
        ScalerLoops {
            context,
            namespace,
            stopping,
            loops: HashMap::new(),
            malformed: HashMap::new(),
            tasks: JoinSet::new(),
            listed: Vec::new(),
        }
    }

    async fn take(&mut self, event: Event<Found>) {
        // Loops that have ended need no more room.
        while self.tasks.try_join_next().is_some() {}
        match event {
            Event::Init => self.listed.clear(),
            Event::InitApply(found) => self.listed.push(found),
            Event::InitDone => self.list().await,
            Event::Apply(found) => self.set(found).await,
            Event::Delete(found) => self.remove(&found.name_any()),
        }
    }

    async fn list(&mut self) {
        let listed = std::mem::take(&mut self.listed);
        let names: Vec<String> = listed.iter().map(ResourceExt::name_any).collect();
        let gone: Vec<String> = self
            .loops
            .keys()
            .chain(self.malformed.keys())
            .filter(|name| !names.contains(name))
            .cloned()
            .collect();
        gone.iter().for_each(|name| self.remove(name));
        listed
            .iter()
            .filter_map(|found| found.0.as_ref().ok())
            .for_each(|object| self.context.claims.set(object));
        info!(namespace = self.namespace, objects = listed.len(), "watching QueueScalers");
        for found in listed {
            self.set(found).await;
        }
    }

    async fn set(&mut self, found: Found) {
        let name = found.name_any();
        match &found.0 {
            Ok(object) => {
                self.malformed.remove(&name);
                self.scale(name, object.clone());
            }
            Err(invalid) => {
                self.stop(&name);
                let generation = invalid.metadata.generation;
                if self.malformed.insert(name, generation) != Some(generation) {
                    malformed::report(&self.context, &found, invalid).await;
                }
            }
        }
    }

    fn scale(&mut self, name: String, object: QueueScaler) {
        self.context.claims.set(&object);
        let object = Arc::new(object);
        match self.loops.get(&name) {
            Some(known) if known.uid == object.metadata.uid => {
                // A new status, which is our own, changes no generation and wakes nobody.
                known.object.send_if_modified(|current| {
                    let changed = current.metadata.generation != object.metadata.generation;
                    *current = object;
                    changed
                });
            }
            _ => {
                let uid = object.metadata.uid.clone();
                let (sender, receiver) = watch::channel(object);
                let task = self.tasks.spawn(poll(self.context.clone(), receiver, self.stopping.clone()));
                self.loops.insert(name, Loop { uid, object: sender, task });
            }
        }
    }

    fn remove(&mut self, name: &str) {
        self.malformed.remove(name);
        self.stop(name);
    }

    fn stop(&mut self, name: &str) {
        self.context.claims.remove(&self.namespace, name);
        self.loops.remove(name);
    }

    async fn end(mut self) {
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.context.grace, ended).await.is_err() {
            warn!(namespace = self.namespace, "stopped before every round had ended");
        }
    }
}
