use std::{fmt, str::FromStr};

/// What a caller may see of a poll's participants and answers. user-service decides it, and says it to the other services
/// in the header [`PollView::HEADER`] of every answer to `GET /polls/{id}/answers`, 304 included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PollView {
    /// Neither names nor numbers.
    Nothing,
    /// How many, but not who.
    Counts,
    /// Who answered what.
    Names,
}

impl PollView {
    /// The header's name, in lower case.
    pub const HEADER: &str = "poll-view";

    /// Its name in the header.
    pub fn name(self) -> &'static str {
        match self {
            PollView::Nothing => "nothing",
            PollView::Counts => "counts",
            PollView::Names => "names",
        }
    }
}

impl fmt::Display for PollView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PollView {
    type Err = String;

    fn from_str(text: &str) -> Result<PollView, String> {
        let views = [PollView::Nothing, PollView::Counts, PollView::Names];
        let named = views.into_iter().find(|view| view.name() == text);
        named.ok_or_else(|| format!("{text:?} is not what a caller may see"))
    }
}
