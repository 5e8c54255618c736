//! Polls. Each is made once for a platform: what was made is written down, since only its maker ever learns its tokens.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use reqwest::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    Progress,
    client::{AttemptError, Client, Outcome, refusal_of},
    line::{GivenParticipant, GivenPoll},
};

/// A poll that was made, with the secrets that were shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedPoll {
    /// Where it is, without a password.
    pub platform: String,
    /// Stands for what the input says of it.
    content: String,
    pub id: String,
    pub title: String,
    pub admin_token: String,
    pub participants: Vec<ImportedParticipant>,
}

/// Somebody who takes part in a poll that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedParticipant {
    pub id: String,
    pub name: String,
    pub edit_token: String,
}

/// The file in which polls are written down that were made, a line each; without a path, nowhere.
pub(super) struct ImportedPolls {
    path: Option<PathBuf>,
    known: HashMap<(String, String), String>,
}

impl ImportedPolls {
    /// Reads what was made before.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(super) fn read(path: Option<&Path>) -> anyhow::Result<ImportedPolls> {
        let text = match path.map(fs::read_to_string) {
            None => String::new(),
            Some(Err(error)) if error.kind() == ErrorKind::NotFound => String::new(),
            Some(read) => {
                read.with_context(|| format!("cannot read {}", path.unwrap_or(Path::new("")).display()))?
            }
        };
        // A line that was not written to its end says nothing.
        let made = text.lines().filter_map(|line| serde_json::from_str::<ImportedPoll>(line).ok());
        let known = made.map(|poll| ((poll.platform, poll.content), poll.id)).collect();
        Ok(ImportedPolls { path: path.map(Path::to_owned), known })
    }

    /// Writes down one that was made. Nobody else may read the file: who has a poll's token is its organiser.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn add(&self, poll: &ImportedPoll) -> anyhow::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            file.write_all(format!("{}\n", serde_json::to_string(poll)?).as_bytes())
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// What became of a poll.
pub(super) enum PollOutcome {
    Made(ImportedPoll),
    /// It is there, or was refused.
    Other(Outcome),
}

#[derive(Deserialize)]
struct Created {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(alias = "admin_token")]
    edit_token: String,
}

impl Client {
    /// Makes a poll with its participants and their answers, unless it was made before and is still there.
    ///
    /// # Errors
    /// As [`retry_until_decided`](Client::retry_until_decided).
    pub(super) async fn poll(
        &self,
        given: &GivenPoll,
        made: &ImportedPolls,
        progress: &Progress,
    ) -> anyhow::Result<PollOutcome> {
        let content = content(given);
        if let Some(id) = made.known.get(&(self.platform.clone(), content.clone())) {
            let url = self.polls(&[id]);
            let find = async || self.send(Method::GET, url.clone(), None, &[]).await;
            if self.retry_until_decided(progress, find).await?.status() == StatusCode::OK {
                return Ok(PollOutcome::Other(Outcome::Unchanged));
            }
        }
        let body = given.poll.get().as_bytes();
        let create = async || self.create(self.polls(&[]), None, body).await;
        let poll = match self.retry_until_decided(progress, create).await? {
            Ok(poll) => poll,
            Err(refusal) => return Ok(PollOutcome::Other(refusal)),
        };
        let mut participants = Vec::new();
        for participant in &given.participants {
            match self.participant(&poll, participant, progress).await? {
                Ok(participant) => participants.push(participant),
                Err(refusal) => return Ok(PollOutcome::Other(refusal)),
            }
        }
        Ok(PollOutcome::Made(ImportedPoll {
            platform: self.platform.clone(),
            content,
            id: poll.id,
            title: poll.title,
            admin_token: poll.edit_token,
            participants,
        }))
    }

    /// Somebody takes part, and answers if they do.
    async fn participant(
        &self,
        poll: &Created,
        given: &GivenParticipant,
        progress: &Progress,
    ) -> anyhow::Result<Result<ImportedParticipant, Outcome>> {
        let body = serde_json::to_vec(&given.body)?;
        let url = self.polls(&[&poll.id, "participants"]);
        let join = async || self.create(url.clone(), Some(&poll.edit_token), &body).await;
        let joined = match self.retry_until_decided(progress, join).await? {
            Ok(joined) => joined,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(answer) = &given.answer {
            let url = self.polls(&[&poll.id, "participants", &joined.id, "answer"]);
            let (token, body) = (Some(joined.edit_token.as_str()), answer.get().as_bytes());
            let put = async || {
                let reply = self.send(Method::PUT, url.clone(), token, body).await?;
                Ok(if reply.status() == StatusCode::OK { None } else { Some(refusal_of(reply).await?) })
            };
            if let Some(refusal) = self.retry_until_decided(progress, put).await? {
                return Ok(Err(refusal));
            }
        }
        let name = given.body.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
        Ok(Ok(ImportedParticipant { id: joined.id, name, edit_token: joined.edit_token }))
    }

    async fn create(
        &self,
        url: url::Url,
        token: Option<&str>,
        body: &[u8],
    ) -> Result<Result<Created, Outcome>, AttemptError> {
        let reply: Response = self.send(Method::POST, url, token, body).await?;
        match reply.status() {
            StatusCode::CREATED => Ok(Ok(reply.json().await?)),
            status @ (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
                Err(AttemptError::WrongUrl(status))
            }
            _ => Ok(Err(refusal_of(reply).await?)),
        }
    }
}

/// Stands for what the input says of a poll.
fn content(given: &GivenPoll) -> String {
    let mut hash = Sha256::new();
    hash.update(given.poll.get());
    for participant in &given.participants {
        hash.update(serde_json::to_vec(&participant.body).unwrap_or_default());
        hash.update(participant.answer.as_deref().map_or("", RawValue::get));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
