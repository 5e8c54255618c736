//! Answers that were made from a schedule, after a calendar has come that says otherwise: shown by whoever shows answers, and
//! changed by nobody.

use std::time::Duration;

use anyhow::ensure;
use behaviour::{Reply, Stage, eventually, people};
use jiff::civil::Date;
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![a_calendar_that_says_otherwise_by_now_is_shown_until_they_answer_anew];

/// From a change of a calendar to what is shown of it, on a busy machine.
const SHOWN: Duration = Duration::from_secs(90);

struct Poll {
    path: String,
    suggestions: String,
    answer: String,
    token: String,
}

async fn call(stage: &Stage, method: Method, path: &str, token: &str, body: &Value) -> anyhow::Result<Reply> {
    stage.api.call(method, path).header("authorization", format!("Bearer {token}")).json(body).send().await
}

/// A poll on this date from nine to twelve in UTC, which somebody with this address has answered from their schedule.
async fn answered(stage: &Stage, email: &str, date: Date) -> anyhow::Result<Poll> {
    let body = json!({"title": "Planning", "kind": "dates", "dates": [date.to_string()], "time_zone": "Etc/UTC",
        "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
    let created = stage.api.post("/users/polls", &body).await?.is(201).json();
    let id = created["id"].as_str().unwrap();
    let path = format!("/users/polls/{id}");
    let ada = json!({"name": "Ada", "time_zone": "Etc/UTC", "email": email});
    let ada = stage.api.post(&format!("{path}/participants"), &ada).await?.is(201).json();
    let poll = Poll {
        answer: format!("{path}/participants/{}/answer", ada["id"].as_str().unwrap()),
        suggestions: format!("/suggestion/polls/{id}/suggestions"),
        token: ada["edit_token"].as_str().unwrap().to_owned(),
        path,
    };
    poll.answer_from_schedule(stage).await?;
    Ok(poll)
}

impl Poll {
    async fn answer_from_schedule(&self, stage: &Stage) -> anyhow::Result<Value> {
        let body = json!({"from_schedule": true});
        Ok(call(stage, Method::PUT, &self.answer, &self.token, &body).await?.is(200).json())
    }

    /// Waits until the one participant is in conflict at these times; the poll then.
    async fn shows(&self, stage: &Stage, conflicts: &Value) -> anyhow::Result<Value> {
        eventually(&format!("the poll shows {conflicts}"), SHOWN, async || {
            let poll = stage.api.get(&self.path).await?.is(200).json();
            ensure!(poll["participants"][0]["conflicts"] == *conflicts, "{poll}");
            Ok(poll)
        })
        .await
    }

    /// The starts of the windows in their order, and those of them at which Ada is in conflict.
    async fn windows(&self, stage: &Stage) -> anyhow::Result<[Vec<String>; 2]> {
        let found = stage.api.post(&self.suggestions, &json!({})).await?.is(200).json();
        let windows = found["windows"].as_array().unwrap();
        let start = |window: &Value| window["start"].as_str().unwrap().to_owned();
        let is_told = |window: &&Value| {
            let reasons = window["reasons"].as_array().unwrap();
            let told = reasons.iter().any(|reason| reason["code"] == "conflict_of");
            assert_eq!(window["people"][0]["in_conflict"] == true, told, "{window}");
            told
        };
        Ok([windows.iter().map(start).collect(), windows.iter().filter(is_told).map(start).collect()])
    }
}

async fn a_calendar_that_says_otherwise_by_now_is_shown_until_they_answer_anew(
    stage: &Stage,
) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"friday": [9, 10, 11]}), "first").await?;
    // A Friday that is always ahead, and not too far.
    let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
    let friday = today.nth_weekday(2, jiff::civil::Weekday::Friday)?;
    let poll = answered(stage, &email, friday).await?;
    let before = call(stage, Method::GET, &poll.answer, &poll.token, &Value::Null).await?.is(200).json();
    let [starts, none] = poll.windows(stage).await?;
    assert_eq!((starts.len(), none.len()), (3, 0));

    let event = format!("DTSTART:{}T101000Z\r\nDURATION:PT30M", friday.strftime("%Y%m%d"));
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Doctor\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = format!("{}/calendars/work", people::path(&email));
    let put = stage.api.call(Method::PUT, &path).header("content-type", "text/calendar");
    put.body(calendar).send().await?.is(200);
    let at = |minutes: &str| format!("{friday}T10:{minutes}:00Z");
    let shown = poll.shows(stage, &json!({"ranges": [{"start": at("00"), "end": at("45")}]})).await?;
    assert_eq!(shown["version"], before["version"].as_i64().unwrap() + 1);
    assert!(!shown.to_string().contains("Doctor"));
    let mut after = call(stage, Method::GET, &poll.answer, &poll.token, &Value::Null).await?.is(200).json();
    assert_eq!(after["conflicts"], shown["participants"][0]["conflicts"]);
    after.as_object_mut().unwrap().remove("conflicts");
    after["version"] = before["version"].clone();
    assert_eq!(after, before, "the answer is as it was");
    assert_eq!(poll.windows(stage).await?, [starts, vec![at("00")]]);

    let anew = poll.answer_from_schedule(stage).await?;
    assert_eq!((anew["ranges"].as_array().map(Vec::len), anew.get("conflicts")), (Some(2), None));
    poll.shows(stage, &Value::Null).await?;
    assert!(poll.windows(stage).await?[1].is_empty());
    Ok(())
}
