//! The requests that are measured.

use form_urlencoded::byte_serialize;
use serde_json::json;

use crate::{
    load::{NUMBER, Request},
    poll::Poll,
    stack::Part,
};

/// How many different people or pairs the reads go round.
const ROUND: usize = 100;

/// One kind of request, and what counts as its cost.
pub(crate) struct Scenario {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    /// What the tables call it.
    pub(crate) title: &'static str,
    /// The service that is asked.
    pub(crate) target: Part,
    /// Everything that works for it.
    pub(crate) parts: &'static [Part],
    pub(crate) requests: Vec<Request>,
    pub(crate) status: u16,
    pub(crate) original: Original,
    pub(crate) goal: Goal,
}

/// What the original system did at 16 connections on a machine of this kind.
#[derive(Clone, Copy, Default)]
pub(crate) struct Original {
    pub(crate) per_second: Option<f64>,
    /// CPU seconds of all parts per 1,000 requests.
    pub(crate) cpu: Option<f64>,
}

/// What is to be reached at 16 connections.
#[derive(Clone, Copy, Default)]
pub(crate) struct Goal {
    /// Times the original's requests per second.
    pub(crate) times: Option<f64>,
    /// CPU seconds of all parts per 1,000 requests.
    pub(crate) cpu: Option<f64>,
    /// Share of what the bare handler does.
    pub(crate) of_bare: Option<f64>,
    pub(crate) per_second: Option<f64>,
    /// Milliseconds.
    pub(crate) p99: Option<f64>,
}

/// What the names of the scenarios are, for a command line that is read before there are people.
pub(crate) const NAMES: [&str; 7] =
    ["cached-read", "user-read", "availability", "suggestion", "create", "enqueue", "find-times"];
/// The same of those that are about a poll.
pub(crate) const OF_POLL: [&str; 2] = ["heat-map", "poll-windows"];
/// Of that about a poll of 10,000 people.
pub(crate) const LARGE_POLL_WINDOWS: &str = "large-poll-windows";
/// Of that about many polls.
pub(crate) const ANSWER: &str = "answer";

/// All scenarios, over people who are stored.
pub(crate) fn all(emails: &[String]) -> Vec<Scenario> {
    vec![
        Scenario {
            name: NAMES[0],
            title: "cached read, `GET /user-avail/cache-aside`",
            target: Part::Users,
            parts: &[Part::Users, Part::Redis, Part::Postgres],
            requests: of_each(emails, |email| format!("/user-avail/cache-aside?user1email={email}")),
            status: 200,
            original: Original { per_second: Some(990.0), cpu: Some(1.04) },
            goal: Goal { times: Some(20.0), cpu: Some(0.05), of_bare: Some(0.5), ..Goal::default() },
        },
        Scenario {
            name: NAMES[1],
            title: "user read, `GET /users/{email}`",
            target: Part::Users,
            parts: &[Part::Users, Part::Redis, Part::Postgres],
            requests: of_each(emails, |email| format!("/users/{email}")),
            status: 200,
            original: Original::default(),
            goal: Goal::default(),
        },
        Scenario {
            name: NAMES[2],
            title: "availability of two people",
            target: Part::Availability,
            parts: &[Part::Availability, Part::Users, Part::Redis, Part::Postgres],
            requests: of_pairs(emails, "/availabilities"),
            status: 200,
            original: Original { per_second: Some(34.0), cpu: Some(31.5) },
            goal: Goal::default(),
        },
        Scenario {
            name: NAMES[3],
            title: "suggestion, three services deep",
            target: Part::Suggestion,
            parts: &[Part::Suggestion, Part::Availability, Part::Users, Part::Redis, Part::Postgres],
            requests: of_pairs(emails, "/suggestions"),
            status: 200,
            original: Original { per_second: Some(17.0), cpu: Some(64.0) },
            goal: Goal { times: Some(200.0), cpu: Some(0.3), ..Goal::default() },
        },
        Scenario {
            name: NAMES[4],
            title: "create, `POST /users`",
            target: Part::Users,
            parts: &[Part::Users, Part::Redis, Part::Postgres],
            requests: vec![Request::post("/users", new_person())],
            status: 201,
            original: Original { per_second: Some(170.0), cpu: Some(2.8) },
            goal: Goal { times: Some(10.0), ..Goal::default() },
        },
        Scenario {
            name: NAMES[5],
            title: "enqueue, `POST /tasks`, confirmed",
            target: Part::WorkerApi,
            parts: &[Part::WorkerApi, Part::Postgres, Part::RabbitMq],
            requests: tasks(emails),
            status: 202,
            original: Original { per_second: Some(500.0), cpu: Some(3.1) },
            goal: Goal { times: Some(5.0), ..Goal::default() },
        },
        Scenario {
            name: NAMES[6],
            title: "windows of 100 stored people, `POST /find-times`",
            target: Part::Suggestion,
            parts: &[Part::Suggestion, Part::Availability, Part::Users, Part::Redis, Part::Postgres],
            requests: vec![Request::post("/find-times", find_times(emails))],
            status: 200,
            original: Original::default(),
            goal: Goal { per_second: Some(1_500.0), ..Goal::default() },
        },
    ]
}

/// Scenarios about a poll of 1,000 people.
pub(crate) fn of_poll(poll: &Poll) -> Vec<Scenario> {
    let map = Request::get(format!("/polls/{}/heatmap", poll.id)).header("If-None-Match", poll.etag.clone());
    vec![
        Scenario {
            name: OF_POLL[0],
            title: "heat map of 1,000 people, unchanged",
            target: Part::Availability,
            parts: &[Part::Availability, Part::Users, Part::Postgres],
            requests: vec![map],
            status: 304,
            original: Original::default(),
            goal: Goal::default(),
        },
        Scenario {
            name: OF_POLL[1],
            title: "windows of a poll of 1,000 people",
            target: Part::Suggestion,
            parts: &[Part::Suggestion, Part::Availability, Part::Users, Part::Postgres],
            requests: vec![Request::post(&format!("/polls/{}/suggestions", poll.id), "{}".to_owned())],
            status: 200,
            original: Original::default(),
            goal: Goal { p99: Some(100.0), ..Goal::default() },
        },
    ]
}

/// The scenario about a poll of 10,000 people.
pub(crate) fn of_large_poll(poll: &Poll) -> Scenario {
    Scenario {
        name: LARGE_POLL_WINDOWS,
        title: "windows of a poll of 10,000 people",
        target: Part::Suggestion,
        parts: &[Part::Suggestion, Part::Availability, Part::Users, Part::Postgres],
        requests: vec![Request::post(&format!("/polls/{}/suggestions", poll.id), "{}".to_owned())],
        status: 200,
        original: Original::default(),
        goal: Goal { p99: Some(100.0), ..Goal::default() },
    }
}

/// The scenario about many polls: everybody's answer, and again another one, each of a poll in turn.
pub(crate) fn of_polls(polls: &[Poll]) -> Scenario {
    let most = polls.iter().map(|poll| poll.participants.len()).max().unwrap_or_default();
    let turns = (1..=2).flat_map(|turn| (0..most).map(move |number| (turn, number)));
    let answers = turns.flat_map(|(turn, number)| {
        polls.iter().filter_map(move |poll| poll.participants.get(number)).map(move |participant| {
            Request::put(participant.path.clone(), participant.answer(turn).to_string())
                .header("Authorization", format!("Bearer {}", participant.token))
        })
    });
    Scenario {
        name: ANSWER,
        title: "answer to one of 100 polls, `PUT …/answer`, durable",
        target: Part::Users,
        parts: &[Part::Users, Part::Redis, Part::Postgres],
        requests: answers.collect(),
        status: 200,
        original: Original::default(),
        goal: Goal { per_second: Some(3_000.0), ..Goal::default() },
    }
}

/// A question about the first people, in a fortnight.
fn find_times(emails: &[String]) -> String {
    let people: Vec<&String> = emails.iter().take(ROUND).collect();
    json!({"people": people, "from": "2026-03-02T00:00:00Z", "to": "2026-03-16T00:00:00Z"}).to_string()
}

/// Jobs for pairs of people.
pub(crate) fn tasks(emails: &[String]) -> Vec<Request> {
    let task = |(one, other): (&String, &String)| {
        Request::post("/tasks", json!({"userId1": one, "userId2": other}).to_string())
    };
    pairs(emails).map(task).collect()
}

fn of_each(emails: &[String], path: impl Fn(String) -> String) -> Vec<Request> {
    emails.iter().take(ROUND).map(|email| Request::get(path(encoded(email)))).collect()
}

fn of_pairs(emails: &[String], path: &str) -> Vec<Request> {
    let get = |(one, other): (&String, &String)| {
        Request::get(format!("{path}?userId1={}&userId2={}", encoded(one), encoded(other)))
    };
    pairs(emails).map(get).collect()
}

fn pairs(emails: &[String]) -> impl Iterator<Item = (&String, &String)> {
    emails.iter().zip(emails.iter().skip(1)).take(ROUND)
}

/// An address for a query or a path.
pub(crate) fn encoded(email: &str) -> String {
    byte_serialize(email.as_bytes()).collect()
}

/// Somebody with an office week and an address that nobody else has.
fn new_person() -> String {
    let (long, short) = ([9, 10, 11, 13, 14, 15, 16], [9, 10, 11]);
    let week = json!({"monday": long, "tuesday": long, "wednesday": long, "thursday": long, "friday": short});
    json!({"email": format!("person.{NUMBER}@example.com"), "availabilities": week, "preferences": "first"})
        .to_string()
}
