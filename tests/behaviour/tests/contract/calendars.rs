//! Calendars in and out through the gateway: subscriptions that the workers fetch, decided meetings, feeds.

use std::time::Duration;

use anyhow::ensure;
use behaviour::{Stage, eventually, people};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::header_exists};

behaviour::in_every_form![
    a_decided_meeting_is_a_file_and_in_the_feeds_of_those_who_take_part,
    an_address_that_is_not_public_is_never_asked,
];
behaviour::in_both_forms![a_subscribed_calendar_is_fetched_and_kept_when_it_vanishes,];

/// From the order of a fetch to its outcome, on a busy machine.
const FETCHED: Duration = Duration::from_secs(60);

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

async fn a_subscribed_calendar_is_fetched_and_kept_when_it_vanishes(stage: &Stage) -> anyhow::Result<()> {
    let api = &stage.api;
    let email = people::create(api, json!({}), "first").await?;
    let day = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date().tomorrow()?;
    let event =
        format!("UID:x\r\nSUMMARY:Doctor\r\nDTSTART:{}T100000Z\r\nDURATION:PT1H\r\n", day.strftime("%Y%m%d"));
    let file = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n");
    let server = MockServer::start().await;
    let whole = ResponseTemplate::new(200).insert_header("etag", "\"1\"").set_body_string(file);
    Mock::given(header_exists("if-none-match")).respond_with(ResponseTemplate::new(410)).mount(&server).await;
    Mock::given(wiremock::matchers::any()).respond_with(whole).mount(&server).await;

    let calendars = format!("{}/calendars", people::path(&email));
    let work = format!("{calendars}/work");
    let subscription = json!({"url": format!("{}/secret.ics", server.uri())});
    let waiting = api.put(&work, &subscription).await?.is(202);
    assert!(!waiting.text().contains("secret"));
    assert_eq!(waiting.json()["state"], "waiting");
    let becomes = async |state: &str| {
        eventually(&format!("the calendar is {state}"), FETCHED, async || {
            let list = api.get(&calendars).await?.is(200);
            assert!(!list.text().contains("secret"));
            let entry = list.json()["calendars"][0].clone();
            ensure!(entry["state"] == state, "{entry}");
            Ok(entry)
        })
        .await
    };
    assert_eq!(becomes("fresh").await?["busy"], 1);
    let free_busy = format!("{}/freebusy?from={day}T00:00:00Z&to={day}T23:00:00Z", people::path(&email));
    let expected = json!([{"start": format!("{day}T10:00:00Z"), "end": format!("{day}T11:00:00Z")}]);
    assert_eq!(api.get(&free_busy).await?.is(200).json()["busy"], expected);

    // Subscribed to again it is fetched at once, and now it is not there any more.
    api.put(&work, &subscription).await?.is(202);
    let failing = becomes("failing").await?;
    assert!(failing["last_error"].as_str().unwrap().contains("410"), "{failing}");
    assert_eq!(api.get(&free_busy).await?.is(200).json()["busy"], expected);
    api.delete(&work).await?.is(204);
    assert_eq!(api.get(&free_busy).await?.is(200).json()["busy"], json!([]));
    Ok(())
}
