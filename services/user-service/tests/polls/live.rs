use std::time::Duration;

use axum::{body::Body, http::Request};
use futures::StreamExt;
use serde_json::{Value, json};
use testkit::servers::{Redis, RedisCluster, RedisSentinels};
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::support::{Poll, Service, range};

/// Until a server that does not answer is taken for dead, which none is here.
const SOON: Duration = Duration::from_secs(5);

/// A stream of events that is read as it comes.
struct Events {
    body: axum::body::BodyDataStream,
    text: String,
}

impl Events {
    async fn open(service: &Service, poll: &Poll, token: &str, last: &str) -> Events {
        let mut request = Request::get(format!("{}/events", poll.path));
        for (name, value) in
            [("authorization", format!("Bearer {token}")), ("last-event-id", last.to_owned())]
        {
            if !value.is_empty() && value != "Bearer " {
                request = request.header(name, value);
            }
        }
        let reply = service.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        assert_eq!(reply.headers()["x-accel-buffering"], "no");
        Events { body: reply.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event: its name, id and data.
    async fn next(&mut self) -> (String, String, Value) {
        while !self.text.contains("\n\n") {
            let piece = timeout(Duration::from_secs(60), self.body.next()).await.unwrap().unwrap().unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        let (event, rest) = self.text.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let line = event.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        let read = (field("event"), field("id"), serde_json::from_str(&field("data")).unwrap());
        self.text = rest.to_owned();
        read
    }
}

#[tokio::test]
async fn whoever_listens_hears_of_changes_as_far_as_they_may_see_them() {
    for service in Service::both().await {
        let poll = service.poll(json!({"visibility": "after_answer"})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let mut organiser = Events::open(&service, &poll, &poll.admin, "").await;
        let mut anybody = Events::open(&service, &poll, "", "").await;
        let mut own = Events::open(&service, &poll, &ada.token, "").await;
        for events in [&mut organiser, &mut anybody, &mut own] {
            let (name, id, data) = events.next().await;
            assert_eq!((name.as_str(), id.as_str(), data), ("heartbeat", "2", json!({"version": 2})));
        }
        let friday = range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes");
        service.answer(&ada, json!({"ranges": [friday]})).await.is(200);
        let (name, id, data) = organiser.next().await;
        assert_eq!((name.as_str(), id.as_str()), ("change", "3"));
        let participant = &data["participants"][0];
        assert_eq!((&participant["name"], &participant["ranges"]), (&json!("Ada"), &json!([friday])));
        assert_eq!((&data["answered"], &data["poll"]), (&json!(1), &Value::Null));
        // Whoever has answered sees from then on what was hidden.
        let (name, id, _) = own.next().await;
        assert_eq!((name.as_str(), id.as_str()), ("reset", "3"));
        let (_, _, data) = anybody.next().await;
        assert_eq!(
            (&data["version"], &data["participants"], &data["answered"]),
            (&json!(3), &Value::Null, &Value::Null)
        );

        service.by(&poll.admin, axum::http::Method::PATCH, &poll.path, json!({"title": "New"})).await.is(200);
        let (name, _, data) = anybody.next().await;
        assert_eq!((name.as_str(), &data["poll"]["title"]), ("change", &json!("New")));
        service
            .by(&poll.admin, axum::http::Method::PATCH, &poll.path, json!({"visibility": "full"}))
            .await
            .is(200);
        assert_eq!(anybody.next().await.0, "reset");
        service.by(&ada.token, axum::http::Method::PATCH, &ada.path, json!({"name": "A."})).await.is(200);
        assert_eq!(anybody.next().await.2["participants"][0]["name"], "A.");
        service.by(&poll.admin, axum::http::Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(anybody.next().await.0, "gone");
        assert!(timeout(Duration::from_secs(60), anybody.body.next()).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn who_listens_and_what_they_are_sent_is_counted() {
    let service = Service::start(&[]).await;
    let sent = |event: &str| service.metric(&format!("poll_events_sent_total{{event=\"{event}\"}}"));
    let poll = service.poll(json!({})).await;
    assert_eq!((service.metric("poll_event_listeners"), sent("change")), (0.0, 0.0));
    let mut one = Events::open(&service, &poll, "", "").await;
    let mut other = Events::open(&service, &poll, "", "").await;
    service.join(&poll, "Ada", json!({})).await;
    for events in [&mut one, &mut other] {
        assert_eq!(events.next().await.0, "heartbeat");
        assert_eq!(events.next().await.0, "change");
    }
    assert_eq!((service.metric("poll_event_listeners"), sent("change"), sent("heartbeat")), (2.0, 2.0, 2.0));
    drop((one, other));
    assert_eq!(service.metric("poll_event_listeners"), 0.0);
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was_with_the_difference_or_a_reset() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        service.join(&poll, "Bob", json!({})).await;
        let (name, id, data) = Events::open(&service, &poll, "", "1").await.next().await;
        assert_eq!((name.as_str(), id.as_str()), ("change", "3"));
        assert_eq!(data["participants"].as_array().unwrap().len(), 2);
        let (_, _, data) = Events::open(&service, &poll, "", "2").await.next().await;
        assert_eq!(data["participants"][0]["name"], "Bob");
        assert_eq!(Events::open(&service, &poll, "", "3").await.next().await.0, "heartbeat");
        assert_eq!(Events::open(&service, &poll, "", "9").await.next().await.0, "reset");
        service.by(&ada.token, axum::http::Method::DELETE, &ada.path, Value::Null).await.is(204);
        let (name, id, _) = Events::open(&service, &poll, "", "3").await.next().await;
        assert_eq!((name.as_str(), id.as_str()), ("reset", "4"));
        let headers = [("last-event-id", "x")];
        service.ask(axum::http::Method::GET, &format!("{}/events", poll.path), &headers, "").await.is(400);
        service
            .by("wrong", axum::http::Method::GET, &format!("{}/events", poll.path), Value::Null)
            .await
            .is(401);
    }
}

/// How many listen for hints on a server.
async fn listeners(server: &Redis) -> u64 {
    let answer = server.ask("PUBSUB NUMSUB w2meet_polls").await.unwrap();
    answer.lines().last().unwrap().trim_start_matches(':').parse().unwrap()
}

/// On two replicas with the Redis of this URL, on whose servers they listen.
async fn is_heard_on_the_other_replica(redis_url: &str, servers: &[&Redis]) {
    let dsn = testkit::shared::postgres_database().await.unwrap();
    let flags = ["--pg-dsn", &dsn, "--redis-url", redis_url];
    let (one, other) = (Service::start(&flags).await, Service::start(&flags).await);
    loop {
        let mut all = 0;
        for server in servers {
            all += listeners(server).await;
        }
        if all == 2 {
            break;
        }
        tokio::task::yield_now().await;
    }
    let poll = one.poll(json!({})).await;
    let mut events = Events::open(&other, &poll, "", "").await;
    assert_eq!(events.next().await.0, "heartbeat");
    one.join(&poll, "Ada", json!({})).await;
    // A heartbeat would come after 15 seconds, and then it would be one with the same change.
    let (name, _, data) = timeout(Duration::from_secs(12), events.next()).await.unwrap();
    assert_eq!((name.as_str(), &data["participants"][0]["name"]), ("change", &json!("Ada")));
}

#[tokio::test]
async fn a_change_on_one_replica_is_heard_on_another_before_the_next_heartbeat() {
    let redis = Redis::start().await.unwrap();
    is_heard_on_the_other_replica(&redis.url(), &[&redis]).await;
}

#[tokio::test]
async fn a_change_is_heard_through_a_cluster_whichever_node_a_replica_is_on() {
    let cluster = RedisCluster::start(3, 0, SOON).await.unwrap();
    is_heard_on_the_other_replica(&cluster.url(), &cluster.nodes.iter().collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_change_is_heard_through_the_master_that_sentinels_watch() {
    let group = RedisSentinels::start(1, SOON).await.unwrap();
    is_heard_on_the_other_replica(&group.url(), &[&group.servers[0]]).await;
}

#[tokio::test]
async fn a_change_of_which_no_replica_was_told_is_heard_at_the_next_heartbeat() {
    let mut redis = Redis::start().await.unwrap();
    let dsn = testkit::shared::postgres_database().await.unwrap();
    let port = redis.port().to_string();
    let flags = ["--pg-dsn", &dsn, "--redis-host", "127.0.0.1", "--redis-port", &port];
    let (one, other) = (Service::start(&flags).await, Service::start(&flags).await);
    let poll = one.poll(json!({})).await;
    let mut events = Events::open(&other, &poll, "", "").await;
    assert_eq!(events.next().await.0, "heartbeat");
    // With it the hint is lost: it is published to nobody, and not again.
    redis.stop().await.unwrap();
    one.join(&poll, "Ada", json!({})).await;
    let (name, id, data) = events.next().await;
    assert_eq!((name.as_str(), id.as_str()), ("change", "2"));
    assert_eq!(data["participants"][0]["name"], "Ada");
}

#[tokio::test]
async fn whoever_listens_hears_when_the_deadline_has_come() {
    for service in Service::both().await {
        let deadline = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
        let poll = service.poll(json!({"deadline": deadline.to_string()})).await;
        let mut events = Events::open(&service, &poll, "", "").await;
        assert_eq!(events.next().await.0, "heartbeat");
        let read = service.get(&poll.path).await.is(200);
        assert_eq!((read.header("etag"), &read.json()["state"]), ("\"1\"", &json!("open")));

        // What worker-service does once the order is due.
        let orders = loop {
            let orders = service.orders("close").await;
            if !orders.is_empty() {
                break orders;
            }
            sleep(Duration::from_millis(100)).await;
        };
        service.by("", axum::http::Method::POST, "/poll-closings", orders[0].clone()).await.is(200);
        let (name, id, data) = events.next().await;
        assert_eq!((name.as_str(), id.as_str(), &data["poll"]["state"]), ("change", "2", &json!("closed")));
        let known = service.ask(axum::http::Method::GET, &poll.path, &[("if-none-match", "\"1\"")], "").await;
        assert_eq!(known.is(200).json()["state"], "closed", "what was read before is not the same any more");
    }
}
