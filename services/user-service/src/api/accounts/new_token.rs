use std::time::Duration;

use serde::Deserialize;
use utoipa::ToSchema;
use wire::{Fault, RequestBody};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Days for which a token holds, unless the request says otherwise, and most of them.
const DAYS: (u32, u32) = (90, 366);
/// Longest name of a token.
const LONGEST_NAME: usize = 100;

/// A wish for an access token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccessToken)]
pub(super) struct NewTokenBody {
    /// What it is for, in its owner's words.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it is good for; without `write` it changes nothing.
    #[serde(default)]
    #[schema(max_items = 2)]
    scopes: Vec<Scope>,
    /// After how many days it ends.
    #[schema(minimum = 1, maximum = 366, default = 90)]
    expires_in_days: Option<u32>,
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TokenScope)]
pub(super) enum Scope {
    /// To read and to ask.
    Read,
    /// To change something, too.
    Write,
}

impl Scope {
    /// Those of a token.
    pub(super) fn of(may_write: bool) -> Vec<Scope> {
        if may_write { vec![Scope::Read, Scope::Write] } else { vec![Scope::Read] }
    }
}

/// A token as it was asked for.
pub(super) struct NewToken {
    pub(super) name: String,
    pub(super) may_write: bool,
    pub(super) life: Duration,
}

impl NewToken {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub(super) fn parse(body: &[u8]) -> Result<NewToken, Vec<Fault>> {
        let body = NewTokenBody::parse(body)?;
        let days = body.expires_in_days.unwrap_or(DAYS.0);
        Ok(NewToken { name: body.name, may_write: body.scopes.contains(&Scope::Write), life: DAY * days })
    }
}

impl RequestBody for NewTokenBody {
    fn faults(&self) -> Vec<Fault> {
        let fault = |field: &str, msg: String| Fault::new(["body", field], "value_error", msg);
        let length = self.name.chars().count();
        let is_named = (1..=LONGEST_NAME).contains(&length) && !self.name.chars().any(char::is_control);
        let name = (!is_named)
            .then(|| fault("name", format!("Give 1 to {LONGEST_NAME} characters, none of them a control")));
        let is_far = self.expires_in_days.is_some_and(|days| !(1..=DAYS.1).contains(&days));
        let days = is_far.then(|| fault("expires_in_days", format!("Give 1 to {} days", DAYS.1)));
        name.into_iter().chain(days).collect()
    }
}
