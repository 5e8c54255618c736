use anyhow::Context;
use behaviour::{Api, Reply};
use reqwest::Method;
use serde_json::json;
use sqlx::{AnyConnection, Connection};

use crate::{ADMINISTRATOR_TOKEN, ROOT};

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const BOB: &str = "bob@example.com";
pub(crate) const EVE: &str = "eve@example.com";

/// Everybody by whom an operation is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    /// With a token that nobody has been given.
    Unknown,
    /// With a token that was revoked.
    Revoked,
    /// With a token that has ended.
    Expired,
    /// Whom nothing is about.
    Other,
    /// Whom it is about, with a token for reading.
    Reader,
    /// Whom it is about.
    Owner,
    /// By address.
    Administrator,
}

impl Who {
    pub(crate) const ALL: [Who; 8] = [
        Who::Nobody,
        Who::Unknown,
        Who::Revoked,
        Who::Expired,
        Who::Other,
        Who::Reader,
        Who::Owner,
        Who::Administrator,
    ];
}

/// The tokens of those who have one.
pub(crate) struct Tokens {
    revoked: String,
    /// There is none unless it is asked for.
    expired: Option<String>,
    other: String,
    reader: String,
    pub(crate) owner: String,
    administrator: String,
}

impl Tokens {
    pub(crate) async fn make(api: &Api) -> anyhow::Result<Tokens> {
        let revoked = grant(api, ADA, &["write"]).await?;
        let tokens = Tokens {
            other: grant(api, EVE, &["write"]).await?.token,
            reader: grant(api, ADA, &["read"]).await?.token,
            owner: grant(api, ADA, &["write"]).await?.token,
            administrator: grant(api, ROOT, &["write"]).await?.token,
            revoked: revoked.token,
            expired: None,
        };
        let path = format!("/users/account/tokens/{}", revoked.id);
        ask(api, Method::DELETE, &path, Some(&tokens.owner), None).await?.is(204);
        Ok(tokens)
    }

    /// The same with one that has ended, in user-service's database: to be had otherwise it takes a day.
    pub(crate) async fn with_expired(api: &Api, database: &str) -> anyhow::Result<Tokens> {
        let expired = grant(api, ADA, &["write"]).await?;
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(database).await?;
        let update = sqlx::query("UPDATE access_tokens SET expires_at_us = created_at_us WHERE id = $1");
        let updated = update.bind(&expired.id).execute(&mut connection).await?;
        anyhow::ensure!(updated.rows_affected() == 1, "the token is not there");
        connection.close().await?;
        Ok(Tokens { expired: Some(expired.token), ..Tokens::make(api).await? })
    }

    pub(crate) fn of(&self, who: Who) -> Option<&str> {
        match who {
            Who::Nobody => None,
            Who::Unknown => Some("w2m_nobodyhasbeengiventhistokennobodyhasbeengiventh"),
            Who::Revoked => Some(&self.revoked),
            Who::Expired => self.expired.as_deref(),
            Who::Other => Some(&self.other),
            Who::Reader => Some(&self.reader),
            Who::Owner => Some(&self.owner),
            Who::Administrator => Some(&self.administrator),
        }
    }
}

pub(crate) struct Granted {
    pub(crate) id: String,
    pub(crate) token: String,
}

/// Has the installation's administrator make a token for somebody.
pub(crate) async fn grant(api: &Api, email: &str, scopes: &[&str]) -> anyhow::Result<Granted> {
    let body = json!({"name": "test", "scopes": scopes});
    let path = format!("/users/accounts/{email}/tokens");
    let made = ask(api, Method::POST, &path, Some(ADMINISTRATOR_TOKEN), Some(&body)).await?.is(201).json();
    let text = |name: &str| made[name].as_str().map(str::to_owned).context("it is not there");
    Ok(Granted { id: text("id")?, token: text("token")? })
}

/// Asks as whoever has this token.
pub(crate) async fn ask(
    api: &Api,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&serde_json::Value>,
) -> anyhow::Result<Reply> {
    let call = api.call(method, path);
    let call = match token {
        Some(token) => call.header("authorization", format!("Bearer {token}")),
        None => call,
    };
    let call = match body {
        Some(body) => call.json(body),
        None => call,
    };
    call.send_unchecked().await
}
