//! Answers of calendars to the meeting, as worker-service passes them on.

use axum::http::Method;
use serde_json::{Value, json};

use super::{LATER, MEETING, purposes};
use crate::support::{Participant, Poll, Service};

const ACCEPTED: &str = "PARTSTAT=ACCEPTED";
const DECLINED: &str = "PARTSTAT=DECLINED";

/// An answer as a calendar writes it, of which a test changes what it is about.
#[derive(Clone)]
struct Answer<'a> {
    method: &'a str,
    poll: &'a Poll,
    token: &'a str,
    attendee: &'a str,
    status: &'a str,
    sequence: i64,
    stamp: &'a str,
    times: (&'a str, &'a str),
}

impl Service {
    /// Ada's answer to the meeting that was decided on, and the token of her address.
    async fn asked(&self, poll: &Poll) -> String {
        let mails = self.mails().await;
        let mail = mails.iter().find(|mail| mail["recipient"]["email"] == "ada@example.com").unwrap();
        for other in mails.iter().filter(|other| other["id"] != mail["id"] && !other.is_null()) {
            assert_ne!(other["reply_token"], mail["reply_token"]);
        }
        assert!(poll.path.ends_with(mail["poll"]["id"].as_str().unwrap()));
        mail["reply_token"].as_str().unwrap().to_owned()
    }

    async fn reply(&self, answer: &Answer<'_>) -> String {
        let id = answer.poll.path.rsplit('/').next().unwrap();
        let Answer { method, attendee, status, sequence, stamp, times: (start, end), .. } = answer;
        let calendar = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n\
             UID:{id}@w2meet\r\nATTENDEE;{status}:mailto:{attendee}\r\nSEQUENCE:{sequence}\r\nDTSTAMP:{stamp}\r\n\
             DTSTART:{start}\r\nDTEND:{end}\r\nCOMMENT:By train\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let body = json!({"tokens": [answer.token], "method": null, "calendar": calendar});
        let reply = self.by("", Method::POST, "/meeting-replies", body).await.is(200).json();
        reply["outcome"].as_str().unwrap().to_owned()
    }

    async fn organisers_view(&self, poll: &Poll) -> Value {
        self.by(&poll.admin, Method::GET, &poll.path, Value::Null).await.is(200).json()
    }

    async fn known(&self, poll: &Poll) -> Value {
        self.organisers_view(poll).await["participants"][0]["meeting_reply"].clone()
    }
}

async fn decided(service: &Service) -> (Poll, Participant, String) {
    let poll = service.poll(json!({"organiser_email": "org@example.com", "visibility": "counts"})).await;
    let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
    service.join(&poll, "Bob", json!({"email": "bob@example.com"})).await;
    service.decide(&poll, MEETING).await.is(200);
    let token = service.asked(&poll).await;
    (poll, ada, token)
}

fn answer<'a>(poll: &'a Poll, token: &'a str) -> Answer<'a> {
    Answer {
        method: "REPLY",
        poll,
        token,
        attendee: "ADA@example.com",
        status: ACCEPTED,
        sequence: 1,
        stamp: "20260301T100000Z",
        times: ("20260306T090000Z", "20260306T100000Z"),
    }
}

#[tokio::test]
async fn an_answer_is_shown_and_told_and_the_same_once_more_changes_nothing() {
    for service in Service::both().await {
        let (poll, _, token) = decided(&service).await;
        assert_eq!(service.known(&poll).await, Value::Null);
        let before = service.organisers_view(&poll).await["version"].as_i64().unwrap();
        let accepted = answer(&poll, &token);
        assert_eq!(service.reply(&accepted).await, "taken");
        let known = service.known(&poll).await;
        assert_eq!((&known["status"], &known["comment"]), (&json!("accepted"), &json!("By train")));
        assert_eq!(known["proposal"], Value::Null);
        assert!(known["replied_at"].is_string());
        assert_eq!(service.organisers_view(&poll).await["version"], before + 1);
        // Whoever may not see names sees no answers.
        assert!(!service.get(&poll.path).await.is(200).text.contains("By train"));
        let told = service.mails().await;
        assert_eq!(purposes(&told), [("org@example.com", "meeting_reply", 1)]);
        assert_eq!(
            (&told[0]["content"]["name"], &told[0]["content"]["status"]),
            (&json!("Ada"), &json!("accepted"))
        );
        assert_eq!(told[0]["reply_to"], Value::Null);
        // Repeated, and reordered: the one that was written first comes last.
        let earlier = Answer { status: DECLINED, stamp: "20260301T095959Z", ..accepted.clone() };
        for old in [&accepted, &earlier] {
            assert_eq!(service.reply(old).await, "unchanged");
        }
        assert_eq!(service.known(&poll).await, known);
        assert_eq!(service.organisers_view(&poll).await["version"], before + 1);
        assert!(service.mails().await.is_empty());
        let later = Answer { status: DECLINED, stamp: "20260301T100001Z", ..accepted.clone() };
        assert_eq!(service.reply(&later).await, "taken");
        assert_eq!(service.known(&poll).await["status"], "declined");
        assert_eq!(service.mails().await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_the_participants_own_answer_is_ignored() {
    for service in Service::both().await {
        let (poll, _, token) = decided(&service).await;
        let (other, _, token_of_other) = decided(&service).await;
        let own = answer(&poll, &token);
        let forged = "a".repeat(26);
        for wrong in [
            Answer { token: &forged, ..own.clone() },
            Answer { token: "", ..own.clone() },
            Answer { token: &token_of_other, ..own.clone() },
            Answer { poll: &other, ..own.clone() },
            // It was forwarded to somebody who takes part too, and to somebody who does not.
            Answer { attendee: "bob@example.com", ..own.clone() },
            Answer { attendee: "eve@example.com", ..own.clone() },
            Answer { method: "REQUEST", ..own.clone() },
        ] {
            assert_eq!(service.reply(&wrong).await, "ignored");
        }
        assert_eq!(service.known(&poll).await, Value::Null);
        assert!(service.mails().await.is_empty());
        assert_eq!(service.reply(&Answer { token: &token.to_uppercase(), ..own }).await, "taken");
        let nonsense = json!({"tokens": "x"});
        service.by("", Method::POST, "/meeting-replies", nonsense).await.is(400);
    }
}

#[tokio::test]
async fn an_answer_to_a_time_that_is_not_decided_on_any_more_changes_nothing() {
    for service in Service::both().await {
        let (poll, _, token) = decided(&service).await;
        let first = answer(&poll, &token);
        assert_eq!(service.reply(&first).await, "taken");
        service.decide(&poll, LATER).await.is(200);
        assert_eq!(service.known(&poll).await, Value::Null, "it was about another time");
        assert_eq!(service.asked(&poll).await, token, "the address stays");
        let late = Answer { stamp: "20260401T100000Z", ..first.clone() };
        assert_eq!(service.reply(&late).await, "unchanged");
        let second = Answer { sequence: 2, ..first.clone() };
        assert_eq!(service.reply(&second).await, "taken");
        let path = format!("{}/decision", poll.path);
        service.by(&poll.admin, Method::DELETE, &path, Value::Null).await.is(204);
        let after = Answer { sequence: 3, stamp: "20260501T100000Z", ..first.clone() };
        for old in [&second, &after] {
            assert_eq!(service.reply(old).await, "unchanged");
        }
        assert_eq!(service.known(&poll).await, Value::Null);
        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        assert_eq!(service.reply(&after).await, "ignored");
    }
}

#[tokio::test]
async fn a_proposal_is_declined_or_decided_on() {
    for service in Service::both().await {
        let (poll, ada, token) = decided(&service).await;
        let counter = Answer {
            method: "COUNTER",
            status: "PARTSTAT=TENTATIVE",
            times: ("20260306T110000Z", "20260306T120000Z"),
            ..answer(&poll, &token)
        };
        let path = format!("{}/proposal", ada.path);
        service.by(&poll.admin, Method::DELETE, &path, Value::Null).await.is(404);
        assert_eq!(service.reply(&counter).await, "taken");
        let proposed = json!({"start": LATER.0, "end": LATER.1});
        assert_eq!(service.known(&poll).await["proposal"], proposed);
        assert_eq!(service.mails().await[0]["content"]["proposal"], proposed);
        for (token, status) in [("", 401), (&ada.token, 403), ("x", 401)] {
            service.by(token, Method::DELETE, &path, Value::Null).await.is(status);
        }
        let stranger = path.replace(&ada.id, "AAAAAAAAAAAAAAAAAAAAAA");
        service.by(&poll.admin, Method::DELETE, &stranger, Value::Null).await.is(404);
        service.by(&poll.admin, Method::DELETE, &path, Value::Null).await.is(204);
        let told = service.mails().await;
        assert_eq!(purposes(&told), [("ada@example.com", "proposal_declined", 1)]);
        assert_eq!(told[0]["reply_token"], token.as_str());
        let known = service.known(&poll).await;
        assert_eq!((&known["status"], &known["proposal"]), (&json!("tentative"), &Value::Null));
        // The same mail once more does not propose it again.
        assert_eq!(service.reply(&counter).await, "unchanged");
        service.by(&poll.admin, Method::DELETE, &path, Value::Null).await.is(404);
        let again = Answer { stamp: "20260301T110000Z", ..counter.clone() };
        assert_eq!(service.reply(&again).await, "taken");
        service.decide(&poll, LATER).await.is(200);
        assert_eq!(service.known(&poll).await, Value::Null);
        let mails = service.mails().await;
        assert!(purposes(&mails.into_iter().filter(|mail| !mail.is_null()).collect::<Vec<_>>()).contains(&(
            "ada@example.com",
            "meeting_request",
            2
        )));
    }
}

#[tokio::test]
async fn an_answer_goes_with_its_person_and_their_address() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let (poll, ada, token) = decided(&service).await;
        let own = answer(&poll, &token);
        assert_eq!(service.reply(&own).await, "taken");
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        assert_eq!(service.known(&poll).await, Value::Null);
        assert_eq!(service.reply(&Answer { stamp: "20260401T100000Z", ..own }).await, "ignored");
        service.by(&ada.token, Method::DELETE, &ada.path, Value::Null).await.is(204);
    }
}
