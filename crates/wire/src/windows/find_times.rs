use domain::{Level, SlotRange, Zone};
use jiff::Timestamp;
use serde_json::Value;

use super::WindowOptions;
use crate::{
    AnswerInput, Fault, Hours, LevelRange, NewParticipant, Range, Rule, Schedule, SchedulesRequest,
    input::{Faults, Object, list, object, parsed, read_body, sentence},
    schedules::{hours, rule},
};

/// The body of `POST /find-times`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindTimes {
    /// Whom it is about, each once.
    pub people: Vec<Invitee>,
    /// Between which instants.
    pub span: SlotRange,
    /// How.
    pub options: WindowOptions,
}

/// Somebody whom a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitee {
    /// A stored person.
    Stored(String),
    /// Somebody whose times come with the question.
    Given(GivenPerson),
}

/// Somebody whose times come with the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenPerson {
    /// By which the answer names them.
    pub id: String,
    /// How they are called, if that is said.
    pub name: Option<String>,
    /// Where they are.
    pub time_zone: Zone,
    /// When they are free.
    pub times: GivenTimes,
    /// When they work; Monday to Friday from 09:00 to 17:00 where nothing is said.
    pub working_hours: Vec<Hours>,
}

/// When somebody is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenTimes {
    /// From instant to instant.
    Ranges(Vec<LevelRange>),
    /// Every week, on their clocks.
    Weekly(Vec<Rule>),
}

impl FindTimes {
    /// Most people in one question.
    pub const MAX_PEOPLE: usize = SchedulesRequest::MAX_PEOPLE;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<FindTimes, Vec<Fault>> {
        read_body(body, |fields| {
            let people = fields.required("people", people);
            let span = span(fields);
            let options = WindowOptions::read(fields);
            let (span, options) = span.zip(options)?;
            let people = people?;
            fits(fields.faults(), span, &options)?;
            Some(FindTimes { people, span, options })
        })
    }

    /// The addresses of the stored people, in the order given.
    pub fn stored(&self) -> Vec<String> {
        let addresses = self.people.iter().filter_map(|person| match person {
            Invitee::Stored(email) => Some(email.clone()),
            Invitee::Given(_) => None,
        });
        addresses.collect()
    }
}

impl Invitee {
    /// By which the answer names them.
    pub fn id(&self) -> &str {
        match self {
            Invitee::Stored(email) => email,
            Invitee::Given(person) => &person.id,
        }
    }
}

/// Reads `from` and `to`: quarters of an hour, the end after the start, at most 12 weeks.
pub(crate) fn span(fields: &mut Object<'_>) -> Option<SlotRange> {
    let from: Option<Timestamp> = fields.required("from", parsed);
    let to = fields.required("to", parsed);
    let (from, to) = from.zip(to)?;
    let range = SlotRange::new(from, to);
    let field = match range {
        Err(domain::RangeError::OffGrid(instant)) if instant == from => "from",
        _ => "to",
    };
    range.map_err(|error| fields.faults().at(field, |faults| faults.value_error(error))).ok()
}

fn fits(faults: &mut Faults, span: SlotRange, options: &WindowOptions) -> Option<()> {
    let minutes = span.len() * domain::SLOT_MINUTES as usize;
    let duration = options.duration_minutes.unwrap_or(WindowOptions::DURATION);
    if duration as usize > minutes {
        let msg = format!(
            "The meeting of {duration} minutes is longer than from `from` to `to`: {minutes} minutes"
        );
        faults.at("duration_minutes", |faults| faults.value_error(msg));
        return None;
    }
    Some(())
}

fn people(value: Value, faults: &mut Faults) -> Option<Vec<Invitee>> {
    let people = list(FindTimes::MAX_PEOPLE, invitee)(value, faults)?;
    if people.is_empty() {
        faults.note("too_short", "Name at least one person");
        return None;
    }
    let mut seen = std::collections::HashMap::new();
    let mut once = Vec::with_capacity(people.len());
    let mut is_clear = true;
    for (index, person) in people.into_iter().enumerate() {
        let given = matches!(person, Invitee::Given(_));
        let key = if given { person.id().to_owned() } else { person.id().to_lowercase() };
        let before = seen.insert(key, given);
        match before {
            None => once.push(person),
            // The same stored person named again is the same person.
            Some(false) if !given => (),
            Some(_) => {
                let msg = format!("{:?} is given twice; give each person an id of their own", person.id());
                faults.at(index, |faults| {
                    if given {
                        faults.at("id", |faults| faults.value_error(msg));
                    } else {
                        faults.value_error(msg);
                    }
                });
                is_clear = false;
            }
        }
    }
    is_clear.then_some(once)
}

fn invitee(value: Value, faults: &mut Faults) -> Option<Invitee> {
    match value {
        Value::String(_) => sentence(1..=320, false)(value, faults).map(Invitee::Stored),
        Value::Object(_) => object(given)(value, faults).map(Invitee::Given),
        _ => {
            faults.note(
                "value_error",
                "Give an address, or an object with id, time_zone and either ranges or weekly",
            );
            None
        }
    }
}

fn given(fields: &mut Object<'_>) -> Option<GivenPerson> {
    let id = fields.required("id", sentence(1..=320, false));
    let name = fields.nullable("name", sentence(1..=NewParticipant::MAX_NAME, false));
    let time_zone = fields.required("time_zone", parsed);
    let times = match (fields.has("ranges"), fields.has("weekly")) {
        (true, false) => {
            fields.required("ranges", list(AnswerInput::MAX_RANGES, range)).map(GivenTimes::Ranges)
        }
        (false, true) => fields.required("weekly", list(Schedule::MAX_RULES, rule)).map(GivenTimes::Weekly),
        _ => {
            // Both are taken, so that they are not named a second time.
            let (_, _) =
                (fields.optional("ranges", |_, _| Some(())), fields.optional("weekly", |_, _| Some(())));
            fields.faults().value_error("Give either ranges or weekly");
            None
        }
    };
    let working_hours = fields.nullable("working_hours", list(Schedule::MAX_RULES, hours));
    Some(GivenPerson {
        id: id?,
        name: name?,
        time_zone: time_zone?,
        times: times?,
        working_hours: working_hours?.unwrap_or_default(),
    })
}

/// Reads a range whose level is `yes` where nothing is said.
fn range(value: Value, faults: &mut Faults) -> Option<LevelRange> {
    object(|fields| {
        let (start, end) = (fields.required("start", parsed), fields.required("end", parsed));
        let level = fields.optional("level", parsed);
        let (start, end): (Timestamp, Timestamp) = start.zip(end)?;
        if end <= start {
            fields.faults().at("end", |faults| faults.value_error(domain::RangeError::Empty));
            return None;
        }
        Some(LevelRange { range: Range { start, end }, level: level?.unwrap_or(Level::Yes) })
    })(value, faults)
}
