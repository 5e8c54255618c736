//! Decided meetings as files and feeds through the gateway, and URLs of calendars that are refused.

use behaviour::{Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_decided_meeting_is_a_file_and_in_the_feeds_of_those_who_take_part,
    an_address_that_is_not_public_is_never_asked,
];

/// The path of a URL that a reply has.
fn path(url: &Value) -> String {
    let url = url.as_str().unwrap();
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    path[path.find('/').unwrap()..].to_owned()
}

async fn a_decided_meeting_is_a_file_and_in_the_feeds_of_those_who_take_part(
    stage: &Stage,
) -> anyhow::Result<()> {
    let api = &stage.api;
    let email = people::create(api, json!({}), "first").await?;
    let poll = json!({"title": "Retrospective", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "17:00", "granularity_minutes": 30, "duration_minutes": 60});
    let poll = api.post("/users/polls", &poll).await?.is(201).json();
    let at = format!("/users/polls/{}", poll["id"].as_str().unwrap());
    let ada = json!({"name": "Ada", "time_zone": "UTC", "email": email});
    api.post(&format!("{at}/participants"), &ada).await?.is(201);
    let feed = format!("{}/feed", people::path(&email));
    let urls = api.call(Method::POST, &feed).send().await?.is(201).json();
    let [meetings, free_busy] = [path(&urls["url"]), path(&urls["freebusy_url"])];
    assert!(!api.get(&meetings).await?.is(200).text().contains("BEGIN:VEVENT"));

    let file = format!("{at}/meeting.ics");
    api.get(&file).await?.is(404);
    let token = format!("Bearer {}", poll["admin_token"].as_str().unwrap());
    let decision = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
    let decide = api.call(Method::PUT, &format!("{at}/decision")).header("authorization", token);
    decide.json(&decision).send().await?.is(200);
    let file = api.get(&file).await?.is(200);
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
    let feed_text = api.get(&meetings).await?.is(200).text();
    let uid = format!("UID:{}@w2meet\r\n", poll["id"].as_str().unwrap());
    for text in [file.text(), feed_text] {
        assert!(text.contains("DTSTART:20260306T080000Z\r\n") && text.contains(&uid), "{text}");
    }
    assert!(api.get(&free_busy).await?.is(200).text().contains("BEGIN:VFREEBUSY\r\n"));
    api.delete(&feed).await?.is(204);
    api.get(&meetings).await?.is(401);
    api.get(&free_busy).await?.is(401);
    Ok(())
}

async fn an_address_that_is_not_public_is_never_asked(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({}), "first").await?;
    let calendar = format!("{}/calendars/work", people::path(&email));
    for url in [
        "https://10.0.0.1/secret",
        "https://169.254.169.254/secret",
        "https://[fe80::1]/secret",
        "ftp://a/secret",
    ] {
        let refused = stage.api.put(&calendar, &json!({"url": url})).await?.is(400);
        assert!(!refused.text().contains("secret"), "{}", refused.text());
    }
    Ok(())
}
