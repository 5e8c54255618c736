//! The import against a service that creates, knows, refuses and fails.

use std::{num::NonZeroUsize, time::Duration};

use futures::stream::{self, TryStreamExt};
use people::{
    generate,
    import::{Line, Progress, Refusal, Summary, Target, import, lines},
};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

fn target(server: &MockServer, prefix: &str) -> Result<Target, url::ParseError> {
    Ok(Target {
        url: format!("{}{prefix}", server.uri()).parse()?,
        concurrency: NonZeroUsize::MIN.saturating_add(3),
        deadline: Duration::from_secs(20),
    })
}

fn input(bodies: &[&str]) -> impl stream::Stream<Item = std::io::Result<Line>> {
    let lines: Vec<_> =
        (1..).zip(bodies).map(|(number, body)| Ok(Line { number, body: body.as_bytes().to_vec() })).collect();
    stream::iter(lines)
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

    let refused = [(1, "conflict: Stored with other content"), (3, "400: email: No address")]
        .map(|(line, reason)| Refusal { line, reason: reason.to_owned() });
    assert_eq!(summary, Summary { created: 2, unchanged: 1, refused: refused.to_vec() });
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
async fn reads_numbered_lines_and_passes_over_blank_ones() {
    let read: Vec<Line> = lines(&b"one\r\n\n  \ntwo"[..]).try_collect().await.unwrap();
    let expected =
        [(1, "one\r"), (4, "two")].map(|(number, body)| Line { number, body: body.as_bytes().to_vec() });
    assert_eq!(read, expected);
}

#[tokio::test]
async fn made_up_people_are_sent_as_they_are() {
    let server = MockServer::start().await;
    answer(&server, "@example.com", ResponseTemplate::new(201)).await;
    let bodies: Vec<String> =
        generate::people(1).take(20).map(|person| serde_json::to_string(&person).unwrap()).collect();
    let text = bodies.join("\n");
    let summary =
        import(lines(text.as_bytes()), target(&server, "").unwrap(), &Progress::hidden()).await.unwrap();
    assert_eq!(summary.created, 20);
    let mut sent: Vec<String> = server
        .received_requests()
        .await
        .unwrap()
        .into_iter()
        .map(|request| String::from_utf8(request.body).unwrap())
        .collect();
    sent.sort_unstable();
    let mut expected = bodies;
    expected.sort_unstable();
    assert_eq!(sent, expected);
}
