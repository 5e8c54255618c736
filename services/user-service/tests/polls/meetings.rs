use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, with};

#[tokio::test]
async fn a_decided_meeting_is_a_file_for_calendars() {
    for service in Service::both().await {
        let poll = service.poll(json!({"title": "Lunch; all", "description": "Bring cake"})).await;
        let file = format!("{}/meeting.ics", poll.path);
        assert!(service.get(&file).await.is(404).text.contains("not decided"));
        let decision = format!("{}/decision", poll.path);
        let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
        service.by(&poll.admin, Method::PUT, &decision, meeting.clone()).await.is(200);

        let reply = service.get(&file).await.is(200);
        assert_eq!(reply.header("content-type"), "text/calendar; charset=utf-8");
        assert!(reply.header("content-disposition").ends_with("filename*=UTF-8''Lunch%20all.ics"));
        let id = poll.path.rsplit_once('/').unwrap().1;
        let text = reply.text.replace("\r\n ", "");
        for line in [
            "METHOD:PUBLISH".to_owned(),
            format!("UID:{id}@w2meet"),
            "SEQUENCE:1".to_owned(),
            "DTSTART:20260306T080000Z".to_owned(),
            "DTEND:20260306T090000Z".to_owned(),
            "SUMMARY:Lunch\\; all".to_owned(),
            format!("DESCRIPTION:Bring cake\\n\\nhttp://localhost:8080/p/{id}"),
            format!("URL:http://localhost:8080/p/{id}"),
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
        }
        assert!(!text.contains("ATTENDEE") && !text.contains("RRULE") && !text.contains("VTIMEZONE"));

        let tag = reply.header("etag").to_owned();
        assert!(tag.starts_with("W/"), "{tag}");
        let again = service.ask(Method::GET, &file, &[("if-none-match", &tag)], "").await.is(304);
        assert_eq!((again.header("etag"), again.text.as_str()), (tag.as_str(), ""));

        // Another time is the same meeting, and a later version of it.
        service.by(&poll.admin, Method::DELETE, &decision, Value::Null).await.is(204);
        service.get(&file).await.is(404);
        service.by(&poll.admin, Method::PUT, &decision, meeting).await.is(200);
        let later = service.ask(Method::GET, &file, &[("if-none-match", &tag)], "").await.is(200);
        assert!(later.text.contains("SEQUENCE:3\r\n") && later.text.contains(&format!("UID:{id}@w2meet")));

        service.by("wrong", Method::GET, &file, Value::Null).await.is(401);
        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        service.get(&file).await.is(404);
        service.get("/polls/nothing/meeting.ics").await.is(404);
    }
}

#[tokio::test]
async fn that_of_a_weekly_poll_repeats_on_the_clocks_of_its_zone() {
    for service in Service::both().await {
        let weekly = json!({"kind": "weekly", "days": ["monday"], "title": "Weekly"});
        let mut body = with(crate::support::poll(), weekly);
        body.as_object_mut().unwrap().remove("dates");
        let created = service.by("", Method::POST, "/polls", body).await.is(201).json();
        let path = format!("/polls/{}", created["id"].as_str().unwrap());
        let meeting = json!({"start": "2026-03-09T09:00:00Z", "end": "2026-03-09T10:00:00Z"});
        let admin = created["admin_token"].as_str().unwrap();
        service.by(admin, Method::PUT, &format!("{path}/decision"), meeting).await.is(200);
        let text = service.get(&format!("{path}/meeting.ics")).await.is(200).text;
        for line in ["DTSTART;TZID=Europe/Berlin:20260309T100000", "RRULE:FREQ=WEEKLY", "BEGIN:VTIMEZONE"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
        }
    }
}
