use domain::{BadQuestion, Question, Search, tzdb_version};
use wire::{Fault, GuestError, PollView, WindowOptions, Windows};

use super::{asked::Asked, render::Shown, weekly};
use crate::group::GroupBitmaps;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The question names what is not there.
    Invalid(Vec<Fault>),
    /// A fault of ours.
    Broken(BadQuestion),
}

impl From<BadQuestion> for NoAnswer {
    fn from(error: BadQuestion) -> NoAnswer {
        NoAnswer::Broken(error)
    }
}

/// The windows of a group, and what of them somebody with this view may see. `unknown` are those of whom nothing is known.
pub(crate) fn answer(
    group: &GroupBitmaps,
    options: &WindowOptions,
    view: PollView,
    unknown: &[String],
) -> Result<Windows, NoAnswer> {
    let asked = Asked::of(group, options).map_err(NoAnswer::Invalid)?;
    let question = Question {
        range: group.range,
        horizon_slots: group.asked,
        candidates: &group.candidates,
        starts: &asked.starts,
        people: &asked.people,
        groups: &asked.groups,
        options: asked.options,
    };
    let shown = Shown::new(group, view);
    let search = Search::new(question)?;
    let mut answer = Windows {
        case_id: String::new(),
        version: group.version,
        total: search.total() as u64,
        windows: Vec::new(),
        empty_reason: search.empty_reason().map(|reason| shown.empty_reason(reason.code(), reason.people())),
        unlocks: search.unlocks().iter().map(|unlock| shown.unlock(unlock)).collect(),
        settled: search.settled(),
        awaited: shown.ids(&search.awaited()),
        rotation: None,
        burdens: None,
        errors: unknown.iter().cloned().map(GuestError::not_found).collect(),
        tzdb: tzdb_version().to_owned(),
    };
    match &group.weekly {
        None => {
            answer.windows = search
                .windows()
                .iter()
                .map(|window| {
                    let attendance = question.attendance(window.start);
                    shown.window(&question, window, &attendance)
                })
                .collect();
        }
        Some(layout) => weekly::answer(&shown, &question, layout, options, &mut answer)?,
    }
    Ok(answer)
}
