//! Everything that people do with the platform.

use std::time::Duration;

use anyhow::ensure;
use behaviour::Api;
use reqwest::Method;
use serde_json::json;
use testkit::ServiceProcess;
use tokio::time::{Instant, interval};

/// Time between two rounds.
const PACE: Duration = Duration::from_millis(100);
/// People in the largest group.
const GROUP: usize = 12;

/// Asks for suggestions while no availability-service runs, which is a 503.
pub(crate) async fn ask_without(replicas: &mut [ServiceProcess; 2], api: &Api) -> anyhow::Result<()> {
    for replica in replicas.iter_mut() {
        replica.stop().await?;
    }
    api.get(&suggestions(["a@example.com", "b@example.com"])).await?.ensure_status(503)?;
    for replica in replicas {
        replica.restart().await?;
    }
    Ok(())
}

/// Does everything again and again.
pub(crate) async fn work_for(time: Duration, api: &Api) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut pace = interval(PACE);
    let mut round = 0;
    while begin.elapsed() < time {
        pace.tick().await;
        work_once(round, api).await?;
        round += 1;
    }
    Ok(())
}

/// Does everything once, with people whom no other round knows.
pub(crate) async fn work_once(round: usize, api: &Api) -> anyhow::Result<()> {
    let people: Vec<String> = (0..GROUP).map(|n| format!("person.{round}.{n}@example.com")).collect();
    for (n, email) in people.iter().enumerate() {
        // The last one is free when nobody else is.
        let week =
            if n + 1 == GROUP { json!({"sunday": [23]}) } else { json!({"monday": [9, 10], "friday": [14]}) };
        let body = json!({"email": email, "availabilities": week});
        api.post("/users/users", &body).await?.ensure_status(201)?;
    }
    let week = json!({"tuesday": [8], "monday": [9]});
    let body = json!({"email": people[0], "availabilities": week, "preferences": "last"});
    api.put(&format!("/users/users/{}", people[0]), &body).await?.ensure_status(200)?;
    let cached = format!("/users/user-avail/cache-aside?user1email={}", people[1]);
    for (path, status) in [
        (cached.clone(), 200),
        (cached.clone(), 200),
        (cached, 200),
        (suggestions([&people[1], &people[2]]), 200),
        (suggestions([&people[1], &people[GROUP - 1]]), 200),
        (suggestions([&people[1], "nobody@example.com"]), 404),
        (group(&people[..GROUP - 1]), 200),
        ("/no/such/path".to_owned(), 404),
    ] {
        api.get(&path).await?.ensure_status(status)?;
    }
    api.post("/users/users", &json!({"email": "nonsense"})).await?.ensure_status(400)?;
    for other in [&people[2], "nobody@example.com"] {
        let order = json!({"userId1": people[1], "userId2": other});
        api.post("/worker/tasks", &order).await?.ensure_status(202)?;
    }
    poll_once(api, &people[1]).await?;
    let deleted = api.delete(&format!("/users/users/{}", people[3])).await?;
    ensure!([200, 204].contains(&deleted.status), "{}: {}", deleted.request, deleted.status);
    Ok(())
}

/// A poll that a stored person answers by their schedule, and what follows from it, asked for twice.
async fn poll_once(api: &Api, email: &str) -> anyhow::Result<()> {
    let poll = json!({
        "title": "Planning", "kind": "dates", "dates": ["2027-03-15"], "time_zone": "Etc/UTC", "from": "08:00",
        "to": "18:00", "granularity_minutes": 60, "duration_minutes": 60,
    });
    let poll = api.post("/users/polls", &poll).await?.ensure_status(201)?.json();
    let id = poll["id"].as_str().unwrap_or_default().to_owned();
    let join = json!({"name": "Ada", "time_zone": "Etc/UTC", "email": email});
    let joined = api.post(&format!("/users/polls/{id}/participants"), &join).await?;
    let joined = joined.ensure_status(201)?.json();
    let [participant, token] = ["id", "edit_token"].map(|name| joined[name].as_str().unwrap_or_default());
    let answer = format!("/users/polls/{id}/participants/{participant}/answer");
    let answer = api.call(Method::PUT, &answer).json(&json!({"from_schedule": true}));
    answer.header("authorization", format!("Bearer {token}")).send().await?.ensure_status(200)?;
    for _ in 0..2 {
        api.get(&format!("/availability/polls/{id}/heatmap")).await?.ensure_status(200)?;
        api.post(&format!("/suggestion/polls/{id}/suggestions"), &json!({})).await?.ensure_status(200)?;
        let group = json!({"people": [email], "from": "2027-03-15T00:00:00Z", "to": "2027-03-16T00:00:00Z"});
        api.post("/suggestion/find-times", &group).await?.ensure_status(200)?;
    }
    Ok(())
}

fn suggestions([one, other]: [&str; 2]) -> String {
    format!("/suggestion/suggestions?userId1={one}&userId2={other}")
}

fn group(people: &[String]) -> String {
    let group: Vec<String> = people.iter().map(|email| format!("userId={email}")).collect();
    format!("/suggestion/suggestions?{}", group.join("&"))
}
