//! Of whoever is erased nothing is left, in whichever store.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod stores;

use std::time::Duration;

use anyhow::ensure;
use behaviour::{Api, Reply, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{DistributedOptions, Form, Platform, SERVICE_SECRET, StandaloneOptions, shared};

use stores::everything;

/// Somebody whose address and name nobody else has.
const ADDRESS: &str = "Zyxwvut.Quark@example.com";
const NAME: &str = "Zyxwvut Quark";
/// What is in both, in whatever letters.
const MARK: &str = "zyxwvut";
const OTHER: &str = "bob@example.com";
const ADMINISTRATOR: &str = "w2m_0123456789abcdef0123456789abcdef0123456789abcdef";
const SOON: Duration = Duration::from_secs(90);

struct World {
    platform: Platform,
    api: Api,
    dsn: Option<String>,
    data: TempDir,
}

impl World {
    async fn start(form: Form) -> anyhow::Result<World> {
        let data = tempfile::tempdir()?;
        let folder = data.path().display().to_string();
        let env = [("ACCESS", "members"), ("ADMINISTRATOR_TOKEN", ADMINISTRATOR)];
        let (platform, dsn): (Platform, _) = match form {
            Form::Standalone => {
                let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
                let data_dir = Some(data.path().to_owned());
                let options = StandaloneOptions { env, data_dir, ..StandaloneOptions::default() };
                (Form::standalone(options).await?.into(), None)
            }
            Form::Distributed => {
                let dsn = shared::postgres_database().await?;
                let options =
                    DistributedOptions { pg_dsn: Some(dsn.clone()), ..DistributedOptions::default() };
                let env = env.into_iter().chain([("SERVICE_SECRET", SERVICE_SECRET), ("DATA_DIR", &folder)]);
                let options = env.fold(options, |options, (name, value)| options.env_for_all(name, value));
                (Form::distributed(options).await?.into(), Some(dsn))
            }
        };
        let api = Api::new(platform.gateway_url())?;
        Ok(World { platform, api, dsn, data })
    }

    async fn ask(&self, token: &str, method: Method, path: &str, body: Value) -> anyhow::Result<Reply> {
        let mut call = self.api.call(method, path);
        if !token.is_empty() {
            call = call.header("authorization", format!("Bearer {token}"));
        }
        if body.is_null() { call.send().await } else { call.json(&body).send().await }
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> anyhow::Result<Value> {
        let reply = self.ask(token, Method::POST, path, body).await?;
        ensure!(reply.status < 300, "POST {path}: {}", reply.text());
        Ok(if reply.text().is_empty() { Value::Null } else { reply.json() })
    }

    async fn grant(&self, email: &str) -> anyhow::Result<String> {
        let path = format!("/users/accounts/{email}/tokens");
        let granted = self.post(ADMINISTRATOR, &path, json!({"name": NAME, "scopes": ["write"]})).await?;
        Ok(granted["token"].as_str().unwrap().to_owned())
    }

    async fn poll(&self, members: Value) -> anyhow::Result<(String, String)> {
        let mut body = json!({"title": "Planning", "kind": "dates", "dates": ["2027-03-05"], "time_zone": "Etc/UTC",
            "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        let created = self.api.post("/users/polls", &body).await?.is(201).json();
        let text = |member: &str| created[member].as_str().unwrap().to_owned();
        Ok((text("id"), text("admin_token")))
    }

    /// Everything that is kept in which the person is.
    async fn traces(&self) -> anyhow::Result<Vec<(String, String)>> {
        let all = everything(&self.platform, self.dsn.as_deref(), self.data.path()).await?;
        ensure!(all.len() > 20, "only {} entries were found", all.len());
        Ok(all.into_iter().filter(|(_, text)| text.to_lowercase().contains(MARK)).collect())
    }

    /// Does everything by which something is kept of a person; the id of a poll that they took part in.
    async fn live(&self, token: &str) -> anyhow::Result<String> {
        let person = |email: &str| json!({"email": email, "availabilities": {"monday": [9, 10]}});
        self.post(token, "/users/users", person(ADDRESS)).await?;
        self.post(ADMINISTRATOR, "/users/users", person(OTHER)).await?;
        let path = format!("/users/users/{ADDRESS}");
        let schedule =
            json!({"time_zone": "Europe/Berlin", "weekly": [], "overrides": [], "working_hours": []});
        self.ask(token, Method::PUT, &format!("{path}/schedule"), schedule).await?.is(200);
        let event = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20270101T000000Z\r\n\
             DTSTART:20270304T090000Z\r\nDTEND:20270304T100000Z\r\nSUMMARY:{NAME}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let call = self.api.call(Method::PUT, &format!("{path}/calendars/{MARK}"));
        let call = call.header("authorization", format!("Bearer {token}"));
        call.header("content-type", "text/calendar").body(event).send().await?.is(200);
        let url = json!({"url": format!("http://127.0.0.1:9/{ADDRESS}.ics")});
        let subscribed = self.ask(token, Method::PUT, &format!("{path}/calendars/fetched"), url).await?;
        ensure!(subscribed.status < 300, "{}", subscribed.text());
        self.post(token, &format!("{path}/feed"), Value::Null).await?;
        self.ask(token, Method::GET, &path, Value::Null).await?.is(200);

        let deadline = "2027-03-01T00:00:00Z";
        let members = json!({"organiser_email": ADDRESS, "deadline": deadline, "remind": true});
        let (organised, admin) = self.poll(members).await?;
        let invited = json!({"people": [{"email": OTHER, "name": "Bob"}]});
        self.post(&admin, &format!("/users/polls/{organised}/invitations"), invited).await?;
        let (poll, admin) = self.poll(json!({})).await?;
        let invited = json!({"people": [{"email": ADDRESS, "name": NAME}]});
        self.post(&admin, &format!("/users/polls/{poll}/invitations"), invited).await?;
        for (name, email) in [(NAME, ADDRESS), ("Bob", OTHER)] {
            let participants = format!("/users/polls/{poll}/participants");
            let body = json!({"name": name, "email": email, "time_zone": "Europe/Berlin"});
            let joined = self.post("", &participants, body).await?;
            let answer = format!("{participants}/{}/answer", joined["id"].as_str().unwrap());
            let ranges =
                json!([{"start": "2027-03-05T09:00:00Z", "end": "2027-03-05T10:00:00Z", "level": "yes"}]);
            let edit = joined["edit_token"].as_str().unwrap();
            self.ask(edit, Method::PUT, &answer, json!({"ranges": ranges})).await?.is(200);
        }
        let decision = json!({"start": "2027-03-05T09:00:00Z", "end": "2027-03-05T10:00:00Z"});
        self.ask(&admin, Method::PUT, &format!("/users/polls/{poll}/decision"), decision).await?.is(200);
        self.api.post("/users/sign-ins", &json!({"email": ADDRESS})).await?.is(202);
        self.post(token, "/worker/tasks", json!({"userId1": ADDRESS, "userId2": OTHER})).await?;
        self.post(ADMINISTRATOR, "/worker/tasks", json!({"kind": "suggest", "poll": poll})).await?;
        let asked = json!({"kind": "suggest", "poll": organised, "required": [ADDRESS]});
        self.post(token, "/worker/tasks", asked).await?;
        Ok(poll)
    }
}

impl World {
    /// Everything that is stored of the person is in their export, and nothing secret.
    async fn export_has_everything(&self, token: &str, poll: &str) -> anyhow::Result<()> {
        let path = "/users/account/export";
        self.api.get(path).await?.is(401);
        let export = self.ask(token, Method::GET, path, Value::Null).await?.is(200);
        let tables = export.json()["tables"].clone();
        let rows = |table: &str| tables[table].as_array().unwrap().clone();
        assert_eq!(rows("people")[0]["email"], ADDRESS);
        assert!(rows("people")[0]["availabilities"].is_object());
        assert_eq!(rows("schedules")[0]["time_zone"], "Europe/Berlin");
        assert_eq!(rows("participants").len(), 2);
        assert_eq!((rows("answers").len(), &rows("answers")[0]["poll_id"]), (1, &json!(poll)));
        assert_eq!(rows("polls")[0]["organiser_email"], ADDRESS);
        assert_eq!(rows("access_tokens")[0]["name"], NAME);
        for table in
            ["calendars", "busy_times", "calendar_subscriptions", "feeds", "accounts", "sign_ins", "mails"]
        {
            assert!(!rows(table).is_empty(), "{table}: {tables}");
        }
        assert!(!export.text().contains("hash") && !export.text().contains("#edit="), "{tables}");
        for path in ["/users", "/worker"].map(|service| format!("{service}/accounts/{ADDRESS}/export")) {
            self.ask(token, Method::GET, &path, Value::Null).await?.is(403);
            let found = self.ask(ADMINISTRATOR, Method::GET, &path, Value::Null).await?.is(200);
            assert!(found.text().contains(ADDRESS), "{path}");
        }
        let jobs = self.ask(token, Method::GET, "/worker/account/export", Value::Null).await?.is(200).json();
        assert_eq!(jobs["jobs"].as_array().unwrap().len(), 2, "{jobs}");
        Ok(())
    }
}

async fn of_whoever_is_erased_nothing_is_left(form: Form, by_themselves: bool) -> anyhow::Result<()> {
    let world = World::start(form).await?;
    let token = world.grant(ADDRESS).await?;
    let poll = world.live(&token).await?;
    eventually("mails were written, and the search finds what there is", SOON, async || {
        let traces = world.traces().await?;
        let has = |place: &str| traces.iter().any(|(found, _)| found.contains(place));
        let tables = ["people", "accounts", "access_tokens", "participants", "polls", "mails", "sign_ins"];
        for place in tables.into_iter().chain(["calendar_subscriptions", "jobs", ".eml"]) {
            ensure!(has(place), "nothing is in {place}");
        }
        ensure!(form == Form::Standalone || has("Redis"), "nothing is in Redis");
        Ok(())
    })
    .await?;

    world.export_has_everything(&token, &poll).await?;
    let erased = match by_themselves {
        true => world.ask(&token, Method::DELETE, "/users/account", Value::Null).await?,
        false => {
            let path = format!("/users/accounts/{ADDRESS}");
            world.ask(ADMINISTRATOR, Method::DELETE, &path, Value::Null).await?
        }
    };
    erased.is(204);
    eventually("nothing is left", SOON, async || {
        let traces = world.traces().await?;
        ensure!(traces.is_empty(), "{traces:#?}");
        Ok(())
    })
    .await?;
    let shown = world.api.get(&format!("/users/polls/{poll}")).await?.is(200).json();
    assert_eq!((&shown["participants_total"], &shown["answered"]), (&json!(1), &json!(1)), "the others stay");
    eventually("the token holds no longer", SOON, async || {
        let reply = world.ask(&token, Method::GET, "/users/account", Value::Null).await?;
        ensure!(reply.status == 401, "{}", reply.status);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_erases_themselves_nothing_is_left_in_one_process() -> anyhow::Result<()> {
    of_whoever_is_erased_nothing_is_left(Form::Standalone, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whoever_erases_themselves_nothing_is_left_in_many_processes() -> anyhow::Result<()> {
    of_whoever_is_erased_nothing_is_left(Form::Distributed, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whom_an_administrator_erases_nothing_is_left() -> anyhow::Result<()> {
    of_whoever_is_erased_nothing_is_left(Form::Standalone, false).await
}
