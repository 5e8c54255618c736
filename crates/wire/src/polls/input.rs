use domain::{Granularity, Layout, PollTimes, Weekday};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::{PollDays, PollLayout, Visibility};
use crate::{
    Email, Fault, Language,
    input::{AsText, Faults, Object, boolean, integer, list, parsed, read_body, sentence},
};

/// The body of `POST /polls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPoll {
    /// What it is about.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// Where the meeting will be; may be empty.
    pub location: String,
    /// What it asks about, which can be laid out.
    pub layout: PollLayout,
    /// When it closes by itself.
    pub deadline: Option<Timestamp>,
    /// Who sees what.
    pub visibility: Visibility,
    /// Where the organiser gets mails about the poll, and answers to those of the participants.
    pub organiser_email: Option<Email>,
    /// What mails about the poll are written in, where their recipient has not said.
    pub language: Language,
    /// Whether participants who have not answered are reminded before the deadline.
    pub remind: bool,
    /// For how many days it is kept after its last date, where that is shorter than the installation keeps polls.
    pub keep_days: Option<u32>,
}

impl NewPoll {
    /// Most characters of a title.
    pub const MAX_TITLE: usize = 200;
    /// Most characters of a description.
    pub const MAX_DESCRIPTION: usize = 4_000;
    /// Most characters of a location.
    pub const MAX_LOCATION: usize = 400;
    /// Most days for which an organiser may want a poll kept.
    pub const MAX_KEEP_DAYS: u32 = 3_650;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<NewPoll, Vec<Fault>> {
        read_body(body, |fields| {
            let title = fields.required("title", sentence(1..=Self::MAX_TITLE, false));
            let description = fields.optional("description", sentence(0..=Self::MAX_DESCRIPTION, true));
            let location = fields.optional("location", sentence(0..=Self::MAX_LOCATION, false));
            let days = days(fields);
            let time_zone = fields.required("time_zone", parsed);
            let from = fields.required("from", parsed);
            let to = fields.required("to", parsed);
            let granularity = fields.required("granularity_minutes", granularity);
            let duration = fields.required("duration_minutes", duration);
            let deadline = fields.nullable("deadline", parsed);
            let visibility = fields.optional("visibility", parsed);
            let organiser_email = fields.nullable("organiser_email", parsed);
            let language = fields.optional("language", parsed);
            let remind = fields.optional("remind", boolean);
            let keep_days = fields.nullable("keep_days", integer(1..=Self::MAX_KEEP_DAYS));
            let layout = PollLayout {
                days: days?,
                time_zone: time_zone?,
                from: from?,
                to: to?,
                granularity_minutes: granularity?,
                duration_minutes: duration?,
            };
            Some(NewPoll {
                title: title?,
                description: description?.unwrap_or_default(),
                location: location?.unwrap_or_default(),
                layout: checked(layout, fields.faults())?,
                deadline: deadline?,
                visibility: visibility?.unwrap_or_default(),
                organiser_email: organiser_email?,
                language: language?.unwrap_or_default(),
                remind: reminding(remind?.unwrap_or_default(), deadline?, fields.faults())?,
                keep_days: keep_days?,
            })
        })
    }
}

fn days(fields: &mut Object<'_>) -> Option<PollDays> {
    match fields.required("kind", parsed::<Kind>)? {
        Kind::Dates => {
            let dates = fields.required("dates", dates)?;
            Some(PollDays::Dates { dates })
        }
        Kind::Weekly => {
            let days = fields.required("days", weekdays)?;
            Some(PollDays::Weekly { days })
        }
    }
}

/// Which days a poll asks about.
pub(super) enum Kind {
    Dates,
    Weekly,
}

impl AsText for Kind {
    fn to_text(&self) -> std::borrow::Cow<'static, str> {
        match self {
            Kind::Dates => "dates".into(),
            Kind::Weekly => "weekly".into(),
        }
    }

    fn from_text(text: &str) -> Result<Kind, String> {
        match text {
            "dates" => Ok(Kind::Dates),
            "weekly" => Ok(Kind::Weekly),
            _ => Err(format!("{text:?} is not a kind of poll; use dates or weekly")),
        }
    }
}

pub(super) fn dates(value: Value, faults: &mut Faults) -> Option<Vec<Date>> {
    list(PollLayout::MAX_DATES, parsed)(value, faults)
}

pub(super) fn weekdays(value: Value, faults: &mut Faults) -> Option<Vec<Weekday>> {
    list(Weekday::ALL.len(), parsed)(value, faults)
}

pub(super) fn granularity(value: Value, faults: &mut Faults) -> Option<u32> {
    let minutes = integer(0..=u32::MAX)(value, faults)?;
    if Granularity::from_minutes(minutes).is_none() {
        faults.value_error(format!("{minutes} is not a granularity; use 15, 30 or 60"));
        return None;
    }
    Some(minutes)
}

pub(super) fn duration(value: Value, faults: &mut Faults) -> Option<u32> {
    let minutes = integer(15..=PollLayout::MAX_DURATION)(value, faults)?;
    if minutes % domain::SLOT_MINUTES != 0 {
        faults.value_error(format!("{minutes} is not a multiple of {}", domain::SLOT_MINUTES));
        return None;
    }
    Some(minutes)
}

/// Whether to remind before the deadline, which there has to be.
pub(super) fn reminding(remind: bool, deadline: Option<Timestamp>, faults: &mut Faults) -> Option<bool> {
    if remind && deadline.is_none() {
        let msg = "Nobody can be reminded of a poll without a deadline; give one";
        faults.at("remind", |faults| faults.value_error(msg));
        return None;
    }
    Some(remind)
}

/// The layout with its days sorted, if the poll has any time, and time enough for the meeting.
pub(super) fn checked(layout: PollLayout, faults: &mut Faults) -> Option<PollLayout> {
    let days_field = match layout.days {
        PollDays::Dates { .. } => "dates",
        PollDays::Weekly { .. } => "days",
    };
    let times = match layout.times() {
        Ok(times) => times,
        Err(found) => {
            for fault in found {
                let field = if fault.field() == "days" { days_field } else { fault.field() };
                faults.at(field, |faults| faults.value_error(fault));
            }
            return None;
        }
    };
    let longest = match Layout::new(&times, &times.dates(MONDAY, 1)) {
        Ok(laid_out) => laid_out.longest_minutes(),
        Err(error) => {
            faults.at(days_field, |faults| faults.value_error(error));
            return None;
        }
    };
    if layout.duration_minutes > longest {
        let msg = format!(
            "The meeting of {} minutes is longer than any time of the poll: at most {longest} minutes",
            layout.duration_minutes
        );
        faults.at("duration_minutes", |faults| faults.value_error(msg));
        return None;
    }
    Some(with_sorted_days(layout, &times))
}

/// The Monday of a week without a clock change in any zone: what a weekly poll has in a week of its own.
const MONDAY: Date = jiff::civil::date(2026, 1, 5);

fn with_sorted_days(layout: PollLayout, times: &PollTimes) -> PollLayout {
    let days = match times.days().clone() {
        domain::PollDays::Dates(dates) => PollDays::Dates { dates },
        domain::PollDays::Weekly(days) => PollDays::Weekly { days },
    };
    PollLayout { days, ..layout }
}
