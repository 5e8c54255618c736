//! The import against a service that creates, knows, refuses and fails.

use std::{num::NonZeroUsize, time::Duration};

use futures::stream;
use people::{
    generate,
    import::{Entry, Place, Progress, Refusal, Summary, Target, import, read},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

fn target(server: &MockServer, prefix: &str) -> Result<Target, url::ParseError> {
    Ok(Target {
        url: format!("{}{prefix}", server.uri()).parse()?,
        concurrency: NonZeroUsize::MIN.saturating_add(3),
        deadline: Duration::from_secs(20),
        replace: false,
        imported_polls: None,
    })
}

fn input(bodies: &[&str]) -> impl stream::Stream<Item = std::io::Result<Entry>> {
    let entry = |(number, body): (u64, &&str)| {
        Ok(Entry { place: Place::Line(number), body: body.as_bytes().to_vec() })
    };
    stream::iter((1..).zip(bodies).map(entry).collect::<Vec<_>>())
}

async fn answer(server: &MockServer, word: &str, response: ResponseTemplate) {
    Mock::given(method("POST"))
        .and(path("/users/users"))
        .and(header("content-type", "application/json"))
        .and(body_string_contains(word))
        .respond_with(response)
        .mount(server)
        .await;
}

fn fault(status: u16, loc: &serde_json::Value, msg: &str) -> ResponseTemplate {
    let detail = json!([{"loc": loc, "msg": msg, "type": "value_error"}]);
    ResponseTemplate::new(status).set_body_json(json!({"case_id": "c", "detail": detail}))
}

#[tokio::test]
async fn counts_new_and_known_people_and_names_refused_lines_in_order() {
    let server = MockServer::start().await;
    answer(&server, "new", ResponseTemplate::new(201)).await;
    answer(&server, "known", ResponseTemplate::new(200)).await;
    answer(&server, "other", fault(409, &json!(["internal"]), "Stored with other content")).await;
    answer(&server, "bad", fault(400, &json!(["body", "email"]), "No address")).await;

    let people = input(&["other", "new", "bad", "known", "new"]);
    let summary = import(people, target(&server, "/").unwrap(), &Progress::hidden()).await.unwrap();

    let conflict = "conflict: Stored with other content; --replace replaces what is stored";
    let refused = [(1, conflict), (3, "400: email: No address")]
        .map(|(line, reason)| Refusal { place: Place::Line(line), reason: reason.to_owned() });
    let expected = Summary { created: 2, unchanged: 1, refused: refused.to_vec(), ..Summary::default() };
    assert_eq!(summary, expected);
}

#[tokio::test]
async fn tries_again_while_the_service_is_unavailable() {
    let server = MockServer::start().await;
    for status in [503, 502] {
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    answer(&server, "new", ResponseTemplate::new(201)).await;
    let summary = import(input(&["new"]), target(&server, "").unwrap(), &Progress::hidden()).await.unwrap();
    assert_eq!(summary, Summary { created: 1, ..Summary::default() });
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn stops_with_the_line_and_the_cause_when_nothing_answers() {
    let server = MockServer::start().await;
    answer(&server, "new", ResponseTemplate::new(503)).await;
    let target = Target { deadline: Duration::from_millis(300), ..target(&server, "").unwrap() };
    let error = import(input(&["new"]), target, &Progress::hidden()).await.unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("line 1") && text.contains("503"), "{text}");
}

#[tokio::test]
async fn says_at_once_and_at_the_end_that_nobody_listens() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_people"))
        .args([
            "import",
            "-",
            "--deadline-seconds",
            "1",
            "--url",
            &format!("http://me:s3cret@127.0.0.1:{port}"),
        ])
        .stdin(std::fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/two.jsonl")).unwrap())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].contains("Connection refused") && lines[0].contains("trying again"), "{said}");
    assert!(lines[1].starts_with("error: "), "{said}");
    assert_eq!(lines[1].matches("Connection refused").count(), 1, "no cause is told twice: {said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn stops_at_the_first_person_where_nobody_takes_people() {
    for status in [404, 405] {
        let server = MockServer::start().await;
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let people = input(&["one"; 50]);
        let target = target(&server, "/elsewhere").unwrap();
        let error = import(people, target, &Progress::hidden()).await.unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("--url") && text.contains(&status.to_string()), "{text}");
        assert!(server.received_requests().await.unwrap().len() < 10);
    }
}

#[test]
fn a_url_that_cannot_be_called_is_refused_with_what_to_write() {
    for (url, says) in [
        ("localhost:8080", "write http://localhost:8080"),
        ("localhost", "write http://localhost"),
        ("ftp://localhost", "use http or https"),
        ("http://localhost/?x=1", "query"),
        ("http://localhost/#x", "fragment"),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_people"))
            .args(["import", "-", "--url", url])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{url}: {said}");
    }
}

#[tokio::test]
async fn replaces_what_is_stored_with_other_content_where_it_is_told_to() {
    let server = MockServer::start().await;
    let body = r#"{"email": " o'brien/x@example.com ", "availabilities": {}}"#;
    answer(&server, "brien", fault(409, &json!(["internal"]), "Stored with other content")).await;
    Mock::given(method("PUT"))
        .and(path("/users/users/o'brien%2Fx@example.com"))
        .and(body_string_contains("brien"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&server)
        .await;
    let target = Target { replace: true, ..target(&server, "").unwrap() };
    let summary = import(input(&[body]), target, &Progress::hidden()).await.unwrap();
    assert_eq!(summary, Summary { replaced: 1, ..Summary::default() });
}

#[tokio::test]
async fn made_up_people_are_sent_as_they_are() {
    let server = MockServer::start().await;
    answer(&server, "@example.com", ResponseTemplate::new(201)).await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let made: Vec<generate::GeneratedPerson> = generate::people(1).take(20).collect();
    let lines: Vec<String> = made.iter().map(|person| serde_json::to_string(&person).unwrap()).collect();
    let people = read(std::io::Cursor::new(lines.join("\n"))).await.unwrap();
    let summary = import(people.entries, target(&server, "").unwrap(), &Progress::hidden()).await.unwrap();
    assert_eq!(summary.created, 20);
    let requests = server.received_requests().await.unwrap();
    for person in &made {
        let with_email =
            |request: &&wiremock::Request| request.body_json::<Value>().unwrap()["email"] == person.email;
        let posted = requests.iter().find(with_email).unwrap();
        let mut body = serde_json::to_value(person).unwrap();
        let schedule = body.as_object_mut().unwrap().remove("schedule").unwrap();
        assert_eq!(posted.body_json::<Value>().unwrap(), body);
        let path = format!("/users/users/{}/schedule", person.email);
        let put = requests.iter().find(|request| request.url.path() == path).unwrap();
        assert_eq!((put.method.as_str(), put.body_json::<Value>().unwrap()), ("PUT", schedule));
    }
}

#[tokio::test]
async fn people_without_schedules_are_sent_as_they_stand() {
    let server = MockServer::start().await;
    answer(&server, "ada", ResponseTemplate::new(201)).await;
    let line = r#"{"availabilities":  {}, "email": "ada@example.com"}"#;
    let summary = import(input(&[line]), target(&server, "").unwrap(), &Progress::hidden()).await.unwrap();
    assert_eq!(summary.created, 1);
    assert_eq!(server.received_requests().await.unwrap()[0].body, line.as_bytes());
}

#[tokio::test]
async fn a_schedule_is_stored_unless_the_person_has_another_one() {
    let rule = json!({"day": "monday", "from": "09:00", "to": "10:00", "level": "yes"});
    let schedule =
        |zone: &str| json!({"time_zone": zone, "weekly": [rule], "overrides": [], "working_hours": []});
    for (person, stored, replace, expected) in [
        (201, None, false, (1, 0, 0, 0)),
        (200, Some("UTC"), false, (1, 0, 0, 0)),
        (200, Some("Asia/Tokyo"), false, (0, 1, 0, 0)),
        (200, Some("Europe/Berlin"), false, (0, 0, 0, 1)),
        (200, Some("Europe/Berlin"), true, (0, 0, 1, 0)),
    ] {
        let server = MockServer::start().await;
        answer(&server, "ada", ResponseTemplate::new(person)).await;
        let at = || path("/users/users/ada@example.com/schedule");
        if let Some(zone) = stored {
            let reply = ResponseTemplate::new(200).set_body_json(schedule(zone));
            Mock::given(method("GET")).and(at()).respond_with(reply).mount(&server).await;
        }
        let is_put = expected.0 + expected.2;
        let put = Mock::given(method("PUT")).and(at()).respond_with(ResponseTemplate::new(200));
        put.expect(is_put).mount(&server).await;
        let line = json!({"email": "ada@example.com", "schedule": schedule("Asia/Tokyo")}).to_string();
        let target = Target { replace, ..target(&server, "").unwrap() };
        let summary = import(input(&[&line]), target, &Progress::hidden()).await.unwrap();
        let refused = u64::try_from(summary.refused.len()).unwrap();
        let counted = (summary.created, summary.unchanged, summary.replaced, refused);
        assert_eq!(counted, expected, "{person} {stored:?} {replace}");
    }
}
