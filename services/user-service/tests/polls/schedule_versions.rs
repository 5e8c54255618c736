use axum::http::Method;
use serde_json::{Value, json};
use wire::{PersonSchedule, SchedulesReply};

use crate::support::Service;

const ADA: &str = "ada@example.com";

/// Asks for Ada within the next year, as somebody who knows these versions.
async fn ask(service: &Service, known: &[&str]) -> Option<PersonSchedule> {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let january = format!("{}-01-01T00:00:00Z", now.year() + 1);
    let february = format!("{}-02-01T00:00:00Z", now.year() + 1);
    let body = json!({"emails": [ADA], "from": january, "to": february, "known": known});
    let reply = service.by("", Method::POST, "/schedules/batch", body).await.is(200);
    let reply: SchedulesReply = serde_json::from_str(&reply.text).unwrap();
    reply.people.into_iter().next()
}

/// Ada as she is after a change, for somebody who knows how she was before.
async fn after_change(service: &Service, before: &PersonSchedule) -> PersonSchedule {
    let changed = ask(service, &[&before.version]).await.unwrap();
    assert_ne!(changed.version, before.version);
    assert!(changed.time.is_some(), "{changed:?}");
    let again = ask(service, &["another", &changed.version]).await.unwrap();
    assert_eq!((again.version, again.time), (changed.version.clone(), None));
    changed
}

fn busy(person: &PersonSchedule) -> usize {
    person.time.as_ref().unwrap().busy.len()
}

#[tokio::test]
async fn every_change_of_a_persons_time_is_another_version() {
    for service in Service::both().await {
        assert_eq!(ask(&service, &[]).await, None);
        service.person(ADA, json!({"monday": [9]})).await;
        let first = ask(&service, &[]).await.unwrap();
        assert_eq!(ask(&service, &[&first.version]).await.unwrap().time, None);

        let hours = json!({"email": ADA, "availabilities": {"monday": [10]}});
        service.put("/users/ada@example.com", hours).await.is(200);
        let hours = after_change(&service, &first).await;
        let schedule = |zone: &str| json!({"time_zone": zone, "weekly": []});
        service.put("/users/ada@example.com/schedule", schedule("Asia/Tokyo")).await.is(200);
        let new_schedule = after_change(&service, &hours).await;
        service.put("/users/ada@example.com/schedule", schedule("UTC")).await.is(200);
        let schedule = after_change(&service, &new_schedule).await;

        let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
        let calendar = "/users/ada@example.com/calendars/work";
        for day in ["08", "09"] {
            let event = format!("UID:a\r\nDTSTART:{year}01{day}T100000Z\r\nDURATION:PT1H\r\n");
            let file = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n");
            let kind = [("content-type", "text/calendar")];
            service.ask(Method::PUT, calendar, &kind, file).await.is(200);
            let imported = after_change(&service, &schedule).await;
            assert_eq!(busy(&imported), 1);
        }
        let imported = after_change(&service, &schedule).await;
        service.by("", Method::DELETE, calendar, Value::Null).await.is(204);
        let removed = after_change(&service, &imported).await;
        assert_eq!(busy(&removed), 0);

        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        assert_eq!(ask(&service, &[&removed.version]).await, None, "unknown, whatever the asker knows");
        service.person(ADA, json!({"monday": [9]})).await;
        let another = after_change(&service, &removed).await;
        assert_ne!(another.version, first.version, "somebody else has the address now");
    }
}

#[tokio::test]
async fn meetings_that_are_decided_and_taken_back_are_seen_by_their_version() {
    for service in Service::both().await {
        service.person(ADA, json!({})).await;
        let free = ask(&service, &[]).await.unwrap();
        let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
        let dates = json!({"dates": [format!("{year}-01-08")]});
        let meeting =
            json!({"start": format!("{year}-01-08T09:00:00Z"), "end": format!("{year}-01-08T10:00:00Z")});
        let poll = service.poll(dates).await;
        let decision = format!("{}/decision", poll.path);
        service.join(&poll, "Ada", json!({"email": ADA})).await;
        service.by(&poll.admin, Method::PUT, &decision, meeting.clone()).await.is(200);
        let decided = after_change(&service, &free).await;
        assert_eq!(busy(&decided), 1);

        service.by(&poll.admin, Method::DELETE, &decision, Value::Null).await.is(204);
        let open = ask(&service, &[&decided.version]).await.unwrap();
        assert_eq!((&open.version, busy(&open)), (&free.version, 0), "she is as she was");
        service.by(&poll.admin, Method::PUT, &decision, meeting).await.is(200);
        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(
            ask(&service, &[&decided.version]).await.unwrap(),
            open,
            "a deleted poll keeps nobody busy"
        );
    }
}
