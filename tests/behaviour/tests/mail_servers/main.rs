//! The platform on servers that are in use: mails go out by postfix, and what comes back is read from dovecot.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod mailboxes;

use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::{Api, Reply, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::servers::{Dovecot, Postfix};
use testkit::{Distributed, DistributedOptions, Form, StandaloneOptions};

use mailboxes::{calendar_of, hand_over, mails_in_files, reply, send_reply, subject_of, unread};

/// Longest wait for a mail: the worker, both servers, and the worker again.
const SOON: Duration = Duration::from_secs(60);
const ADA: &str = "ada@example.test";
const SECRET: &str = "0123456789abcdef";

/// A platform with its mail servers.
struct Stage {
    api: Api,
    postfix: Postfix,
    _dovecot: Dovecot,
    _platform: Distributed,
}

struct Poll {
    path: String,
    admin: String,
}

impl Poll {
    async fn new(api: &Api, members: Value) -> anyhow::Result<Poll> {
        let mut body = json!({"title": "Planning", "kind": "dates", "dates": ["2099-03-06"], "time_zone": "Etc/UTC",
            "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        let created = api.post("/users/polls", &body).await?.is(201).json();
        let text = |member: &str| created[member].as_str().unwrap().to_owned();
        Ok(Poll { path: format!("/users/polls/{}", text("id")), admin: text("admin_token") })
    }

    async fn ask(&self, api: &Api, method: Method, path: &str, body: &Value) -> anyhow::Result<Reply> {
        let call = api.call(method, &format!("{}{path}", self.path)).json(body);
        call.header("authorization", format!("Bearer {}", self.admin)).send().await
    }

    /// Ada is invited, and a time is decided on.
    async fn decide_with_ada(&self, api: &Api) -> anyhow::Result<()> {
        let people = json!({"people": [{"email": ADA, "name": "Ada"}]});
        self.ask(api, Method::POST, "/invitations", &people).await?.is(202);
        let meeting = json!({"start": "2099-03-06T09:00:00Z", "end": "2099-03-06T10:00:00Z"});
        self.ask(api, Method::PUT, "/decision", &meeting).await?.is(200);
        Ok(())
    }

    /// What Ada's calendar has answered.
    async fn answer(&self, api: &Api) -> anyhow::Result<Value> {
        let shown = self.ask(api, Method::GET, "", &Value::Null).await?.is(200).json();
        Ok(shown["participants"][0]["meeting_reply"]["status"].clone())
    }
}

impl Stage {
    async fn start() -> anyhow::Result<Stage> {
        let postfix = Postfix::start(&["ada", "org", "meet"]).await?;
        let dovecot = Dovecot::start(postfix.mailboxes(), None).await?;
        let options = DistributedOptions::default()
            .env_for_all("MAIL_FROM", "W2Meet <meet@example.test>")
            .env_for_all("INBOUND_MAIL_SECRET", SECRET)
            .env_for_all("SMTP_URL", format!("smtp://{}?tls=none", postfix.address()))
            .env_for_all(
                "IMAP_URL",
                format!("imap://meet:{}@{}?tls=none", Dovecot::PASSWORD, dovecot.address()),
            );
        let platform = Form::distributed(options).await?;
        let api = Api::new(platform.gateway_url())?;
        Ok(Stage { api, postfix, _dovecot: dovecot, _platform: platform })
    }

    /// Waits until this mailbox has an unread mail with this in its subject and this in it; it is read then.
    async fn mail_to(&self, name: &str, subject: &str, part: &str) -> anyhow::Result<Vec<u8>> {
        let mut found = Vec::new();
        eventually(&format!("{name} has a mail {subject:?}"), SOON, async || {
            let mails = unread(self.postfix.mailboxes(), name)?;
            let is_it = |mail: &[u8]| {
                subject_of(mail).contains(subject) && (part.is_empty() || calendar_of(mail).contains(part))
            };
            let wanted = mails.iter().find(|(_, mail)| is_it(mail));
            let (file, mail) = wanted.with_context(|| format!("there are {} others", mails.len()))?;
            std::fs::remove_file(file)?;
            found.clone_from(mail);
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_goes_out_and_its_answers_come_back() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let poll = Poll::new(&stage.api, json!({"organiser_email": "org@example.test"})).await?;
    poll.decide_with_ada(&stage.api).await?;
    let request = stage.mail_to("ada", "Planning", "METHOD:REQUEST").await?;
    let calendar = calendar_of(&request);
    stage.mail_to("org", "Planning", "").await?;

    // Accepted, and twice so, as programs do that are not sure; then declined.
    for (times, status, answer) in [(2, "ACCEPTED", "accepted"), (1, "DECLINED", "declined")] {
        for _ in 0..times {
            send_reply(stage.postfix.address(), ADA, &calendar, status).await?;
        }
        eventually(&format!("the poll says {answer}"), SOON, async || {
            let known = poll.answer(&stage.api).await?;
            ensure!(known == answer, "it is {known}");
            Ok(())
        })
        .await?;
        stage.mail_to("org", "Ada", "").await?;
    }
    // By the other way in, signed, it is the same answer.
    let mail = reply(ADA, &calendar, "DECLINED")?.formatted();
    assert_eq!(hand_over(&stage.api, SECRET, &mail).await?.is(200).json()["outcome"], "unchanged");
    hand_over(&stage.api, "another secret!!", &mail).await?.is(401);
    // What was said twice was told once, and all that came is marked as read.
    eventually("all is read", SOON, async || {
        let left = unread(stage.postfix.mailboxes(), "meet")?;
        ensure!(left.is_empty(), "{} mails are left", left.len());
        Ok(())
    })
    .await?;
    assert!(unread(stage.postfix.mailboxes(), "org")?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_has_is_not_written_to_again() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let gone = format!("gone@{}", Postfix::ELSEWHERE);
    let people = json!({"people": [{"email": gone}]});
    let poll = Poll::new(&stage.api, json!({})).await?;
    poll.ask(&stage.api, Method::POST, "/invitations", &people).await?.is(202);
    // Postfix takes the mail, and sends it back when the server elsewhere refuses it.
    eventually("the address is known to be nobody's", SOON, async || {
        let other = Poll::new(&stage.api, json!({})).await?;
        let reply = other.ask(&stage.api, Method::POST, "/invitations", &people).await?.is(202).json();
        ensure!(reply["skipped"] == json!([{"email": gone, "reason": "bounced"}]), "{reply}");
        Ok(())
    })
    .await?;
    // Whoever has an address is written to.
    let people = json!({"people": [{"email": ADA}]});
    let reply = poll.ask(&stage.api, Method::POST, "/invitations", &people).await?.is(202).json();
    assert_eq!(reply["invited"], 1);
    stage.mail_to("ada", "Planning", "").await?;
    Ok(())
}

/// The one process writes mails into files, and takes answers by HTTP alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_one_process_takes_the_answer_to_what_it_has_written() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let env = vec![("INBOUND_MAIL_SECRET".to_owned(), SECRET.to_owned())];
    let data_dir = Some(folder.path().to_owned());
    let platform =
        Form::standalone(StandaloneOptions { data_dir, env, ..StandaloneOptions::default() }).await?;
    let api = Api::new(platform.gateway_url())?;
    let poll = Poll::new(&api, json!({"organiser_email": "org@example.test"})).await?;
    poll.decide_with_ada(&api).await?;
    let mut calendar = String::new();
    eventually("there is a request", SOON, async || {
        let calendars =
            mails_in_files(folder.path())?.iter().map(|mail| calendar_of(mail)).collect::<Vec<_>>();
        let request = calendars.into_iter().find(|calendar| calendar.contains("METHOD:REQUEST"));
        calendar = request.context("there is none yet")?;
        Ok(())
    })
    .await?;
    let mail = reply(ADA, &calendar, "ACCEPTED")?.formatted();
    hand_over(&api, "another secret!!", &mail).await?.is(401);
    assert_eq!(poll.answer(&api).await?, Value::Null);
    for outcome in ["taken", "unchanged"] {
        assert_eq!(hand_over(&api, SECRET, &mail).await?.is(200).json()["outcome"], outcome);
        assert_eq!(poll.answer(&api).await?, "accepted");
    }
    Ok(())
}
