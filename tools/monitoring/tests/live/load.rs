//! Everything that people do with the platform.

use std::time::Duration;

use anyhow::ensure;
use behaviour::Api;
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
    let deleted = api.delete(&format!("/users/users/{}", people[3])).await?;
    ensure!([200, 204].contains(&deleted.status), "{}: {}", deleted.request, deleted.status);
    Ok(())
}

fn suggestions([one, other]: [&str; 2]) -> String {
    format!("/suggestion/suggestions?userId1={one}&userId2={other}")
}

fn group(people: &[String]) -> String {
    let group: Vec<String> = people.iter().map(|email| format!("userId={email}")).collect();
    format!("/suggestion/suggestions?{}", group.join("&"))
}
