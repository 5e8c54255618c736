//! What is ordered for an instant, and what it does then.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::Service;

const WEEK_US: i64 = 7 * 24 * 60 * 60 * 1_000_000;
const HOUR_US: i64 = 60 * 60 * 1_000_000;

impl Service {
    /// The instants for which jobs of a kind are ordered, in microseconds.
    async fn instants(&self, kind: &str) -> Vec<i64> {
        self.execute("UPDATE job_orders SET due_at_us = 0, leased_until_us = 0").await;
        let orders = self.orders(kind).await;
        orders.iter().map(|payload| payload["until_us"].as_i64().unwrap()).collect()
    }

    async fn post_due(&self, route: &str, until_us: i64) -> Value {
        self.by("", Method::POST, route, json!({"until_us": until_us})).await.is(200).json()
    }
}

#[tokio::test]
async fn each_poll_is_closed_once_by_whatever_order_comes_first() {
    for service in Service::both().await {
        let deadline = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
        let until_us = deadline.as_microsecond();
        let members = json!({"deadline": deadline.to_string()});
        let polls = [service.poll(members.clone()).await, service.poll(members).await];
        let other = service.poll(json!({})).await;
        service
            .by(&other.admin, Method::PATCH, &other.path, json!({"deadline": deadline.to_string()}))
            .await
            .is(200);
        assert_eq!(service.instants("close").await, [until_us; 3]);
        let early = json!({"polls": 0, "more": false});
        assert_eq!(service.post_due("/poll-closings", until_us - 1).await, early);
        let closed = json!({"polls": 3, "more": false});
        assert_eq!(service.post_due("/poll-closings", until_us).await, closed);
        assert_eq!(service.post_due("/poll-closings", until_us).await, early, "each is closed once");
        for poll in &polls {
            assert_eq!(service.get(&poll.path).await.is(200).json()["version"], 2);
        }
    }
}

#[tokio::test]
async fn what_can_no_longer_be_restored_is_purged_in_the_hour_after() {
    for service in Service::both().await {
        let polls = [service.poll(json!({})).await, service.poll(json!({})).await];
        let before_us = jiff::Timestamp::now().as_microsecond();
        service.by(&polls[0].admin, Method::DELETE, &polls[0].path, Value::Null).await.is(204);
        let ordered = service.instants("purge").await;
        let past_us = ordered[0] - before_us - WEEK_US;
        assert!(ordered.len() == 1 && (1..=HOUR_US + 60_000_000).contains(&past_us), "{ordered:?}");
        assert_eq!(ordered[0] % HOUR_US, 0);

        let now_us = jiff::Timestamp::now().as_microsecond();
        let none = json!({"polls": 0, "more": false});
        assert_eq!(service.post_due("/poll-purges", now_us).await, none, "it can be restored");
        service.execute("UPDATE polls SET deleted_at_us = deleted_at_us - 604800000000").await;
        let purged = json!({"polls": 1, "more": false});
        assert_eq!(service.post_due("/poll-purges", now_us).await, purged);
        assert_eq!(service.number("SELECT COUNT(*) AS number FROM polls").await, 1);
    }
}

#[tokio::test]
async fn what_is_in_the_future_is_not_due() {
    let service = Service::start(&[]).await;
    let next_hour = jiff::Timestamp::now().as_microsecond() + HOUR_US;
    for body in [json!({"until_us": next_hour}), json!({"until_us": i64::MAX}), json!({}), json!([])] {
        for route in ["/poll-closings", "/poll-expirations", "/poll-purges"] {
            service.by("", Method::POST, route, body.clone()).await.is(400);
        }
    }
}
