use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::input::AsText;

/// What an `if_needed` is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IfNeeded {
    /// Less than a yes: it counts where numbers of yes are the same.
    #[default]
    LastResort,
    /// As much as a yes.
    Equal,
    /// Nothing: who would come only if needed does not come.
    Never,
}

impl AsText for IfNeeded {
    fn to_text(&self) -> Cow<'static, str> {
        match self {
            IfNeeded::LastResort => "last_resort",
            IfNeeded::Equal => "equal",
            IfNeeded::Never => "never",
        }
        .into()
    }

    fn from_text(text: &str) -> Result<IfNeeded, String> {
        let all = [IfNeeded::LastResort, IfNeeded::Equal, IfNeeded::Never];
        let named = all.into_iter().find(|value| value.to_text() == text);
        named.ok_or_else(|| format!("{text:?} is none of last_resort, equal and never"))
    }
}

/// What the working hours of people do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkingHours {
    /// Windows are ranked by them.
    #[default]
    Respect,
    /// Nobody comes outside theirs.
    Only,
    /// Nothing.
    Ignore,
}

impl AsText for WorkingHours {
    fn to_text(&self) -> Cow<'static, str> {
        match self {
            WorkingHours::Respect => "respect",
            WorkingHours::Only => "only",
            WorkingHours::Ignore => "ignore",
        }
        .into()
    }

    fn from_text(text: &str) -> Result<WorkingHours, String> {
        let all = [WorkingHours::Respect, WorkingHours::Only, WorkingHours::Ignore];
        let named = all.into_iter().find(|value| value.to_text() == text);
        named.ok_or_else(|| format!("{text:?} is none of respect, only and ignore"))
    }
}
