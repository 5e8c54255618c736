//! Workers that go: idle ones first, none in a rollout, and none that is busy.

use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::world::{DEPLOYMENT, World, pod_path};

const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// A worker at 127.0.0.1 with so many jobs in flight; its port is the scaler's metricsPort.
async fn worker(active: u64) -> MockServer {
    let server = MockServer::start().await;
    let page = format!(
        "# TYPE messaging_process_active gauge\nmessaging_process_active{{service_name=\"w\"}} {active}\n"
    );
    Mock::given(path("/metrics"))
        .respond_with(ResponseTemplate::new(200).set_body_string(page))
        .mount(&server)
        .await;
    server
}

/// Six workers of which one is asked for its jobs and one cannot be reached, while the queue runs empty: as many
/// rounds as it takes for some to go.
async fn shrink(world: &mut World, metrics_port: u16) {
    world.set("worker", json!({ "metricsPort": metrics_port }));
    for (name, ip) in [("worker-a", "127.0.0.1"), ("worker-b", "127.0.0.2")] {
        world.pod(name, ip);
    }
    for _ in 0..40 {
        world.round().await.unwrap();
        if world.replicas() < 6 {
            return;
        }
    }
    panic!("nobody has gone");
}

fn cost(world: &World, name: &str) -> Option<i64> {
    let pod = world.api.get(&pod_path(name)).unwrap();
    pod["metadata"]["annotations"][COST].as_str().map(|cost| cost.parse().unwrap())
}

#[tokio::test]
async fn idle_workers_are_marked_to_go_first_before_any_goes() {
    let mut world = World::new(6).await;
    let idle = worker(0).await;
    shrink(&mut world, idle.address().port()).await;
    assert_eq!(cost(&world, "worker-a"), Some(0));
    let touched = world.touched();
    let scaled = touched.iter().position(|line| line.ends_with("/scale")).unwrap();
    assert!(touched[..scaled].iter().any(|line| line.ends_with("/pods/worker-a")), "{touched:?}");
    let events = world.api.events();
    let scaled = events.iter().find(|event| event[1] == "ScaledDown").unwrap();
    assert_eq!(scaled[2], format!("6To{}", world.replicas()));
}

#[tokio::test]
async fn a_busy_worker_costs_its_jobs_and_an_unreadable_one_costs_most() {
    let mut world = World::new(6).await;
    let busy = worker(3).await;
    shrink(&mut world, busy.address().port()).await;
    assert_eq!(cost(&world, "worker-a"), Some(3));
    // Nobody listens there.
    assert!(cost(&world, "worker-b").unwrap() > 1000);
}

#[tokio::test]
async fn nobody_goes_when_workers_cannot_be_marked() {
    let mut world = World::new(6).await;
    let idle = worker(0).await;
    world.set("worker", json!({ "metricsPort": idle.address().port() }));
    world.pod("worker-a", "127.0.0.1");
    world.api.refuse("PATCH /api/v1/namespaces/jobs/pods", 500);
    let mut refused = 0;
    for _ in 0..40 {
        refused += u32::from(world.round().await.is_err());
    }
    assert!(refused > 0);
    assert_eq!(world.replicas(), 6);
}

#[tokio::test]
async fn nobody_goes_while_a_rollout_runs() {
    let mut world = World::new(6).await;
    let mut deployment = world.api.get(DEPLOYMENT).unwrap();
    deployment["status"]["updatedReplicas"] = json!(2);
    world.api.put(DEPLOYMENT, deployment.clone());
    world.rounds(40).await;
    assert_eq!(world.replicas(), 6);

    deployment["status"]["updatedReplicas"] = json!(6);
    world.api.put(DEPLOYMENT, deployment);
    world.rounds(40).await;
    assert!(world.replicas() < 6);
}

#[tokio::test]
async fn a_rollout_does_not_keep_new_workers_away() {
    let mut world = World::new(1).await;
    let mut deployment = world.api.get(DEPLOYMENT).unwrap();
    deployment["status"]["updatedReplicas"] = json!(0);
    world.api.put(DEPLOYMENT, deployment);
    world.queue(500, 0).await;
    world.round().await.unwrap();
    assert_eq!(world.replicas(), 10);
}

#[tokio::test]
async fn busy_workers_stay_although_the_queue_is_empty() {
    let mut world = World::new(6).await;
    world.queue(0, 5).await;
    world.rounds(60).await;
    assert!(world.replicas() >= 5, "{}", world.replicas());
}

#[tokio::test]
async fn workers_are_asked_when_they_hold_more_than_they_do() {
    let mut world = World::new(1).await;
    let busy = worker(1).await;
    let port = busy.address().port();
    world.set("worker", json!({ "prefetch": 10, "metricsPort": port }));
    world.pod("worker-a", "127.0.0.1");
    world.queue(0, 10).await;
    world.round().await.unwrap();
    assert_eq!(busy.received_requests().await.unwrap().len(), 1);
}
