//! Polls end some days after their last date.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Poll, Reply, Service, poll, with};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

impl Service {
    /// How many polls have ended by now.
    async fn ended(&self) -> Value {
        let body = json!({"until_us": jiff::Timestamp::now().as_microsecond()});
        let reply = self.by("", Method::POST, "/poll-expirations", body).await.is(200).json();
        assert_eq!(reply["more"], false);
        reply["polls"].clone()
    }

    async fn weekly(&self) -> Poll {
        let mut body = with(poll(), json!({"kind": "weekly", "days": ["monday"], "keep_days": 6}));
        body.as_object_mut().unwrap().remove("dates");
        let created = self.by("", Method::POST, "/polls", body).await.is(201).json();
        let path = format!("/polls/{}", created["id"].as_str().unwrap());
        Poll { path, admin: created["admin_token"].as_str().unwrap().to_owned() }
    }

    async fn patch(&self, poll: &Poll, body: Value) -> Reply {
        self.by(&poll.admin, Method::PATCH, &poll.path, body).await
    }

    /// Has all polls be about times that were a week earlier.
    async fn a_week_passes(&self) {
        self.execute("UPDATE polls SET last_at_us = last_at_us - 604800000000").await;
    }
}

/// A poll whose dates have passed, so that it is kept from when it is made.
fn past() -> Value {
    json!({"dates": ["2025-03-06"]})
}

#[tokio::test]
async fn the_last_date_counts_where_it_is_to_come() {
    for service in Service::both().await {
        let in_two_days = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
        service.poll(json!({"dates": [&in_two_days.to_string()[..10]], "time_zone": "Etc/UTC"})).await;
        let last = service.number("SELECT last_at_us AS number FROM polls").await;
        assert_eq!(last % DAY_US, DAY_US / 24 * 17, "the end of the last date");
        assert_eq!(last / DAY_US, in_two_days.as_microsecond() / DAY_US);
    }
}

#[tokio::test]
async fn a_poll_is_kept_for_ninety_days_after_its_last_date_and_can_then_be_restored() {
    for service in Service::both().await {
        assert_eq!(service.get("/limits").await.is(200).json()["poll_retention_days"], 90);
        let (poll, other) = (service.poll(past()).await, service.poll(past()).await);
        for _ in 0..12 {
            service.a_week_passes().await;
        }
        assert_eq!(service.ended().await, 0, "six days are left");
        service.patch(&other, json!({"title": "Once more"})).await.is(200);
        service.a_week_passes().await;
        assert_eq!(service.ended().await, 1, "the other one has been changed");
        assert_eq!(service.ended().await, 0);
        service.get(&poll.path).await.is(404);
        service.get(&other.path).await.is(200);
        assert_eq!(service.number("SELECT COUNT(*) AS number FROM job_orders WHERE kind = 'purge'").await, 1);

        let restore = format!("{}/restore", poll.path);
        service.by(&poll.admin, Method::POST, &restore, Value::Null).await.is(200);
        assert_eq!(service.ended().await, 0, "it is kept anew");
        service.get(&poll.path).await.is(200);
    }
}

#[tokio::test]
async fn an_organiser_may_have_a_poll_kept_for_less() {
    for service in Service::both().await {
        let poll = service.poll(with(past(), json!({"keep_days": 6}))).await;
        assert_eq!(service.get(&poll.path).await.is(200).json()["keep_days"], 6);
        let kept = service.poll(with(past(), json!({"keep_days": 6}))).await;
        let shown = service.patch(&kept, json!({"keep_days": null})).await.is(200).json();
        assert!(shown.get("keep_days").is_none(), "{shown}");
        assert_eq!(service.ended().await, 0);
        service.a_week_passes().await;
        assert_eq!(service.ended().await, 1);
        service.get(&poll.path).await.is(404);
        service.get(&kept.path).await.is(200);
    }
}

#[tokio::test]
async fn an_answer_keeps_a_weekly_poll() {
    for service in Service::both().await {
        let polls = [service.weekly().await, service.weekly().await];
        service.a_week_passes().await;
        service.join(&polls[0], "Ada", json!({})).await;
        assert_eq!(service.ended().await, 1);
        service.get(&polls[0].path).await.is(200);
        service.get(&polls[1].path).await.is(404);
    }
}

#[tokio::test]
async fn without_a_limit_only_what_the_organiser_says_counts() {
    let service = Service::start(&["--poll-retention-days", "0"]).await;
    assert!(service.get("/limits").await.is(200).json()["poll_retention_days"].is_null());
    service.poll(past()).await;
    service.poll(with(past(), json!({"keep_days": 10}))).await;
    service.a_week_passes().await;
    assert_eq!(service.ended().await, 0);
    service.a_week_passes().await;
    assert_eq!(service.ended().await, 1);
}

#[tokio::test]
async fn dates_that_a_release_before_has_moved_are_noted_and_not_lost() {
    for service in Service::both().await {
        service.poll(json!({})).await;
        let last = service.number("SELECT last_at_us AS number FROM polls").await;
        service.execute("UPDATE polls SET last_at_us = 0").await;
        assert_eq!(service.ended().await, 0, "its dates are later than that");
        let noted = service.number("SELECT last_at_us AS number FROM polls").await;
        assert!((last..last + DAY_US).contains(&noted), "{noted} for {last}");
    }
}

#[tokio::test]
async fn how_long_a_poll_is_kept_is_one_day_at_least() {
    let service = Service::start(&[]).await;
    let poll = service.poll(json!({})).await;
    for days in [json!(0), json!(3_651), json!("6"), json!(1.5)] {
        assert_eq!(service.patch(&poll, json!({"keep_days": days})).await.is(400).places(), ["keep_days"]);
    }
}
