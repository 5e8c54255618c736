//! Polls on their way into a running user-service, and again.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{fs, io::Cursor, num::NonZeroUsize, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use people::{
    generate,
    import::{ImportedPoll, Progress, Summary, Target, import, read},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, header, method, path, path_regex},
};

/// Imports lines, with this file for what was made.
async fn imported(server: &MockServer, lines: &str, made: &Path) -> Summary {
    let target = Target {
        url: server.uri().parse().unwrap(),
        concurrency: NonZeroUsize::MIN,
        deadline: Duration::from_secs(20),
        replace: false,
        imported_polls: Some(made.to_owned()),
    };
    let input = read(Cursor::new(lines.to_owned())).await.unwrap();
    import(input.entries, target, &Progress::hidden()).await.unwrap()
}

/// A service that makes a poll `p`, takes Ada in, and whatever answer she gives.
async fn service() -> MockServer {
    let server = MockServer::start().await;
    let created = |reply: Value| ResponseTemplate::new(201).set_body_json(reply);
    Mock::given(method("POST"))
        .and(path("/users/users"))
        .respond_with(ResponseTemplate::new(201))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/users/polls"))
        .and(body_string_contains("Planning"))
        .respond_with(created(json!({"id": "p", "title": "Planning", "admin_token": "admin"})))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/users/polls/p/participants"))
        .and(header("authorization", "Bearer admin"))
        .respond_with(created(json!({"id": "a", "name": "Ada", "edit_token": "edit"})))
        .mount(&server)
        .await;
    Mock::given(method("PUT"))
        .and(path("/users/polls/p/participants/a/answer"))
        .and(header("authorization", "Bearer edit"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    server
}

const POLL: &str = r#"{"poll": {"title": "Planning"}, "participants": [
    {"name": "Ada", "required": true, "answer": {"ranges": []}}, {"name": "Silent"}]}"#;

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect()
}

#[tokio::test]
async fn a_poll_is_made_after_all_people_with_everybodys_answer_and_written_down() {
    let (server, folder) = (service().await, tempfile::tempdir().unwrap());
    let made = folder.path().join("polls");
    let person = r#"{"email": "ada@example.com", "availabilities": {}}"#;
    let lines = format!("{}\n{person}\n", one_line(POLL));
    let summary = imported(&server, &lines, &made).await;
    assert_eq!(summary, Summary { created: 2, ..Summary::default() });
    let requests = server.received_requests().await.unwrap();
    let sent: Vec<_> = requests.iter().map(|request| (request.method.as_str(), request.url.path())).collect();
    assert_eq!(
        sent,
        [
            ("POST", "/users/users"),
            ("POST", "/users/polls"),
            ("POST", "/users/polls/p/participants"),
            ("PUT", "/users/polls/p/participants/a/answer"),
            ("POST", "/users/polls/p/participants"),
        ]
    );
    assert_eq!(requests[2].body_json::<Value>().unwrap(), json!({"name": "Ada", "required": true}));
    let text = fs::read_to_string(&made).unwrap();
    let written: ImportedPoll = serde_json::from_str(text.trim()).unwrap();
    assert_eq!((written.id.as_str(), written.admin_token.as_str()), ("p", "admin"));
    let people: Vec<_> = written.participants.iter().map(|one| (&*one.name, &*one.edit_token)).collect();
    assert_eq!(people, [("Ada", "edit"), ("Silent", "edit")]);
    assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_poll_that_was_made_is_made_again_only_where_it_is_gone() {
    let (server, folder) = (service().await, tempfile::tempdir().unwrap());
    let made = folder.path().join("polls");
    let poll = one_line(POLL);
    assert_eq!(imported(&server, &poll, &made).await.created, 1);
    let found =
        Mock::given(method("GET")).and(path("/users/polls/p")).respond_with(ResponseTemplate::new(200));
    let found = found.mount_as_scoped(&server).await;
    let again = imported(&server, &poll, &made).await;
    assert_eq!(again, Summary { unchanged: 1, ..Summary::default() });
    let other = poll.replace("Silent", "Another");
    assert_eq!(imported(&server, &other, &made).await.created, 1, "it has other participants");
    drop(found);
    assert_eq!(imported(&server, &poll, &made).await.created, 1, "it is gone");
}

#[tokio::test]
async fn what_is_refused_of_a_poll_is_told_with_its_line() {
    let (server, folder) = (service().await, tempfile::tempdir().unwrap());
    let fault = json!({"detail": [{"loc": ["body", "name"], "msg": "Field required", "type": "missing"}]});
    Mock::given(method("POST"))
        .and(path_regex("/users/polls.*"))
        .respond_with(ResponseTemplate::new(400).set_body_json(fault))
        .with_priority(1)
        .mount(&server)
        .await;
    let lines = format!("{}\n{}", one_line(POLL), r#"{"poll": {}, "members": []}"#);
    let summary = imported(&server, &lines, &folder.path().join("polls")).await;
    let reasons: Vec<&str> = summary.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons[0], "400: name: Field required");
    assert!(reasons[1].contains("members"), "{reasons:?}");
    assert!(!folder.path().join("polls").exists(), "nothing was made");
}

#[test]
fn made_up_polls_are_the_same_for_the_same_seed_and_as_the_services_take_them() {
    let people: Vec<_> = generate::people(7).take(200).collect();
    let polls: Vec<_> = generate::polls(7, &people).take(100).collect();
    assert_eq!(polls, generate::polls(7, &people).take(100).collect::<Vec<_>>());
    assert_ne!(polls, generate::polls(8, &people).take(100).collect::<Vec<_>>());
    let (mut weekly, mut silent, mut by_schedule, mut painted) = (0, 0, 0, 0);
    for poll in &polls {
        let body = serde_json::to_vec(&poll.poll).unwrap();
        let asked = wire::NewPoll::parse(&body).unwrap_or_else(|faults| panic!("{poll:?}: {faults:?}"));
        weekly += usize::from(matches!(asked.layout.days, wire::PollDays::Weekly { .. }));
        assert!((3..=12).contains(&poll.participants.len()));
        for participant in &poll.participants {
            let mut given = serde_json::to_value(participant).unwrap();
            let answer = given.as_object_mut().unwrap().remove("answer");
            wire::NewParticipant::parse(given.to_string().as_bytes()).unwrap();
            let Some(answer) = answer else {
                silent += 1;
                continue;
            };
            match wire::AnswerInput::parse(answer.to_string().as_bytes()).unwrap() {
                wire::AnswerInput::FromSchedule => by_schedule += 1,
                wire::AnswerInput::Weekly(_) => painted += 1,
                wire::AnswerInput::Ranges(ranges) => {
                    painted += 1;
                    let times = asked.layout.times().unwrap();
                    let layout = domain::Layout::new(&times, &times.dates(generate::FIRST_DATE, 1)).unwrap();
                    let ranges: Vec<domain::LevelRange> = ranges.into_iter().map(Into::into).collect();
                    domain::Answer::of_ranges(&layout, &ranges).unwrap();
                }
            }
        }
    }
    assert!((10..=30).contains(&weekly), "{weekly} weekly polls");
    assert!(silent > 20 && by_schedule > 200 && painted > 80, "{silent} {by_schedule} {painted}");
    assert_eq!(generate::polls(7, &[]).count(), 0);
}
