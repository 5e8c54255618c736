//! A service on each engine, and what its cases ask of it.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use clap::Parser;
use http_body_util::BodyExt;
use prometheus::Registry;
use serde_json::{Value, json};
use service_kit::{ServiceContext, encode};
use sqlx::{AnyConnection, Connection, Row};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use user_service::{Args, NAME};

pub(crate) struct Service {
    pub(crate) router: Router,
    registry: Registry,
    database: String,
    _folder: TempDir,
}

/// A reply that has been read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A poll, and the secret of whoever made it.
pub(crate) struct Poll {
    pub(crate) path: String,
    pub(crate) admin: String,
}

/// Somebody who takes part.
pub(crate) struct Participant {
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Service {
    /// On an SQLite file and on PostgreSQL.
    pub(crate) async fn both() -> [Service; 2] {
        let dsn = testkit::shared::postgres_database().await.unwrap();
        [Service::start(&[]).await, Service::start(&["--pg-dsn", &dsn]).await]
    }

    pub(crate) async fn start(flags: &[&str]) -> Service {
        let folder = tempfile::tempdir().unwrap();
        let data = ["user-service", "--data-dir", folder.path().to_str().unwrap()];
        let args = Args::parse_from(data.iter().chain(flags));
        let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
        let stores = args.stores.stores(&service.registry).unwrap();
        let app = user_service::build(&service, &args.serve, &args.own, stores).await.unwrap();
        while app.probe.ready().await.is_err() {
            tokio::task::yield_now().await;
        }
        let file = format!("sqlite://{}/{}", folder.path().display(), user_service::DATABASE_FILE);
        let database = args.stores.pg_dsn.map_or(file, |dsn| dsn.expose().to_owned());
        Service { router: app.router, registry: app.registry, database, _folder: folder }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl ToString,
    ) -> Reply {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::from(body.to_string())).unwrap();
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = reply.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, text }
    }

    /// With a token, or without one where it is empty.
    pub(crate) async fn by(&self, token: &str, method: Method, path: &str, body: Value) -> Reply {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.ask(method, path, if token.is_empty() { &[] } else { &headers }, body).await
    }

    /// Changes what is stored, past the service.
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.database).await.unwrap();
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// What a query finds as `number`, past the service.
    pub(crate) async fn number(&self, select: &'static str) -> i64 {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.database).await.unwrap();
        let number = sqlx::query(select).fetch_one(&mut connection).await.unwrap().get("number");
        connection.close().await.unwrap();
        number
    }

    /// What a series of the metrics is at, such as `polls_stored`.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let page = String::from_utf8(encode([&self.registry]).unwrap()).unwrap();
        let number = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            let plain =
                name.replace("service_name=\"user-service\"", "").replace(",}", "}").replace("{}", "");
            (plain == series).then(|| value.parse().unwrap())
        };
        page.lines().find_map(number).unwrap_or_else(|| panic!("{series} is not in {page}"))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.by("", Method::GET, path, Value::Null).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.by("", Method::PUT, path, body).await
    }

    pub(crate) async fn person(&self, email: &str, availabilities: Value) {
        let body = json!({"email": email, "availabilities": availabilities});
        self.by("", Method::POST, "/users", body).await.is(201);
    }

    pub(crate) async fn poll(&self, members: Value) -> Poll {
        let created = self.by("", Method::POST, "/polls", with(poll(), members)).await.is(201).json();
        let path = format!("/polls/{}", created["id"].as_str().unwrap());
        Poll { path, admin: created["admin_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn join(&self, poll: &Poll, name: &str, members: Value) -> Participant {
        let body = with(json!({"name": name, "time_zone": "Europe/London"}), members);
        let path = format!("{}/participants", poll.path);
        let created = self.by("", Method::POST, &path, body).await.is(201).json();
        let id = created["id"].as_str().unwrap().to_owned();
        let token = created["edit_token"].as_str().unwrap().to_owned();
        Participant { path: format!("{path}/{id}"), id, token }
    }

    pub(crate) async fn answer(&self, participant: &Participant, body: Value) -> Reply {
        self.by(&participant.token, Method::PUT, &format!("{}/answer", participant.path), body).await
    }
}

impl Reply {
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Reply {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The places of the faults.
    pub(crate) fn places(&self) -> Vec<String> {
        let faults = self.json()["detail"].as_array().unwrap().clone();
        let place = |fault: &Value| {
            let steps = fault["loc"].as_array().unwrap()[1..].to_vec();
            let step = |step: Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
            steps.into_iter().map(step).collect::<Vec<_>>().join(".")
        };
        faults.iter().map(place).collect()
    }
}

/// The object with other members.
pub(crate) fn with(mut body: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Two days of eight hours in Berlin, in cells of 30 minutes.
pub(crate) fn poll() -> Value {
    json!({
        "title": "Retrospective", "kind": "dates", "dates": ["2026-03-06", "2026-03-09"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "17:00", "granularity_minutes": 30,
        "duration_minutes": 60,
    })
}

pub(crate) fn range(start: &str, end: &str, level: &str) -> Value {
    json!({"start": start, "end": end, "level": level})
}
