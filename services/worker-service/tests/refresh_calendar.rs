//! Subscribed calendars are fetched, and user-service is told what came of it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use calendar_fetch::{EgressArgs, Fetcher, Limits};
use clap::Parser;
use prometheus::Registry;
use serde_json::{Value, json};
use sql_store::Engine;
use support::{
    Table, memory_queue, new_job, peer,
    worker::{ATTEMPT, RETRY, Worker},
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};
use worker_service::{
    CalendarMetrics, JobKinds, RefreshCalendar,
    job::{Job, JobOrder, JobState},
};

const FILE: &str = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
const SUBSCRIPTION: &str = "/calendar-subscriptions/abc";

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    egress: EgressArgs,
}

/// A worker, the user-service that it asks, and a server with calendars on this machine.
struct World {
    worker: Worker,
    users: MockServer,
    calendars: MockServer,
}

impl World {
    async fn new() -> World {
        let (users, calendars) = (MockServer::start().await, MockServer::start().await);
        let policy = Args::parse_from(["", "--calendar-networks", "127.0.0.1"]).egress.policy();
        let fetcher = Fetcher::new(policy, Limits::default()).unwrap();
        let metrics = CalendarMetrics::register(&Registry::new()).unwrap();
        let refresh = RefreshCalendar::new(peer(&users.uri(), ATTEMPT), fetcher, metrics);
        let kinds = JobKinds::default().with(refresh);
        let worker = Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4);
        World { worker, users, calendars }
    }

    /// The secret URL of a calendar.
    fn url(&self) -> String {
        format!("{}/secret.ics", self.calendars.uri())
    }

    /// user-service says that this is to be fetched.
    async fn knows(&self, url: &str, etag: Option<&str>) {
        let known = json!({"url": url, "etag": etag, "turn": 7});
        let reply = ResponseTemplate::new(200).set_body_json(known);
        Mock::given(method("GET")).and(path(SUBSCRIPTION)).respond_with(reply).mount(&self.users).await;
    }

    /// user-service answers so to whatever came of it.
    async fn answers(&self, reply: ResponseTemplate) {
        for told in ["PUT", "POST"] {
            Mock::given(method(told)).respond_with(reply.clone()).mount(&self.users).await;
        }
    }

    async fn serves(&self, reply: ResponseTemplate) {
        Mock::given(method("GET")).and(path("/secret.ics")).respond_with(reply).mount(&self.calendars).await;
    }

    /// Does the job, whose end has to be this one; what user-service was told.
    async fn run(&self, state: JobState) -> (Job, Vec<Request>) {
        let payload = json!({"subscription": "abc", "turn": 7});
        let order = JobOrder { kind: "refresh-calendar".to_owned(), payload, priority: 0 };
        let mut new = new_job();
        new.order = order;
        let job = self.worker.run(&new, state).await;
        let asked = self.users.received_requests().await.unwrap();
        let told = asked.into_iter().filter(|request| request.method != "GET").collect();
        (job, told)
    }
}

fn noted(state: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"state": state}))
}

#[tokio::test]
async fn the_content_is_handed_on_with_its_entity_tag() {
    let world = World::new().await;
    world.knows(&world.url(), None).await;
    world.serves(ResponseTemplate::new(200).insert_header("etag", "\"a b\"").set_body_string(FILE)).await;
    world.answers(noted("fresh")).await;
    let (job, told) = world.run(JobState::Succeeded).await;
    assert_eq!(job.result, Some(json!({"state": "fresh"})));
    let [told] = told.as_slice() else { panic!("once: {told:?}") };
    assert_eq!((told.method.as_str(), told.url.path()), ("PUT", "/calendar-subscriptions/abc/content"));
    let query: Vec<_> = told.url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(query, [pair("turn", "7"), pair("etag", "\"a b\"")]);
    assert_eq!(
        (told.body.as_slice(), told.headers["content-type"].to_str().unwrap()),
        (FILE.as_bytes(), "text/calendar")
    );
    // Whoever looks the job up does not see where the calendar is.
    assert!(!format!("{job:?}").contains("secret"));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let world = World::new().await;
    world.knows(&world.url(), Some("\"a\"")).await;
    let unchanged = Mock::given(header("if-none-match", "\"a\"")).respond_with(ResponseTemplate::new(304));
    unchanged.expect(1).mount(&world.calendars).await;
    world.answers(noted("fresh")).await;
    let (_, told) = world.run(JobState::Succeeded).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].url.path(), "/calendar-subscriptions/abc/outcome");
    assert_eq!(told[0].body_json::<Value>().unwrap(), json!({"turn": 7, "error": null, "error_code": null}));
}

#[tokio::test]
async fn why_it_could_not_be_fetched_is_told_without_the_url() {
    let redirect = ResponseTemplate::new(302).insert_header("location", "http://10.0.0.1/secret");
    for (reply, words, code) in [
        (Some(ResponseTemplate::new(404)), "no such calendar (404)", "gone"),
        (Some(ResponseTemplate::new(500)), "answered 500", "status"),
        (Some(redirect), "not public", "not_public"),
        (None, "not public", "not_public"),
    ] {
        let world = World::new().await;
        match reply {
            Some(reply) => {
                world.knows(&world.url(), None).await;
                world.serves(reply).await;
            }
            None => world.knows("http://10.0.0.1/secret", None).await,
        }
        world.answers(noted("failing")).await;
        let (job, told) = world.run(JobState::Succeeded).await;
        assert_eq!(told.len(), 1, "the job does not try it again");
        let told: Value = told[0].body_json().unwrap();
        let error = told["error"].as_str().unwrap();
        assert_eq!(told["error_code"], code);
        assert!(error.contains(words) && !error.contains("secret"), "{error}");
        assert_eq!(job.result, Some(json!({"state": "failing"})));
        assert_eq!(job.attempts, 1);
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_ends_quietly() {
    for (status, state) in [(404, "gone"), (409, "passed")] {
        let world = World::new().await;
        world.knows(&world.url(), None).await;
        world.serves(ResponseTemplate::new(200).set_body_string(FILE)).await;
        world.answers(ResponseTemplate::new(status)).await;
        let (job, _) = world.run(JobState::Succeeded).await;
        assert_eq!(job.result, Some(json!({"state": state})));
    }
    // It was taken away before, or the job is one of an earlier fetch: then nothing is fetched.
    let world = World::new().await;
    let (job, told) = world.run(JobState::Succeeded).await;
    assert_eq!((job.result, told.len()), (Some(json!({"state": "gone"})), 0));
    let world = World::new().await;
    let known = json!({"url": world.url(), "etag": null, "turn": 8});
    let reply = ResponseTemplate::new(200).set_body_json(known);
    Mock::given(method("GET")).respond_with(reply).mount(&world.users).await;
    let (job, told) = world.run(JobState::Succeeded).await;
    assert_eq!((job.result, told.len()), (Some(json!({"state": "passed"})), 0));
    assert_eq!(world.calendars.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn while_user_service_is_away_the_job_is_tried_again() {
    let world = World::new().await;
    world.knows(&world.url(), None).await;
    world.serves(ResponseTemplate::new(200).set_body_string(FILE)).await;
    let away = Mock::given(method("PUT")).respond_with(ResponseTemplate::new(500));
    away.up_to_n_times(1).expect(1).mount(&world.users).await;
    world.answers(noted("fresh")).await;
    let (job, told) = world.run(JobState::Succeeded).await;
    assert_eq!((job.attempts, told.len()), (2, 2));

    let world = World::new().await;
    world.knows(&world.url(), None).await;
    world.serves(ResponseTemplate::new(200).set_body_string(FILE)).await;
    world.answers(ResponseTemplate::new(500)).await;
    let (job, _) = world.run(JobState::Dead).await;
    assert_eq!(job.attempts, RETRY.max_attempts);
    assert!(!format!("{job:?}").contains("secret"));
}
