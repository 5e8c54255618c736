//! Answers that were made from a schedule which says otherwise by now.

use axum::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Participant, Poll, Service, range, with};

const ADA: &str = "ada@example.com";
const SCHEDULE: &str = "/users/ada@example.com/schedule";

/// Free on Fridays from nine to this time in Berlin.
fn until(to: &str) -> Value {
    let rule = json!({"day": "friday", "from": "09:00", "to": to, "level": "yes"});
    json!({"time_zone": "Europe/Berlin", "weekly": [rule]})
}

/// Ada's answer by a schedule that has her free until noon.
async fn answered(service: &Service, members: Value) -> (Poll, Participant) {
    service.put(SCHEDULE, until("12:00")).await.is(200);
    let poll = service.poll(members).await;
    let ada = service.join(&poll, "Ada", json!({"email": ADA})).await;
    service.answer(&ada, json!({"from_schedule": true})).await.is(200);
    (poll, ada)
}

impl Service {
    /// The people whose answers are to be looked at, now rather than in some seconds.
    async fn people_to_check(&self) -> Vec<Value> {
        self.execute("UPDATE job_orders SET due_at_us = 0").await;
        let orders = self.orders("check-conflicts").await;
        self.execute("DELETE FROM job_orders").await;
        orders.into_iter().map(|payload| payload["person"].clone()).collect()
    }

    /// Does what is ordered; in how many polls something is different then.
    async fn check_conflicts(&self) -> u64 {
        let mut changed = 0;
        for person in self.people_to_check().await {
            let mut after = Value::Null;
            loop {
                let asked = json!({"person": person, "after": after});
                let reply = self.by("", Method::POST, "/conflict-checks", asked).await.is(200).json();
                changed += reply["changed"].as_u64().unwrap();
                after = reply["next"].clone();
                if after.is_null() {
                    break;
                }
            }
        }
        changed
    }

    /// The poll's version, and when its first participant is in conflict, as anybody reads it.
    async fn version_and_conflicts(&self, poll: &Poll) -> (i64, Value) {
        let read = self.get(&poll.path).await.is(200).json();
        (read["version"].as_i64().unwrap(), read["participants"][0]["conflicts"].clone())
    }
}

fn from_eleven() -> Value {
    json!({"ranges": [{"start": "2026-03-06T10:00:00Z", "end": "2026-03-06T11:00:00Z"}]})
}

#[tokio::test]
async fn a_conflict_is_shown_beside_the_answer_until_the_schedule_changes_back() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let (poll, ada) = answered(&service, json!({})).await;
        let answer = format!("{}/answer", ada.path);
        let read = async || service.by(&ada.token, Method::GET, &answer, Value::Null).await.is(200).json();
        let before = read().await;
        assert_eq!(service.check_conflicts().await, 0, "nothing has changed since the answer");

        service.put(SCHEDULE, until("11:00")).await.is(200);
        assert_eq!(service.version_and_conflicts(&poll).await, (3, Value::Null), "some seconds later");
        assert_eq!(service.check_conflicts().await, 1);
        assert_eq!(service.version_and_conflicts(&poll).await, (4, from_eleven()));
        let after = read().await;
        assert_eq!((&after["ranges"], &after["answered_at"]), (&before["ranges"], &before["answered_at"]));
        assert_eq!((&after["from_schedule"], &after["conflicts"]), (&json!(true), &from_eleven()));
        let all = service.get(&format!("{}/answers?since=3", poll.path)).await.is(200).json();
        assert_eq!((&all["since"], &all["participants"][0]["conflicts"]), (&json!(3), &from_eleven()));

        service.put(SCHEDULE, with(until("11:00"), json!({"working_hours": []}))).await.is(200);
        assert_eq!(service.check_conflicts().await, 0);
        assert_eq!(service.version_and_conflicts(&poll).await.0, 4, "the same once more is no change");
        service.put(SCHEDULE, until("17:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        assert_eq!(service.version_and_conflicts(&poll).await, (5, Value::Null));
    }
}

#[tokio::test]
async fn to_answer_anew_ends_a_conflict() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let (poll, ada) = answered(&service, json!({})).await;
        let shorten = async || {
            service.put(SCHEDULE, until("11:00")).await.is(200);
            assert_eq!(service.check_conflicts().await, 1);
        };
        shorten().await;
        let anew = service.answer(&ada, json!({"from_schedule": true})).await.is(200).json();
        let morning = json!([range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes")]);
        assert_eq!((&anew["ranges"], anew.get("conflicts")), (&morning, None));
        assert_eq!(service.version_and_conflicts(&poll).await, (5, Value::Null));

        // The schedule is as it was when a conflict is found, and again when the same is answered.
        service.put(SCHEDULE, until("12:00")).await.is(200);
        service.answer(&ada, json!({"from_schedule": true})).await.is(200);
        shorten().await;
        service.put(SCHEDULE, until("12:00")).await.is(200);
        let same = service.answer(&ada, json!({"from_schedule": true})).await.is(200).json();
        assert_eq!((&same["version"], same.get("conflicts")), (&json!(8), None));
        shorten().await;
        // Whoever has painted their answer has said what they want.
        let painted = json!({"ranges": [range("2026-03-06T08:00:00Z", "2026-03-06T11:00:00Z", "yes")]});
        assert_eq!(service.answer(&ada, painted).await.is(200).json().get("conflicts"), None);
        service.people_to_check().await;
        service.put(SCHEDULE, until("10:00")).await.is(200);
        assert!(service.people_to_check().await.is_empty());
    }
}

#[tokio::test]
async fn only_whoever_has_answered_an_open_poll_from_their_schedule_is_looked_at() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        service.person("bob@example.com", json!({})).await;
        let checked = async || {
            service.put(SCHEDULE, until("11:00")).await.is(200);
            service.people_to_check().await.len()
        };
        assert_eq!(checked().await, 0, "no answer");
        let (poll, _) = answered(&service, json!({})).await;
        let bobs = service.join(&poll, "Bob", json!({"email": "bob@example.com"})).await;
        service.answer(&bobs, json!({"ranges": []})).await.is(200);
        assert_eq!(checked().await, 1);
        for _ in 0..5 {
            service.put(SCHEDULE, until("11:00")).await.is(200);
        }
        let orders = service.people_to_check().await.len();
        assert!((1..=2).contains(&orders), "changes of ten seconds are one, but not {orders}");
        service.put("/users/bob@example.com/schedule", until("11:00")).await.is(200);
        assert_eq!(service.people_to_check().await.len(), 0);

        let change =
            async |method: Method, path: &str, body: Value| service.by(&poll.admin, method, path, body).await;
        change(Method::PATCH, &poll.path, json!({"deadline": "2020-01-01T00:00:00Z"})).await.is(200);
        assert_eq!(checked().await, 0, "closed");
        change(Method::PATCH, &poll.path, json!({"deadline": null})).await.is(200);
        assert_eq!(service.people_to_check().await.len(), 1, "open again");
        change(Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(checked().await, 0, "deleted");
        change(Method::POST, &format!("{}/restore", poll.path), Value::Null).await.is(200);
        assert_eq!(service.people_to_check().await.len(), 1, "restored");
        let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
        let decision = format!("{}/decision", poll.path);
        change(Method::PUT, &decision, meeting).await.is(200);
        assert_eq!(checked().await, 0, "decided");
        change(Method::DELETE, &decision, Value::Null).await.is(204);
        assert_eq!(service.people_to_check().await.len(), 1, "open again");
    }
}

#[tokio::test]
async fn calendars_and_meetings_that_are_decided_make_conflicts() {
    for service in Service::both().await {
        service.person(ADA, json!({"friday": [9, 10, 11]})).await;
        // Calendars are taken for the times ahead.
        let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
        let friday = today.nth_weekday(2, jiff::civil::Weekday::Friday).unwrap();
        let days = json!({"dates": [friday.to_string()], "time_zone": "Etc/UTC"});
        let poll = service.poll(days.clone()).await;
        let ada = service.join(&poll, "Ada", json!({"email": ADA})).await;
        service.answer(&ada, json!({"from_schedule": true})).await.is(200);
        let at = |from: &str, to: &str| json!({"start": format!("{friday}T{from}:00Z"), "end": format!("{friday}T{to}:00Z")});
        let found = async || {
            assert_eq!(service.check_conflicts().await, 1);
            service.version_and_conflicts(&poll).await.1
        };

        let event = format!("DTSTART:{}T101000Z\r\nDURATION:PT10M", friday.strftime("%Y%m%d"));
        let calendar =
            format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        let path = format!("/users/{ADA}/calendars/work");
        service.ask(Method::PUT, &path, &[("content-type", "text/calendar")], calendar).await.is(200);
        assert_eq!(found().await, json!({"ranges": [at("10:00", "10:30")]}));
        service.by("", Method::DELETE, &path, Value::Null).await.is(204);
        assert_eq!(found().await, Value::Null);

        let other = service.poll(days).await;
        let same = service.join(&other, "Ada", json!({"email": ADA})).await;
        service
            .decide(&other, (&format!("{friday}T09:00:00Z"), &format!("{friday}T10:00:00Z")))
            .await
            .is(200);
        assert_eq!(found().await, json!({"ranges": [at("09:00", "10:00")]}));
        service.by(&same.token, Method::DELETE, &same.path, Value::Null).await.is(204);
        assert_eq!(found().await, Value::Null, "they take no part in the meeting");
        let hours = json!({"email": ADA, "availabilities": {"friday": [9]}});
        service.put(&format!("/users/{ADA}"), hours).await.is(200);
        assert_eq!(found().await, json!({"ranges": [at("10:00", "12:00")]}));
    }
}

#[tokio::test]
async fn who_may_see_answers_sees_conflicts_and_everybody_their_own() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let (poll, ada) = answered(&service, json!({"visibility": "counts"})).await;
        service.put(SCHEDULE, until("11:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        let read = async |token: &str| service.by(token, Method::GET, &poll.path, Value::Null).await.json();
        assert_eq!(read(&poll.admin).await["participants"][0]["conflicts"], from_eleven());
        assert_eq!(read(&ada.token).await["participants"], Value::Null);
        let own = service.by(&ada.token, Method::GET, &format!("{}/answer", ada.path), Value::Null).await;
        assert_eq!(own.json()["conflicts"], from_eleven());
    }
}

#[tokio::test]
async fn conflicts_go_with_the_times_and_the_people_that_they_are_of() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let (poll, ada) = answered(&service, json!({})).await;
        service.put(SCHEDULE, until("11:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        let change =
            async |body: Value| service.by(&poll.admin, Method::PATCH, &poll.path, body).await.is(200);
        change(json!({"dates": ["2026-03-06"], "to": "11:30"})).await;
        let half = json!({"ranges": [{"start": "2026-03-06T10:00:00Z", "end": "2026-03-06T10:30:00Z"}]});
        assert_eq!(service.version_and_conflicts(&poll).await.1, half);
        change(json!({"to": "11:00"})).await;
        assert_eq!(service.version_and_conflicts(&poll).await.1, Value::Null);
        assert_eq!(service.check_conflicts().await, 0);

        service.put(SCHEDULE, until("10:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        let other = json!({"email": "other@example.com"});
        let renamed = service.by(&ada.token, Method::PATCH, &ada.path, other).await.is(200).json();
        assert_eq!(renamed.get("conflicts"), None);
        assert_eq!(service.version_and_conflicts(&poll).await.1, Value::Null);

        let (poll, _) = answered(&service, json!({})).await;
        service.put(SCHEDULE, until("11:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        assert_eq!(service.version_and_conflicts(&poll).await.1, Value::Null, "nothing of a person stays");
    }
}

#[tokio::test]
async fn weekly_rules_that_are_others_now_are_told_on_the_polls_clocks() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        service.put(SCHEDULE, until("12:00")).await.is(200);
        let body = json!({"title": "Stand-up", "kind": "weekly", "days": ["friday"], "time_zone": "Europe/London",
            "from": "08:00", "to": "12:00", "granularity_minutes": 15, "duration_minutes": 15});
        let created = service.by("", Method::POST, "/polls", body).await.is(201).json();
        let text = |member: &str| created[member].as_str().unwrap().to_owned();
        let poll = Poll { path: format!("/polls/{}", text("id")), admin: text("admin_token") };
        let ada = service.join(&poll, "Ada", json!({"email": ADA})).await;
        service.answer(&ada, json!({"from_schedule": true})).await.is(200);
        service.put(SCHEDULE, until("10:45")).await.is(200);
        assert_eq!(service.check_conflicts().await, 1);
        let hours = json!({"weekly": [{"day": "friday", "from": "09:45", "to": "11:00"}]});
        assert_eq!(service.version_and_conflicts(&poll).await.1, hours);
    }
}

#[tokio::test]
async fn many_polls_are_looked_at_in_several_requests() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let mut polls = Vec::new();
        for _ in 0..23 {
            polls.push(answered(&service, json!({"dates": ["2026-03-06"]})).await.0);
        }
        service.put(SCHEDULE, until("11:00")).await.is(200);
        assert_eq!(service.check_conflicts().await, 23);
        for poll in &polls {
            assert_eq!(service.version_and_conflicts(poll).await, (4, from_eleven()));
        }
        let unknown = json!({"person": "nobody"});
        let reply = service.by("", Method::POST, "/conflict-checks", unknown).await.is(200).json();
        assert_eq!(reply, json!({"changed": 0, "next": null}));
        assert_eq!(service.by("", Method::POST, "/conflict-checks", json!({})).await.is(400).status, 400);
    }
}

/// An answer is made while the schedule changes and meetings are decided: nobody waits in vain, and after the last check each answer is in conflict with the schedule exactly where it differs.
#[tokio::test]
async fn whatever_happens_at_the_same_time_the_last_check_finds_what_is_so() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let (poll, ada) = answered(&service, json!({})).await;
        let (other, _) = answered(&service, json!({})).await;
        let person = service.people_to_check().await[0].clone();
        for round in 0..8 {
            let change = async |step: usize| match (step + round) % 4 {
                0 => drop(service.answer(&ada, json!({"from_schedule": true})).await.is(200)),
                1 => drop(service.put(SCHEDULE, until(["10:00", "11:00", "12:00"][round % 3])).await.is(200)),
                2 => {
                    let asked = json!({"person": person});
                    service.by("", Method::POST, "/conflict-checks", asked).await.is(200);
                }
                _ => {
                    let meeting = ("2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z");
                    service.decide(&other, meeting).await.is(200);
                    let decision = format!("{}/decision", other.path);
                    let taken_back = service.by(&other.admin, Method::DELETE, &decision, Value::Null).await;
                    assert!([204, 404].contains(&taken_back.status.as_u16()), "{}", taken_back.text);
                }
            };
            join_all((0..8).map(change)).await;
        }
        service.by(&other.admin, Method::DELETE, &other.path, Value::Null).await.is(204);
        service.put(SCHEDULE, until("10:00")).await.is(200);
        service.check_conflicts().await;
        let read = service.by(&ada.token, Method::GET, &format!("{}/answer", ada.path), Value::Null).await;
        let read = read.is(200).json();
        let ends: Vec<&str> =
            read["ranges"].as_array().unwrap().iter().map(|range| range["end"].as_str().unwrap()).collect();
        let expected = match ends.last() {
            Some(&end) if end > "2026-03-06T09:00:00Z" => {
                json!({"ranges": [{"start": "2026-03-06T09:00:00Z", "end": end}]})
            }
            _ => Value::Null,
        };
        assert_eq!(service.version_and_conflicts(&poll).await.1, expected, "{read}");
    }
}
