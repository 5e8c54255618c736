//! Who leads. Time is stepped.

use std::time::Duration;

use kube::Client;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use w2meet_operator::lease::{Elector, LeaderTerm, LeaseSettings};

use crate::{api::Api, world::NAMESPACE};

const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/jobs/leases/w2meet-operator";

fn elector(client: Client, identity: &str) -> Elector {
    let settings = LeaseSettings {
        namespace: NAMESPACE.to_owned(),
        name: "w2meet-operator".to_owned(),
        identity: identity.to_owned(),
        duration: Duration::from_secs(15),
        renew_deadline: Duration::from_secs(10),
        retry: Duration::from_secs(2),
    };
    Elector::new(client, settings)
}

/// An instance that says when it begins and ends to lead, and works until it is told to stop.
struct Instance {
    client_of: Api,
    stopping: CancellationToken,
    terms: mpsc::UnboundedReceiver<LeaderTerm>,
    task: tokio::task::JoinHandle<()>,
}

impl Instance {
    fn start(api: &Api, identity: &str) -> Instance {
        let stopping = CancellationToken::new();
        let (sender, terms) = mpsc::unbounded_channel();
        let elector = elector(api.client(NAMESPACE), identity);
        let stop = stopping.clone();
        let task = tokio::spawn(elector.lead(stopping.clone(), async move |term: LeaderTerm| {
            sender.send(term).unwrap();
            stop.cancelled().await;
        }));
        Instance { client_of: api.clone(), stopping, terms, task }
    }

    async fn leads(&mut self) -> LeaderTerm {
        self.terms.recv().await.unwrap()
    }

    fn holder(&self) -> Option<String> {
        Some(self.client_of.get(LEASE)?["spec"]["holderIdentity"].as_str()?.to_owned())
    }
}

/// Takes the Lease, renews it and gives it back.
pub(crate) async fn a_life(api: &Api) {
    let mut instance = Instance::start(api, "one");
    instance.leads().await;
    while api.count("PUT", "/leases/") == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    instance.stopping.cancel();
    instance.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_leads_and_the_other_takes_over_when_it_stops() {
    let api = Api::default();
    let mut one = Instance::start(&api, "one");
    one.leads().await.check().unwrap();
    let mut two = Instance::start(&api, "two");
    sleep(Duration::from_secs(60)).await;
    assert!(two.terms.try_recv().is_err());
    assert_eq!(one.holder().as_deref(), Some("one"));

    let stopped = Instant::now();
    one.stopping.cancel();
    one.task.await.unwrap();
    two.leads().await.check().unwrap();
    assert!(stopped.elapsed() <= Duration::from_secs(3), "{:?}", stopped.elapsed());
    assert_eq!(two.holder().as_deref(), Some("two"));
    assert_eq!(api.get(LEASE).unwrap()["spec"]["leaseTransitions"], 2);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_dies_is_replaced_when_its_lease_has_expired() {
    let api = Api::default();
    let mut one = Instance::start(&api, "one");
    one.leads().await;
    let mut two = Instance::start(&api, "two");
    sleep(Duration::from_secs(5)).await;
    one.task.abort();
    let died = Instant::now();
    two.leads().await;
    let took = died.elapsed();
    assert!((Duration::from_secs(12)..Duration::from_secs(20)).contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_cannot_renew_stops_before_another_can_begin() {
    let api = Api::default();
    let mut one = Instance::start(&api, "one");
    let term = one.leads().await;
    sleep(Duration::from_secs(5)).await;
    term.check().unwrap();
    api.refuse("/leases/", 500);
    let cut_off = Instant::now();
    while term.check().is_ok() {
        sleep(Duration::from_millis(100)).await;
    }
    assert!(cut_off.elapsed() <= Duration::from_secs(10), "{:?}", cut_off.elapsed());
    api.stop_refusing();
    one.leads().await.check().unwrap();
    assert!(term.check().is_err(), "an old term does not come back");
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_lease_was_taken_stops_at_the_next_renewal() {
    let api = Api::default();
    let mut one = Instance::start(&api, "one");
    let term = one.leads().await;
    let mut lease = api.get(LEASE).unwrap();
    lease["spec"]["holderIdentity"] = "somebody".into();
    api.put(LEASE, lease);
    sleep(Duration::from_secs(3)).await;
    term.check().unwrap_err();
    assert_eq!(one.holder().as_deref(), Some("somebody"));
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_only_after_the_work_has_ended() {
    let api = Api::default();
    let elector = elector(api.client(NAMESPACE), "one");
    let stopping = CancellationToken::new();
    let stop = stopping.clone();
    let holder = api.clone();
    let (sender, mut ended) = mpsc::unbounded_channel();
    let task = tokio::spawn(elector.lead(stopping.clone(), async move |_term: LeaderTerm| {
        stop.cancelled().await;
        sleep(Duration::from_secs(8)).await;
        sender.send(holder.get(LEASE).unwrap()["spec"]["holderIdentity"].clone()).unwrap();
    }));
    sleep(Duration::from_secs(1)).await;
    stopping.cancel();
    assert_eq!(ended.recv().await.unwrap(), "one");
    task.await.unwrap();
    assert!(api.get(LEASE).unwrap()["spec"]["holderIdentity"].is_null());
}
