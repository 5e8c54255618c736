use domain::{TimeOfDay, Weekday, Zone};
use jiff::{Timestamp, civil::Date};
use serde_json::Value;

use super::{NewPoll, PollDays, PollLayout, Visibility, input};
use crate::{
    Email, Fault, Language,
    input::{AsText, Faults, boolean, integer, list, parsed, read_body, sentence},
};

/// The body of `PATCH /polls/{id}`: what is given replaces what was. Also that of `POST /polls/{id}/duplicate`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PollChange {
    title: Option<String>,
    description: Option<String>,
    location: Option<String>,
    kind: Option<String>,
    dates: Option<Vec<Date>>,
    days: Option<Vec<Weekday>>,
    time_zone: Option<Zone>,
    from: Option<TimeOfDay>,
    to: Option<TimeOfDay>,
    granularity_minutes: Option<u32>,
    duration_minutes: Option<u32>,
    deadline: Option<Option<Timestamp>>,
    visibility: Option<Visibility>,
    organiser_email: Option<Option<Email>>,
    language: Option<Language>,
    remind: Option<bool>,
    keep_days: Option<Option<u32>>,
}

impl PollChange {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it that shows without the poll.
    pub fn parse(body: &[u8]) -> Result<PollChange, Vec<Fault>> {
        read_body(body, |fields| {
            let title = fields.optional("title", sentence(1..=NewPoll::MAX_TITLE, false));
            let description = fields.optional("description", sentence(0..=NewPoll::MAX_DESCRIPTION, true));
            let location = fields.optional("location", sentence(0..=NewPoll::MAX_LOCATION, false));
            let kind = fields.optional("kind", parsed::<input::Kind>);
            let dates = fields.optional("dates", list(PollLayout::MAX_DATES, parsed));
            let days = fields.optional("days", list(Weekday::ALL.len(), parsed));
            let time_zone = fields.optional("time_zone", parsed);
            let from = fields.optional("from", parsed);
            let to = fields.optional("to", parsed);
            let granularity_minutes = fields.optional("granularity_minutes", input::granularity);
            let duration_minutes = fields.optional("duration_minutes", input::duration);
            let deadline = fields.optional("deadline", |value, faults: &mut Faults| match value {
                Value::Null => Some(None),
                value => parsed(value, faults).map(Some),
            });
            let visibility = fields.optional("visibility", parsed);
            let organiser_email =
                fields.optional("organiser_email", |value, faults: &mut Faults| match value {
                    Value::Null => Some(None),
                    value => parsed(value, faults).map(Some),
                });
            let language = fields.optional("language", parsed);
            let remind = fields.optional("remind", boolean);
            let keep_days = fields.optional("keep_days", |value, faults: &mut Faults| match value {
                Value::Null => Some(None),
                value => integer(1..=NewPoll::MAX_KEEP_DAYS)(value, faults).map(Some),
            });
            Some(PollChange {
                title: title?,
                description: description?,
                location: location?,
                kind: kind?.map(|kind| kind.to_text().into_owned()),
                dates: dates?,
                days: days?,
                time_zone: time_zone?,
                from: from?,
                to: to?,
                granularity_minutes: granularity_minutes?,
                duration_minutes: duration_minutes?,
                deadline: deadline?,
                visibility: visibility?,
                organiser_email: organiser_email?,
                language: language?,
                remind: remind?,
                keep_days: keep_days?,
            })
        })
    }

    /// The poll with this change.
    ///
    /// # Errors
    /// Every fault that shows only with the rest of the poll: other kinds of days, times that do not fit together.
    pub fn applied(self, poll: NewPoll) -> Result<NewPoll, Vec<Fault>> {
        let mut faults = Faults::of_body();
        let days = self.changed_days(poll.layout.days, &mut faults);
        let layout = days.map(|days| PollLayout {
            days,
            time_zone: self.time_zone.unwrap_or(poll.layout.time_zone),
            from: self.from.unwrap_or(poll.layout.from),
            to: self.to.unwrap_or(poll.layout.to),
            granularity_minutes: self.granularity_minutes.unwrap_or(poll.layout.granularity_minutes),
            duration_minutes: self.duration_minutes.unwrap_or(poll.layout.duration_minutes),
        });
        let layout = layout.and_then(|layout| input::checked(layout, &mut faults));
        let deadline = self.deadline.unwrap_or(poll.deadline);
        let remind =
            input::reminding(self.remind.unwrap_or(poll.remind && deadline.is_some()), deadline, &mut faults);
        let (layout, remind) = faults.finish(layout.zip(remind))?;
        Ok(NewPoll {
            title: self.title.unwrap_or(poll.title),
            description: self.description.unwrap_or(poll.description),
            location: self.location.unwrap_or(poll.location),
            layout,
            deadline,
            visibility: self.visibility.unwrap_or(poll.visibility),
            organiser_email: self.organiser_email.unwrap_or(poll.organiser_email),
            language: self.language.unwrap_or(poll.language),
            remind,
            keep_days: self.keep_days.unwrap_or(poll.keep_days),
        })
    }

    fn changed_days(&self, days: PollDays, faults: &mut Faults) -> Option<PollDays> {
        let (kind, other) = match days {
            PollDays::Dates { .. } => ("dates", self.days.is_some().then_some("days")),
            PollDays::Weekly { .. } => ("weekly", self.dates.is_some().then_some("dates")),
        };
        let of_other_kind = self.kind.as_deref().is_some_and(|given| given != kind).then_some("kind");
        if let Some(field) = of_other_kind.or(other) {
            let msg = format!("The kind of a poll stays what it is, {kind}; make another poll");
            faults.at(field, |faults| faults.value_error(msg));
            return None;
        }
        Some(match days {
            PollDays::Dates { dates } => PollDays::Dates { dates: self.dates.clone().unwrap_or(dates) },
            PollDays::Weekly { days } => PollDays::Weekly { days: self.days.clone().unwrap_or(days) },
        })
    }
}
