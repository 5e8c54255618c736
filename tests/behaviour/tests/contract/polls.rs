//! `/polls`, schedules and calendars through the gateway: one story of each.

use behaviour::{Reply, Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_group_of_two_answers_a_poll_and_it_is_decided,
    a_schedule_is_seen_as_whole_hours_through_the_cache,
    a_calendar_blocks_an_answer_from_the_schedule,
    what_is_for_other_services_is_not_for_the_public,
    the_limits_are_told,
];

const POLLS: &str = "/users/polls";

async fn ask(stage: &Stage, method: Method, path: &str, token: &str, body: &Value) -> anyhow::Result<Reply> {
    let call = stage.api.call(method, path).header("authorization", format!("Bearer {token}"));
    if body.is_null() { call.send().await } else { call.json(body).send().await }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap().to_owned()
}

/// A poll over 6 and 9 March 2026 in Berlin: its path and its organiser's token.
async fn poll(stage: &Stage) -> anyhow::Result<(String, String)> {
    let body = json!({"title": "Retrospective", "kind": "dates", "dates": ["2026-03-06", "2026-03-09"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "17:00", "granularity_minutes": 30, "duration_minutes": 60});
    let created = stage.api.post(POLLS, &body).await?.is(201).json();
    Ok((format!("{POLLS}/{}", text(&created, "id")), text(&created, "admin_token")))
}

/// Somebody who takes part: their path and token.
async fn join(stage: &Stage, poll: &str, body: &Value) -> anyhow::Result<(String, String)> {
    let path = format!("{poll}/participants");
    let created = stage.api.post(&path, body).await?.is(201).json();
    Ok((format!("{path}/{}", text(&created, "id")), text(&created, "edit_token")))
}

async fn a_group_of_two_answers_a_poll_and_it_is_decided(stage: &Stage) -> anyhow::Result<()> {
    let (poll, admin) = poll(stage).await?;
    let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
    for name in ["Ada", "Bob"] {
        let (path, token) = join(stage, &poll, &json!({"name": name, "time_zone": "Asia/Kolkata"})).await?;
        let range = json!({"start": meeting["start"], "end": meeting["end"], "level": "yes"});
        let answer = json!({"ranges": [range]});
        let path = format!("{path}/answer");
        ask(stage, Method::PUT, &path, &token, &answer).await?.is(200);
        assert_eq!(
            ask(stage, Method::GET, &path, &token, &Value::Null).await?.is(200).json()["ranges"],
            json!([range])
        );
    }
    let read = stage.api.get(&poll).await?.is(200);
    assert_eq!((read.header("etag"), &read.json()["answered"]), ("\"5\"", &json!(2)));
    let decision = format!("{poll}/decision");
    stage.api.put(&decision, &meeting).await?.is(401);
    let decided = ask(stage, Method::PUT, &decision, &admin, &meeting).await?.is(200).json();
    assert_eq!((&decided["state"], &decided["meeting"]), (&json!("decided"), &meeting));
    let late = json!({"name": "Eve", "time_zone": "UTC"});
    stage.api.post(&format!("{poll}/participants"), &late).await?.is(409);
    let export = ask(stage, Method::GET, &format!("{poll}/export.csv"), &admin, &Value::Null).await?.is(200);
    assert_eq!(export.text().lines().count(), 3);
    ask(stage, Method::DELETE, &poll, &admin, &Value::Null).await?.is(204);
    stage.api.get(&poll).await?.is(404);
    Ok(())
}

async fn a_schedule_is_seen_as_whole_hours_through_the_cache(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let cached = people::cached_path(&email);
    assert_eq!(stage.api.get(&cached).await?.is(200).json()["availabilities"]["monday"], json!([9]));
    let rule = json!({"day": "monday", "from": "13:30", "to": "16:15", "level": "yes"});
    let schedule =
        json!({"time_zone": "Asia/Kathmandu", "weekly": [rule], "overrides": [], "working_hours": []});
    let path = format!("{}/schedule", people::path(&email));
    assert_eq!(stage.api.put(&path, &schedule).await?.is(200).json(), schedule);
    assert_eq!(stage.api.get(&cached).await?.is(200).json()["availabilities"]["monday"], json!([14, 15]));
    Ok(())
}

async fn a_calendar_blocks_an_answer_from_the_schedule(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({}), "first").await?;
    let rule = json!({"day": "friday", "from": "09:00", "to": "12:00", "level": "yes"});
    let schedule = json!({"time_zone": "Europe/Berlin", "weekly": [rule]});
    stage.api.put(&format!("{}/schedule", people::path(&email)), &schedule).await?.is(200);
    // A Friday that is always ahead, and not too far.
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let friday = now.date().nth_weekday(2, jiff::civil::Weekday::Friday)?;
    let event = format!(
        "DTSTART;TZID=W. Europe Standard Time:{0}T100000\r\nDURATION:PT1H",
        friday.strftime("%Y%m%d")
    );
    let file = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Doctor\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = format!("{}/calendars/work", people::path(&email));
    let imported = stage.api.call(Method::PUT, &path).header("content-type", "text/calendar").body(file);
    let imported = imported.send().await?.is(200).json();
    assert_eq!((&imported["busy"], &imported["problems"]), (&json!(1), &json!([])));

    let body = json!({"title": "x", "kind": "dates", "dates": [friday.to_string()], "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
    let created = stage.api.post(POLLS, &body).await?.is(201).json();
    let poll = format!("{POLLS}/{}", text(&created, "id"));
    let (path, token) =
        join(stage, &poll, &json!({"name": "Ada", "time_zone": "UTC", "email": email})).await?;
    let answer =
        ask(stage, Method::PUT, &format!("{path}/answer"), &token, &json!({"from_schedule": true})).await?;
    let ranges = answer.is(200).json()["ranges"].clone();
    let lengths: Vec<&str> =
        ranges.as_array().unwrap().iter().map(|range| range["level"].as_str().unwrap()).collect();
    assert_eq!(lengths, ["yes", "yes"], "the hour between is blocked: {ranges}");
    Ok(())
}

async fn what_is_for_other_services_is_not_for_the_public(stage: &Stage) -> anyhow::Result<()> {
    let (poll, admin) = poll(stage).await?;
    ask(stage, Method::GET, &format!("{poll}/answers"), &admin, &Value::Null).await?.is(404);
    stage.api.post("/users/schedules/batch", &json!({})).await?.is(404);
    stage.api.get("/users/calendar-subscriptions/AAAAAAAAAAAAAAAAAAAAAA").await?.is(404);
    let outcome = json!({"turn": 1, "error": null});
    stage.api.post("/users/calendar-subscriptions/x/outcome", &outcome).await?.is(404);
    Ok(())
}

async fn the_limits_are_told(stage: &Stage) -> anyhow::Result<()> {
    let limits = stage.api.get("/users/limits").await?.is(200).json();
    assert_eq!(
        (&limits["poll_participants"], &limits["calendar_bytes"]),
        (&json!(10_000), &json!(10_485_760))
    );
    Ok(())
}
