//! The shapes of schedules and polls, and what is said of bad ones, field by field.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

use serde_json::{Value, json};
use wire::{
    AnswerInput, DecisionInput, Fault, NewParticipant, NewPoll, ParticipantChange, PollChange, PollLayout,
    SchedulesRequest, parse_schedule,
};

/// The places and kinds of the faults of a body.
fn faults<T: std::fmt::Debug>(
    parse: impl Fn(&[u8]) -> Result<T, Vec<Fault>>,
    body: &Value,
) -> Vec<(String, &'static str)> {
    let found = parse(body.to_string().as_bytes()).expect_err(&body.to_string());
    let place = |fault: &Fault| fault.loc[1..].iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
    found.iter().map(|fault| (place(fault), fault.r#type)).collect()
}

/// The body with other members; `"-"` takes one away.
fn with(mut body: Value, members: Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        if *value == json!("-") {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

fn poll() -> Value {
    json!({
        "title": "Retrospective", "kind": "dates", "dates": ["2026-03-09", "2026-03-06"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "17:00", "granularity_minutes": 30,
        "duration_minutes": 60, "deadline": "2026-03-05T12:00:00+01:00", "visibility": "counts",
    })
}

fn schedule() -> Value {
    json!({
        "time_zone": "Asia/Calcutta",
        "weekly": [{"day": "Monday", "from": "22:00", "to": "02:00", "level": "yes"}],
        "overrides": [{"date": "2026-03-08", "ranges": [{"from": "09:00", "to": "24:00", "level": "if_needed"}]}],
        "working_hours": [{"day": "monday", "from": "09:00", "to": "17:00"}],
    })
}

#[test]
fn a_schedule_comes_back_as_it_went() {
    let read = parse_schedule(schedule().to_string().as_bytes()).unwrap();
    let domain = domain::Schedule::try_from(&read).unwrap();
    let written = serde_json::to_value(wire::Schedule::from(&domain)).unwrap();
    assert_eq!(
        written,
        with(
            schedule(),
            json!({"weekly": [
        {"day": "monday", "from": "22:00", "to": "02:00", "level": "yes"}]})
        )
    );
    assert_eq!(serde_json::from_value::<wire::Schedule>(written).unwrap(), read);
}

#[test]
fn every_field_of_a_schedule_has_its_faults() {
    let rule = |rule: Value| json!({"weekly": [rule]});
    for (members, expected) in [
        (json!({"time_zone": "-", "weekly": "-"}), &[("time_zone", "missing"), ("weekly", "missing")][..]),
        (json!({"time_zone": "europe/berlin"}), &[("time_zone", "value_error")]),
        (json!({"time_zone": "Mars/Olympus"}), &[("time_zone", "value_error")]),
        (json!({"time_zone": null}), &[("time_zone", "string_type")]),
        (json!({"weekly": {}}), &[("weekly", "list_type")]),
        (json!({"weekly": vec![0; 169]}), &[("weekly", "too_long")]),
        (rule(json!([])), &[("weekly.0", "dict_type")]),
        (
            rule(json!({"day": "blursday", "from": "24:00", "to": "25:00", "level": "maybe"})),
            &[
                ("weekly.0.day", "value_error"),
                ("weekly.0.from", "value_error"),
                ("weekly.0.to", "value_error"),
                ("weekly.0.level", "value_error"),
            ],
        ),
        (
            rule(json!({"day": 1, "from": 9, "x": 1})),
            &[
                ("weekly.0.day", "string_type"),
                ("weekly.0.from", "string_type"),
                ("weekly.0.to", "missing"),
                ("weekly.0.level", "missing"),
                ("weekly.0.x", "extra_forbidden"),
            ],
        ),
        (
            json!({"overrides": [{"date": "2026-02-29", "ranges": []}]}),
            &[("overrides.0.date", "value_error")],
        ),
        (
            json!({"overrides": [{"date": "2026-2-1", "ranges": 0}]}),
            &[("overrides.0.date", "value_error"), ("overrides.0.ranges", "list_type")],
        ),
        (
            json!({"overrides": [{"date": "1999-12-31"}]}),
            &[("overrides.0.date", "value_error"), ("overrides.0.ranges", "missing")],
        ),
        (
            json!({"overrides": [{"date": "2026-03-01T00:00", "ranges": [{"from": "9:00", "to": "10:00", "level": "yes"}]}]}),
            &[("overrides.0.date", "value_error"), ("overrides.0.ranges.0.from", "value_error")],
        ),
        (
            json!({"working_hours": [{"day": "monday", "from": "09:00", "to": "17:00", "level": "yes"}]}),
            &[("working_hours.0.level", "extra_forbidden")],
        ),
        (json!({"zone": "UTC"}), &[("zone", "extra_forbidden")]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(place, kind)| ((*place).to_owned(), *kind)).collect();
        assert_eq!(faults(parse_schedule, &with(schedule(), members.clone())), expected, "{members}");
    }
}

#[test]
fn the_nearest_zone_is_suggested() {
    let body = with(schedule(), json!({"time_zone": "europe/Berlni"}));
    let found = parse_schedule(body.to_string().as_bytes()).unwrap_err();
    assert!(found[0].msg.contains("Europe/Berlin"), "{}", found[0].msg);
}

#[test]
fn a_poll_is_read_with_its_days_sorted_and_its_defaults() {
    let read =
        NewPoll::parse(with(poll(), json!({"deadline": null, "visibility": "-"})).to_string().as_bytes());
    let read = read.unwrap();
    let layout = serde_json::to_value(&read.layout).unwrap();
    assert_eq!(layout["dates"], json!(["2026-03-06", "2026-03-09"]));
    assert_eq!((layout["kind"].as_str(), layout["from"].as_str()), (Some("dates"), Some("09:00")));
    assert_eq!((read.deadline, read.visibility.name()), (None, "full"));
    assert_eq!(serde_json::from_value::<PollLayout>(layout).unwrap(), read.layout);
}

#[test]
fn every_field_of_a_poll_has_its_faults() {
    for (members, expected) in [
        (json!({"title": "-"}), &[("title", "missing")][..]),
        (json!({"title": "  "}), &[("title", "string_too_short")]),
        (json!({"title": "x".repeat(201)}), &[("title", "string_too_long")]),
        (json!({"title": "a\u{0}b"}), &[("title", "value_error")]),
        (json!({"title": "a\nb"}), &[("title", "value_error")]),
        (json!({"description": "a\u{7f}"}), &[("description", "value_error")]),
        (json!({"description": null}), &[("description", "string_type")]),
        (json!({"location": 5}), &[("location", "string_type")]),
        (json!({"kind": "-"}), &[("kind", "missing"), ("dates", "extra_forbidden")]),
        (json!({"kind": "daily"}), &[("kind", "value_error"), ("dates", "extra_forbidden")]),
        (json!({"kind": "weekly"}), &[("days", "missing"), ("dates", "extra_forbidden")]),
        (json!({"dates": []}), &[("dates", "value_error")]),
        (json!({"dates": ["2026-03-06", "2026-02-30"]}), &[("dates.1", "value_error")]),
        (json!({"dates": ["2026-01-01", "2026-06-01"]}), &[("dates", "value_error")]),
        (json!({"dates": vec!["2026-03-06"; 85]}), &[("dates", "too_long")]),
        (json!({"days": ["monday"]}), &[("days", "extra_forbidden")]),
        (json!({"time_zone": "CEST"}), &[("time_zone", "value_error")]),
        (json!({"from": "24:00"}), &[("from", "value_error")]),
        (json!({"from": "09:05"}), &[("from", "value_error")]),
        (json!({"to": "17:10"}), &[("to", "value_error")]),
        (json!({"granularity_minutes": 20}), &[("granularity_minutes", "value_error")]),
        (json!({"granularity_minutes": "30"}), &[("granularity_minutes", "int_type")]),
        (json!({"granularity_minutes": 30.0}), &[("granularity_minutes", "int_type")]),
        (json!({"duration_minutes": 0}), &[("duration_minutes", "value_error")]),
        (json!({"duration_minutes": 50}), &[("duration_minutes", "value_error")]),
        (json!({"duration_minutes": 540}), &[("duration_minutes", "value_error")]),
        (json!({"duration_minutes": 1e300}), &[("duration_minutes", "int_type")]),
        (json!({"duration_minutes": -60}), &[("duration_minutes", "value_error")]),
        (json!({"deadline": "2026-03-05"}), &[("deadline", "value_error")]),
        (json!({"deadline": "2026-03-05T12:00:00"}), &[("deadline", "value_error")]),
        (json!({"deadline": "9999-01-01T00:00:00Z"}), &[("deadline", "value_error")]),
        (json!({"visibility": "secret"}), &[("visibility", "value_error")]),
        (json!({"id": "x"}), &[("id", "extra_forbidden")]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(place, kind)| ((*place).to_owned(), *kind)).collect();
        assert_eq!(faults(NewPoll::parse, &with(poll(), members.clone())), expected, "{members}");
    }
    // A time that clocks skip on the only date.
    let skipped =
        json!({"dates": ["2026-03-08"], "time_zone": "America/New_York", "from": "02:00", "to": "03:00"});
    assert_eq!(faults(NewPoll::parse, &with(poll(), skipped)), [("dates".to_owned(), "value_error")]);
}

#[test]
fn a_change_replaces_what_it_names_and_fits_the_rest() {
    let before = NewPoll::parse(poll().to_string().as_bytes()).unwrap();
    let change =
        |body: Value| PollChange::parse(body.to_string().as_bytes()).unwrap().applied(before.clone());
    let changed = change(json!({"dates": ["2026-03-10"], "deadline": null, "title": "New"})).unwrap();
    assert_eq!((changed.title.as_str(), changed.deadline), ("New", None));
    assert_eq!(changed.visibility, before.visibility);
    assert_eq!(change(json!({})).unwrap(), before);
    for (body, place) in [
        (json!({"days": ["monday"]}), "days"),
        (json!({"kind": "weekly"}), "kind"),
        (json!({"duration_minutes": 600}), "duration_minutes"),
        (json!({"to": "09:15"}), "to"),
        (json!({"dates": []}), "dates"),
    ] {
        let found = change(body.clone()).unwrap_err();
        assert_eq!(found[0].loc[1].to_string(), place, "{body}");
    }
    assert_eq!(faults(PollChange::parse, &json!({"title": null})), [("title".to_owned(), "string_type")]);
}

#[test]
fn every_field_of_participants_answers_and_decisions_has_its_faults() {
    let range = |start: &str, end: &str| json!({"start": start, "end": end, "level": "yes"});
    let (nine, ten) = ("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z");
    let participant = |body: Value| faults(NewParticipant::parse, &body);
    let cases = [
        (participant(json!({})), vec![("name", "missing"), ("time_zone", "missing")]),
        (
            participant(
                json!({"name": "", "time_zone": "X", "email": "x", "required": 1, "working_hours": [1]}),
            ),
            vec![
                ("name", "string_too_short"),
                ("time_zone", "value_error"),
                ("email", "value_error"),
                ("working_hours.0", "dict_type"),
                ("required", "bool_type"),
            ],
        ),
        (
            faults(ParticipantChange::parse, &json!({"name": null, "token": "x"})),
            vec![("name", "string_type"), ("token", "extra_forbidden")],
        ),
        (faults(AnswerInput::parse, &json!({})), vec![("", "value_error")]),
        (
            faults(AnswerInput::parse, &json!({"ranges": [], "from_schedule": true})),
            vec![("", "value_error"), ("from_schedule", "extra_forbidden"), ("ranges", "extra_forbidden")],
        ),
        (
            faults(AnswerInput::parse, &json!({"from_schedule": false})),
            vec![("from_schedule", "value_error")],
        ),
        (faults(AnswerInput::parse, &json!({"weekly": []})), vec![("time_zone", "missing")]),
        (
            faults(
                AnswerInput::parse,
                &json!({"ranges": [range(nine, ten), range("09:00", ten), {"start": nine}]}),
            ),
            vec![
                ("ranges.1.start", "value_error"),
                ("ranges.2.end", "missing"),
                ("ranges.2.level", "missing"),
            ],
        ),
        (faults(AnswerInput::parse, &json!({"ranges": vec![0; 8_193]})), vec![("ranges", "too_long")]),
        (faults(DecisionInput::parse, &json!({"start": nine})), vec![("end", "missing")]),
        (faults(DecisionInput::parse, &json!({"start": ten, "end": nine})), vec![("end", "value_error")]),
        (
            faults(DecisionInput::parse, &json!({"start": nine, "end": "2026-03-06T10:05:00Z"})),
            vec![("end", "value_error")],
        ),
        (
            faults(DecisionInput::parse, &json!({"start": nine, "end": ten, "force": "yes"})),
            vec![("force", "bool_type")],
        ),
        (
            faults(SchedulesRequest::parse, &json!({"emails": [5, ""], "from": ten, "to": nine})),
            vec![("emails.0", "string_type"), ("emails.1", "string_too_short"), ("to", "value_error")],
        ),
        (
            faults(
                SchedulesRequest::parse,
                &json!({"emails": [], "from": nine, "to": "2026-07-06T10:00:00Z"}),
            ),
            vec![("to", "value_error")],
        ),
        (
            faults(
                SchedulesRequest::parse,
                &json!({"emails": ["a"], "from": nine, "to": ten, "known": [5, "", "v".repeat(101)]}),
            ),
            vec![("known.0", "string_type"), ("known.1", "string_too_short"), ("known.2", "string_too_long")],
        ),
    ];
    for (found, expected) in cases {
        let found: Vec<_> = found.iter().map(|(place, kind)| (place.as_str(), *kind)).collect();
        assert_eq!(found, expected);
    }
}
