//! All objects of a namespace at once, by a watch.

use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use w2meet_operator::{resource::QueueScaler, watch_namespace};

use crate::{
    access::allowed,
    api::Api,
    world::{DEPLOYMENT, NAMESPACE, SCALER, World, scaler},
};

/// Waits for something that another task brings about.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let step = async || {
        ensure!(holds(), "not yet");
        Ok(())
    };
    testkit::eventually(what, Duration::from_secs(10), step).await.unwrap();
}

struct Watch {
    task: JoinHandle<()>,
    stopping: CancellationToken,
}

impl Watch {
    fn start(world: &World) -> Watch {
        let stopping = CancellationToken::new();
        let watch = watch_namespace(world.context.clone(), NAMESPACE.to_owned(), stopping.clone());
        Watch { task: tokio::spawn(watch), stopping }
    }

    async fn stop(self) {
        self.stopping.cancel();
        self.task.await.unwrap();
    }
}

fn path(name: &str) -> String {
    SCALER.replace("queuescalers/jobs", &format!("queuescalers/{name}"))
}

fn asked(api: &Api) -> usize {
    api.count("GET", "/deployments/worker")
}

fn ready(api: &Api, name: &str) -> Option<String> {
    let object = api.get(&path(name))?;
    let conditions = object["status"]["conditions"].as_array()?.clone();
    let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
    Some(ready["reason"].as_str()?.to_owned())
}

#[tokio::test]
async fn an_object_is_looked_after_from_its_creation_to_its_deletion() {
    let world = World::new(0).await;
    world.queue(7, 0).await;
    let mut object = world.api.get(SCALER).unwrap();
    object["status"] =
        json!({ "estimate": { "arrivalsPerMinute": 0.0, "serviceTimeMillis": 100, "startupSeconds": 12 } });
    world.api.put(SCALER, object);
    let watch = Watch::start(&world);
    let page = || {
        let registries = [&world.registry];
        String::from_utf8(service_kit::encode(registries).unwrap()).unwrap()
    };
    let series = "queue_scaler_queue_messages{namespace=\"jobs\",queuescaler=\"jobs\",state=\"ready\"} 7";
    eventually("the queue is measured", || page().contains(series)).await;
    assert!(page().contains("queue_scaler_decisions_total{"), "{}", page());
    let startup = "queue_scaler_startup_seconds{namespace=\"jobs\",queuescaler=\"jobs\"} 12";
    assert!(page().contains(startup), "{}", page());
    world.api.delete(SCALER);
    eventually("its series are gone", || !page().contains("queuescaler=\"jobs\"")).await;
    watch.stop().await;
}

#[tokio::test]
async fn its_own_writes_do_not_wake_it_and_a_new_spec_does() {
    let world = World::new(0).await;
    world.set("pollSeconds", json!(300));
    world.set("slo", json!({ "maxWaitSeconds": 600 }));
    let watch = Watch::start(&world);
    eventually("the status is written", || world.api.get(SCALER).unwrap()["status"].is_object()).await;
    // The watch has told of the new status before it tells of this.
    world.set("maxReplicas", json!(20));
    eventually("a second look", || asked(&world.api) >= 2).await;
    assert_eq!(asked(&world.api), 2);
    watch.stop().await;
}

#[tokio::test]
async fn a_malformed_object_is_reported_and_keeps_nobody_from_the_others() {
    let world = World::new(0).await;
    let mut malformed = scaler("malformed", "http://elsewhere");
    malformed["spec"]["maxReplicas"] = json!("many");
    world.api.put(&path("malformed"), malformed);
    let watch = Watch::start(&world);
    eventually("the good one is ready", || ready(&world.api, "jobs").as_deref() == Some("Ready")).await;
    eventually("the bad one is told of", || ready(&world.api, "malformed").as_deref() == Some("Malformed"))
        .await;
    let told: Vec<_> = world.api.events().into_iter().filter(|event| event[1] == "Malformed").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0][3].contains("many"), "{told:?}");

    world.api.put(&path("malformed"), scaler("malformed", &world.broker.uri()));
    eventually("it is looked after", || ready(&world.api, "malformed").as_deref() == Some("Conflict")).await;
    watch.stop().await;
}

#[tokio::test]
async fn a_failing_object_is_asked_for_ever_more_seldom_and_others_go_on() {
    let world = World::new(0).await;
    world.set("pollSeconds", json!(1));
    let mut orphan = scaler("orphan", &world.broker.uri());
    orphan["spec"]["targetRef"]["name"] = json!("nobody");
    orphan["spec"]["pollSeconds"] = json!(1);
    world.api.put(&path("orphan"), orphan);
    let watch = Watch::start(&world);
    eventually("three rounds of the good one", || asked(&world.api) >= 3).await;
    assert_eq!(world.api.count("GET", "/deployments/nobody"), 1);
    assert_eq!(ready(&world.api, "orphan").as_deref(), Some("TargetNotFound"));
    watch.stop().await;
}

#[tokio::test]
async fn its_roles_allow_what_it_does_and_nothing_else() {
    let mut world = World::new(6).await;
    let mut queue = serde_json::to_value(world.object().spec.queue).unwrap();
    queue["credentialsSecretRef"] = json!({ "name": "rabbitmq" });
    world.set("queue", queue);
    world.set("worker", json!({ "metricsPort": 1 }));
    let data = json!({ "username": "dzJtZWV0", "password": "dzJtZWV0" });
    world.api.put("/api/v1/namespaces/jobs/secrets/rabbitmq", json!({ "metadata": {}, "data": data }));
    world.pod("worker-a", "127.0.0.1");
    world.rounds(40).await;
    assert!(world.replicas() < 6);
    // The same Event within minutes is one that is counted.
    for code in [401, 200, 401] {
        world.broker_says(wiremock::ResponseTemplate::new(code)).await;
        world.round().await.unwrap();
    }
    let watch = Watch::start(&world);
    eventually("a look of the watch", || world.api.count("GET", DEPLOYMENT) > 43).await;
    watch.stop().await;
    crate::lease::a_life(&world.api).await;
    assert_eq!(world.api.used(), allowed());
    let _: QueueScaler = world.object();
}
