//! What is asked of databases of different sizes.

use anyhow::ensure;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, Row, postgres::PgRow, query};

use crate::{poll, scenario::encoded};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ReadPerson,
    ReplacePerson,
    ReadPoll,
    Answer,
    CreatePoll,
}

pub(super) const KINDS: [Kind; 5] =
    [Kind::ReadPerson, Kind::ReplacePerson, Kind::ReadPoll, Kind::Answer, Kind::CreatePoll];

impl Kind {
    pub(super) fn title(self) -> &'static str {
        match self {
            Kind::ReadPerson => "read a person, `GET /users/{email}`",
            Kind::ReplacePerson => "replace a person, `PUT /users/{email}`",
            Kind::ReadPoll => "read a poll, `GET /polls/{id}`",
            Kind::Answer => "answer a poll, `PUT …/answer`",
            Kind::CreatePoll => "create a poll, `POST /polls`",
        }
    }
}

/// One request.
pub(super) struct Question {
    method: Method,
    path: String,
    token: Option<String>,
    body: Option<Value>,
    status: StatusCode,
}

impl Question {
    pub(super) async fn ask(&self, http: &Client, url: &str) -> anyhow::Result<()> {
        let request = http.request(self.method.clone(), format!("{url}{}", self.path));
        let request = self.token.iter().fold(request, |request, token| request.bearer_auth(token));
        let request = self.body.iter().fold(request, |request, body| request.json(body));
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status == self.status, "{} {} gave {status}: {text}", self.method, self.path);
        Ok(())
    }
}

/// `count` requests of a kind about people or polls of the database, other ones in each round.
pub(super) async fn of(
    kind: Kind,
    database: &str,
    size: u32,
    round: usize,
    count: usize,
) -> anyhow::Result<Vec<Question>> {
    if kind == Kind::CreatePoll {
        let create = || Question {
            method: Method::POST,
            path: "/polls".to_owned(),
            token: None,
            body: Some(poll::new_poll()),
            status: StatusCode::CREATED,
        };
        return Ok(std::iter::repeat_with(create).take(count).collect());
    }
    let mut connection = PgConnection::connect(database).await?;
    let (most, round_bound) = (i32::try_from(count)?, i32::try_from(round)?);
    let select = match kind {
        Kind::ReadPerson | Kind::ReplacePerson => query(SOME_PEOPLE).bind(most).bind(round_bound),
        _ => query(SOME_POLLS).bind(most).bind(round_bound).bind(i64::from(size)),
    };
    let rows = select.fetch_all(&mut connection).await?;
    connection.close().await?;
    ensure!(rows.len() == count, "{} rows instead of {count}", rows.len());
    rows.iter().enumerate().map(|(number, row)| question(kind, row, number + round)).collect()
}

/// Some of the people, in no order.
const SOME_PEOPLE: &str = "SELECT email FROM people ORDER BY md5(email || $2::INT::TEXT) LIMIT $1::INT";

/// Polls of sizes that are spread evenly over all of them, in no order, and one participant of each.
const SOME_POLLS: &str = "SELECT id, participant, \
    translate(rtrim(encode(decode(md5(id || '/' || participant), 'hex'), 'base64'), '='), '+/', '-_') AS participant_id, \
    translate(rtrim(encode(decode(md5(id || '-' || participant), 'hex'), 'base64'), '='), '+/', '-_') AS token \
    FROM (SELECT id, 1 + (place + $2::INT) % size AS participant FROM generate_series(0, $1::INT - 1) AS place \
    JOIN measured_polls ON n = 1 + floor((place + 0.5) * $3::BIGINT / $1)::BIGINT) AS asked ORDER BY md5(id || $2::INT::TEXT)";

fn question(kind: Kind, row: &PgRow, turn: usize) -> anyhow::Result<Question> {
    let (method, path, token, body) = match kind {
        Kind::ReadPerson => (Method::GET, person(row)?, None, None),
        Kind::ReplacePerson => {
            let hours: Vec<usize> = (8 + turn % 3..17).collect();
            let week = json!({"monday": hours, "tuesday": hours, "thursday": hours});
            let email: String = row.try_get("email")?;
            let body = json!({"email": email, "availabilities": week, "preferences": "first"});
            (Method::PUT, person(row)?, None, Some(body))
        }
        Kind::ReadPoll => (Method::GET, format!("/polls/{}", row.try_get::<String, _>("id")?), None, None),
        Kind::Answer | Kind::CreatePoll => {
            let (id, participant): (String, String) = (row.try_get("id")?, row.try_get("participant_id")?);
            let path = format!("/polls/{id}/participants/{participant}/answer");
            (Method::PUT, path, Some(row.try_get("token")?), Some(poll::answer(turn)))
        }
    };
    Ok(Question { method, path, token, body, status: StatusCode::OK })
}

fn person(row: &PgRow) -> anyhow::Result<String> {
    Ok(format!("/users/{}", encoded(row.try_get("email")?)))
}
