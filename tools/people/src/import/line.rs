use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// What one object of an input is.
#[derive(Debug)]
pub(super) enum Line {
    /// A person as `POST /users` takes it, perhaps with a schedule.
    Person(GivenPerson),
    /// A poll with those who take part.
    Poll(GivenPoll),
}

#[derive(Debug)]
pub(super) struct GivenPerson {
    pub(super) body: Vec<u8>,
    pub(super) schedule: Option<GivenSchedule>,
}

/// As `PUT /users/{email}/schedule` takes it.
#[derive(Debug)]
pub(super) struct GivenSchedule {
    pub(super) email: String,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenPoll {
    /// As `POST /polls` takes it.
    pub(super) poll: Box<RawValue>,
    #[serde(default)]
    pub(super) participants: Vec<GivenParticipant>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GivenParticipant {
    /// As `PUT …/answer` takes it.
    pub(super) answer: Option<Box<RawValue>>,
    /// As `POST …/participants` takes it.
    #[serde(flatten)]
    pub(super) body: Map<String, Value>,
}

impl Line {
    /// Reads an object. Whatever is none, or none that is known here, is left to the service to refuse, as it stands.
    ///
    /// # Errors
    /// A poll that cannot be read: no service takes it whole.
    pub(super) fn of(body: Vec<u8>) -> Result<Line, String> {
        let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body) else {
            return Ok(Line::Person(GivenPerson { body, schedule: None }));
        };
        if members.contains_key("poll") {
            return serde_json::from_slice(&body).map(Line::Poll).map_err(|error| error.to_string());
        }
        let email = members.get("email").and_then(Value::as_str).map(|email| email.trim().to_owned());
        let schedule = email.zip(members.remove("schedule"));
        Ok(Line::Person(match schedule {
            None => GivenPerson { body, schedule: None },
            Some((email, schedule)) => GivenPerson {
                body: Value::Object(members).to_string().into_bytes(),
                schedule: Some(GivenSchedule { email, body: schedule.to_string().into_bytes() }),
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_schedule_stays_as_it_stands() {
        for text in [r#"{ "email": "ada",  "email": "bob" }"#, "no json", "[]", r#"{"schedule": {}}"#] {
            match Line::of(text.into()) {
                Ok(Line::Person(person)) => {
                    assert!(person.body == text.as_bytes() && person.schedule.is_none(), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_schedule_is_taken_out_of_its_person() {
        let text = r#"{"email": " ada@example.com", "schedule": {"time_zone": "UTC"}, "availabilities": {}}"#;
        let Ok(Line::Person(person)) = Line::of(text.into()) else { panic!("it is a person") };
        let body: Value = serde_json::from_slice(&person.body).unwrap();
        assert_eq!(body, serde_json::json!({"email": " ada@example.com", "availabilities": {}}));
        let schedule = person.schedule.unwrap();
        assert_eq!(
            (schedule.email.as_str(), &schedule.body[..]),
            ("ada@example.com", &br#"{"time_zone":"UTC"}"#[..])
        );
    }

    #[test]
    fn a_poll_has_participants_with_answers_and_nothing_else() {
        let text =
            r#"{"poll": {"title": "x"}, "participants": [{"name": "Ada", "answer": {"ranges": []}}, {}]}"#;
        let Ok(Line::Poll(given)) = Line::of(text.into()) else { panic!("it is a poll") };
        assert_eq!(given.poll.get(), r#"{"title": "x"}"#);
        let answers: Vec<_> =
            given.participants.iter().map(|one| (one.body.len(), one.answer.is_some())).collect();
        assert_eq!(answers, [(1, true), (0, false)]);
        assert!(Line::of(r#"{"poll": {}, "people": []}"#.into()).unwrap_err().contains("people"));
    }
}
