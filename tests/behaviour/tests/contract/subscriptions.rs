//! Calendars that the workers fetch, from a server of the test.

use std::time::Duration;

use anyhow::ensure;
use behaviour::{Stage, eventually, people};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, header_exists},
};

behaviour::in_both_forms![a_subscribed_calendar_is_fetched_and_kept_when_it_vanishes];

/// From the order of a fetch to its outcome, on a busy machine.
const FETCHED: Duration = Duration::from_secs(60);

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
    Mock::given(any()).respond_with(whole).mount(&server).await;

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
