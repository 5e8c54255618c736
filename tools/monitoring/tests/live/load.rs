//! Everything that people do with the platform.

use std::time::Duration;

use anyhow::ensure;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::ServiceProcess;
use tokio::time::{Instant, interval};

use crate::http;

/// Time between two rounds.
const PACE: Duration = Duration::from_millis(100);
/// People in the largest group.
const GROUP: usize = 12;

/// Somebody who uses the platform.
pub(crate) struct Client {
    url: String,
    client: reqwest::Client,
}

impl Client {
    pub(crate) fn new(url: String) -> anyhow::Result<Client> {
        Ok(Client { url, client: http()? })
    }

    /// Asks for suggestions while nobody computes what people share, which is a 503.
    pub(crate) async fn be_refused_while_away(&self, away: &mut [ServiceProcess; 2]) -> anyhow::Result<()> {
        for replica in away.iter_mut() {
            replica.stop().await?;
        }
        let path = "/suggestion/suggestions?userId1=a@example.com&userId2=b@example.com";
        self.call(Method::GET, path, None, &[503]).await?;
        for replica in away {
            replica.restart().await?;
        }
        Ok(())
    }

    /// Does everything again and again.
    pub(crate) async fn work_for(&self, time: Duration) -> anyhow::Result<()> {
        let begin = Instant::now();
        let mut pace = interval(PACE);
        let mut round = 0;
        while begin.elapsed() < time {
            pace.tick().await;
            self.work_once(round).await?;
            round += 1;
        }
        Ok(())
    }

    /// Does everything once, with people whom no other round knows.
    pub(crate) async fn work_once(&self, round: usize) -> anyhow::Result<()> {
        let people: Vec<String> = (0..GROUP).map(|n| format!("person.{round}.{n}@example.com")).collect();
        for (n, email) in people.iter().enumerate() {
            // The last one is free when nobody else is.
            let week = if n + 1 == GROUP {
                json!({"sunday": [23]})
            } else {
                json!({"monday": [9, 10], "friday": [14]})
            };
            let body = json!({"email": email, "availabilities": week});
            self.call(Method::POST, "/users/users", Some(body), &[201]).await?;
        }
        let week = json!({"email": people[0], "availabilities": {"tuesday": [8], "monday": [9]}, "preferences": "last"});
        self.call(Method::PUT, &format!("/users/users/{}", people[0]), Some(week), &[200]).await?;
        let read = format!("/users/user-avail/cache-aside?user1email={}", people[1]);
        for _ in 0..3 {
            self.call(Method::GET, &read, None, &[200]).await?;
        }
        let pair = |one: &str, other: &str| format!("/suggestion/suggestions?userId1={one}&userId2={other}");
        self.call(Method::GET, &pair(&people[1], &people[2]), None, &[200]).await?;
        self.call(Method::GET, &pair(&people[1], &people[GROUP - 1]), None, &[200]).await?;
        self.call(Method::GET, &pair(&people[1], "nobody@example.com"), None, &[404]).await?;
        let group: Vec<String> = people[..GROUP - 1].iter().map(|email| format!("userId={email}")).collect();
        self.call(Method::GET, &format!("/suggestion/suggestions?{}", group.join("&")), None, &[200]).await?;
        self.call(Method::POST, "/users/users", Some(json!({"email": "nonsense"})), &[400]).await?;
        for other in [&people[2], "nobody@example.com"] {
            let order = json!({"userId1": people[1], "userId2": other});
            self.call(Method::POST, "/worker/tasks", Some(order), &[202]).await?;
        }
        self.call(Method::DELETE, &format!("/users/users/{}", people[3]), None, &[200, 204]).await?;
        self.call(Method::GET, "/no/such/path", None, &[404]).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: &[u16],
    ) -> anyhow::Result<()> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let status: StatusCode = request.send().await?.status();
        ensure!(expected.contains(&status.as_u16()), "{method} {path} is answered {status}");
        Ok(())
    }
}
