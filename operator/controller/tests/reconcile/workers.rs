//! Workers that go: idle ones first, which take nothing more by then, none in a rollout, and none that is busy.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
};

use serde_json::json;
use w2meet_operator::StepError;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::world::{DEPLOYMENT, World, pod_path, touched};

const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// A worker at 127.0.0.1 with so many jobs in flight; its port is the scaler's metricsPort. It is an old one, which cannot be
/// paused.
async fn worker(active: u64) -> MockServer {
    let server = MockServer::start().await;
    tells(&server, active).await;
    server
}

async fn tells(server: &MockServer, active: u64) {
    let page = format!(
        "# TYPE messaging_process_active gauge\nmessaging_process_active{{service_name=\"w\"}} {active}\n"
    );
    Mock::given(path("/metrics"))
        .respond_with(ResponseTemplate::new(200).set_body_string(page))
        .mount(server)
        .await;
}

/// Idle workers at 127.0.0.1 and further addresses, all at one port; each has so many jobs in flight once it is paused.
struct Pausable {
    /// They answer for as long as they are kept.
    _servers: Vec<MockServer>,
    /// What had been written to the Deployment and its pods at the time of each pause.
    paused: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Pausable {
    async fn start<const N: usize>(world: &World, active_when_paused: [u64; N]) -> Pausable {
        let paused = Arc::new(Mutex::new(Vec::new()));
        let mut servers = Vec::new();
        for (listener, active) in at_one_port::<N>().into_iter().zip(active_when_paused) {
            let server = MockServer::builder().listener(listener).start().await;
            tells(&server, 0).await;
            let (note, api) = (paused.clone(), world.api.clone());
            let answer = move |_: &Request| {
                note.lock().unwrap().push(touched(&api));
                ResponseTemplate::new(200).set_body_json(json!({ "active": active }))
            };
            Mock::given(method("POST")).and(path("/pause")).respond_with(answer).mount(&server).await;
            servers.push(server);
        }
        for (number, server) in servers.iter().enumerate() {
            world.pod(&format!("worker-{number}"), &server.address().ip().to_string());
        }
        world.set("worker", json!({ "metricsPort": servers[0].address().port() }));
        Pausable { _servers: servers, paused }
    }

    fn pauses(&self) -> usize {
        self.paused.lock().unwrap().len()
    }
}

/// Listeners at the first addresses of this machine, all at the same port.
fn at_one_port<const N: usize>() -> [TcpListener; N] {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let others = (2..=N).map(|host| TcpListener::bind(format!("127.0.0.{host}:{port}")));
        let all: Result<Vec<_>, _> = std::iter::once(Ok(first)).chain(others).collect();
        // Another test may have the port at one of them.
        if let Ok(all) = all {
            return all.try_into().unwrap();
        }
    }
}

/// Six workers of which one is asked for its jobs and one cannot be reached, while the queue runs empty: as many
/// rounds as it takes for some to go.
async fn shrink(world: &mut World, metrics_port: u16) {
    world.set("worker", json!({ "metricsPort": metrics_port }));
    for (name, ip) in [("worker-a", "127.0.0.1"), ("worker-b", "127.0.0.2")] {
        world.pod(name, ip);
    }
    until_fewer(world).await;
}

/// As many rounds as it takes for some workers to go.
async fn until_fewer(world: &mut World) {
    let before = world.replicas();
    for _ in 0..40 {
        world.round().await.unwrap();
        if world.replicas() < before {
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
    // It does not know what a pause is.
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
async fn idle_workers_are_paused_before_they_are_marked_and_go() {
    let mut world = World::new(6).await;
    let workers = Pausable::start(&world, [0; 6]).await;
    until_fewer(&mut world).await;

    let gone = 6 - usize::try_from(world.replicas()).unwrap();
    let paused = workers.paused.lock().unwrap().clone();
    assert_eq!(paused.len(), gone, "as many as go");
    assert!(paused.iter().all(Vec::is_empty), "something was written before: {paused:?}");
    let costs: Vec<_> = (0..6).map(|number| cost(&world, &format!("worker-{number}")).unwrap()).collect();
    assert_eq!(costs.iter().filter(|cost| **cost == -1).count(), gone, "{costs:?}");
    assert!(costs.iter().all(|cost| [-1, 0].contains(cost)), "{costs:?}");
    let touched = world.touched();
    assert!(touched.last().unwrap().ends_with("/scale"), "{touched:?}");
}

#[tokio::test]
async fn a_worker_that_has_got_work_before_its_pause_is_not_sent_away() {
    let mut world = World::new(6).await;
    let down = json!({ "windowSeconds": 0, "maxPercent": 50, "intervalSeconds": 5 });
    world.set("scaleDown", down);
    // Three are to go, of which one has got two jobs.
    let _workers = Pausable::start(&world, [0, 2, 0, 0, 0, 0]).await;
    until_fewer(&mut world).await;
    assert_eq!(world.replicas(), 4);
    let costs: Vec<_> = (0..6).map(|number| cost(&world, &format!("worker-{number}")).unwrap()).collect();
    assert_eq!(costs, [-1, 2, -1, 0, 0, 0]);
    let events = world.api.events();
    assert!(events.iter().any(|event| event[1] == "ScaledDown" && event[2] == "6To4"), "{events:?}");
    assert_eq!(world.status().current_replicas, Some(4));
}

#[tokio::test]
async fn nobody_goes_when_all_that_were_to_go_have_got_work() {
    let mut world = World::new(6).await;
    let workers = Pausable::start(&world, [1; 6]).await;
    for _ in 0..40 {
        world.round().await.unwrap();
        if workers.pauses() > 0 {
            break;
        }
    }
    assert!(workers.pauses() > 0);
    assert_eq!(world.touched(), [""; 0]);
    assert_eq!(world.replicas(), 6);
}

#[tokio::test]
async fn workers_that_stay_are_not_paused() {
    let mut world = World::new(6).await;
    let workers = Pausable::start(&world, [0; 6]).await;
    world.set("dryRun", json!(true));
    world.rounds(40).await;
    world.set("dryRun", json!(false));
    world.queue(500, 0).await;
    world.rounds(3).await;
    assert_eq!(workers.pauses(), 0);
}

#[tokio::test]
async fn nobody_is_paused_once_the_lease_is_lost() {
    let mut world = World::new(6).await;
    let workers = Pausable::start(&world, [0; 6]).await;
    world.set("dryRun", json!(true));
    world.rounds(40).await;
    world.set("dryRun", json!(false));
    world.lost.cancel();
    assert!(matches!(world.round().await, Err(StepError::LeaseLost)));
    assert_eq!(workers.pauses(), 0);
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
