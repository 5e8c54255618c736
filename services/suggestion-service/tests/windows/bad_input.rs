use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    Service,
    availability::{participant, poll},
    find_times::day,
};

fn options() -> Vec<(&'static str, Value, Value, &'static str)> {
    let at = |loc: Value| loc;
    let mut table = Vec::new();
    let mut add = |member: &'static str, value: Value, loc: Value, kind: &'static str| {
        table.push((member, value, at(loc), kind));
    };
    for (minutes, kind) in [
        (json!(0), "value_error"),
        (json!(20), "value_error"),
        (json!(-15), "value_error"),
        (json!(10_095), "value_error"),
        (json!(15.5), "int_type"),
        (json!("60"), "int_type"),
        (json!(null), "int_type"),
    ] {
        add("duration_minutes", minutes.clone(), json!(["body", "duration_minutes"]), kind);
        add("interval_minutes", minutes, json!(["body", "interval_minutes"]), kind);
    }
    add("time_zone", json!("Europe/Berln"), json!(["body", "time_zone"]), "value_error");
    add("time_zone", json!("europe/berlin"), json!(["body", "time_zone"]), "value_error");
    add("time_zone", json!(1), json!(["body", "time_zone"]), "string_type");
    add("required", json!("ada"), json!(["body", "required"]), "list_type");
    add("required", json!([1]), json!(["body", "required", 0]), "string_type");
    add("required", json!(["ada", "zoe"]), json!(["body", "required", 1]), "value_error");
    add("required", json!(vec!["ada"; 1001]), json!(["body", "required"]), "too_long");
    add(
        "groups",
        json!([{"members": [], "required": 1}]),
        json!(["body", "groups", 0, "members"]),
        "too_short",
    );
    add(
        "groups",
        json!([{"members": ["ada"], "required": 2}]),
        json!(["body", "groups", 0, "required"]),
        "value_error",
    );
    add(
        "groups",
        json!([{"members": ["ada", "ada"], "required": 2}]),
        json!(["body", "groups", 0, "required"]),
        "value_error",
    );
    add(
        "groups",
        json!([{"members": ["ada"], "required": 0}]),
        json!(["body", "groups", 0, "required"]),
        "value_error",
    );
    add(
        "groups",
        json!([{"members": ["zoe"], "required": 1}]),
        json!(["body", "groups", 0, "members", 0]),
        "value_error",
    );
    add("groups", json!([{"required": 1}]), json!(["body", "groups", 0, "members"]), "missing");
    add("groups", json!([[]]), json!(["body", "groups", 0]), "dict_type");
    add("if_needed", json!("always"), json!(["body", "if_needed"]), "value_error");
    add("working_hours", json!(true), json!(["body", "working_hours"]), "string_type");
    add("buffer_minutes", json!(5), json!(["body", "buffer_minutes"]), "dict_type");
    add(
        "buffer_minutes",
        json!({"before": 1441}),
        json!(["body", "buffer_minutes", "before"]),
        "value_error",
    );
    add(
        "buffer_minutes",
        json!({"during": 5}),
        json!(["body", "buffer_minutes", "during"]),
        "extra_forbidden",
    );
    add("max_windows", json!(0), json!(["body", "max_windows"]), "value_error");
    add("max_windows", json!(101), json!(["body", "max_windows"]), "value_error");
    add("overlapping", json!("yes"), json!(["body", "overlapping"]), "bool_type");
    add("weeks", json!(13), json!(["body", "weeks"]), "value_error");
    add("weeks", json!(2), json!(["body", "weeks"]), "value_error");
    add("first_week", json!("2026-02-30"), json!(["body", "first_week"]), "value_error");
    add("rotate", json!(true), json!(["body", "rotate"]), "value_error");
    add("durations", json!(60), json!(["body", "durations"]), "extra_forbidden");
    table
}

#[tokio::test]
async fn every_fault_of_the_options_is_named() {
    let service = Service::new();
    service.availability.put_poll(poll(1, &[participant("ada", "22222222")]));
    for (member, value, loc, kind) in options() {
        let reply = service.post("/polls/p/suggestions", &json!({ member: value })).await.is(400);
        assert_eq!(reply.faults(), [(loc.clone(), kind.to_owned())], "{member} {value}");
        let ada = json!([{"id": "ada", "time_zone": "UTC", "ranges": []}]);
        let mut body = day(ada);
        body[member] = value.clone();
        let reply = service.post("/find-times", &body).await.is(400);
        assert_eq!(reply.faults(), [(loc, kind.to_owned())], "{member} {value}");
    }
    let longer = json!({"duration_minutes": 135});
    let reply = service.post("/polls/p/suggestions", &longer).await.is(400);
    assert_eq!(reply.faults(), [(json!(["body", "duration_minutes"]), "value_error".to_owned())]);
}

#[tokio::test]
async fn every_fault_of_the_people_is_named() {
    let service = Service::new();
    let given = |member: &str, value: Value| {
        let mut person = json!({"id": "ada", "time_zone": "UTC", "ranges": []});
        person[member] = value;
        json!([person])
    };
    let at = |steps: &[&str]| {
        let mut loc = vec![json!("body"), json!("people"), json!(0)];
        loc.extend(steps.iter().map(|step| step.parse::<usize>().map_or(json!(step), |index| json!(index))));
        Value::from(loc)
    };
    let backwards = json!([{"start": "2026-03-09T10:00:00Z", "end": "2026-03-09T10:00:00Z"}]);
    let rule = |from: &str| json!([{"day": "monday", "from": from, "to": "10:00", "level": "yes"}]);
    let two =
        json!([{"id": "a", "time_zone": "UTC", "ranges": []}, {"id": "a", "time_zone": "UTC", "ranges": []}]);
    for (people, loc, kind) in [
        (json!([]), json!(["body", "people"]), "too_short"),
        (json!({}), json!(["body", "people"]), "list_type"),
        (json!(vec!["a"; 1001]), json!(["body", "people"]), "too_long"),
        (json!([5]), at(&[]), "value_error"),
        (json!([""]), at(&[]), "string_too_short"),
        (json!([{"id": "a", "time_zone": "UTC"}]), at(&[]), "value_error"),
        (json!([{"time_zone": "UTC", "ranges": []}]), at(&["id"]), "missing"),
        (json!([{"id": "a", "ranges": []}]), at(&["time_zone"]), "missing"),
        (given("weekly", json!([])), at(&[]), "value_error"),
        (given("time_zone", json!("Mars/Base")), at(&["time_zone"]), "value_error"),
        (given("ranges", backwards), at(&["ranges", "0", "end"]), "value_error"),
        (given("ranges", json!([{"start": "2026-03-09T10:00:00Z"}])), at(&["ranges", "0", "end"]), "missing"),
        (given("ranges", json!("all day")), at(&["ranges"]), "list_type"),
        (given("colour", json!("red")), at(&["colour"]), "extra_forbidden"),
        (given("working_hours", rule("09:00")), at(&["working_hours", "0", "level"]), "extra_forbidden"),
        (
            json!([{"id": "a", "time_zone": "UTC", "weekly": rule("25:00")}]),
            at(&["weekly", "0", "from"]),
            "value_error",
        ),
        (two, json!(["body", "people", 1, "id"]), "value_error"),
    ] {
        let reply = service.post("/find-times", &day(people.clone())).await.is(400);
        assert_eq!(reply.faults(), [(loc, kind.to_owned())], "{people}");
    }
    let mut backwards = day(json!(["a"]));
    backwards["to"] = "2026-03-08T00:00:00Z".into();
    let reply = service.post("/find-times", &backwards).await.is(400);
    assert_eq!(reply.faults(), [(json!(["body", "to"]), "value_error".to_owned())]);
    let mut longest = day(json!(["a"]));
    longest["to"] = "2026-07-09T00:00:00Z".into();
    let reply = service.post("/find-times", &longest).await.is(400);
    assert_eq!(reply.faults(), [(json!(["body", "to"]), "value_error".to_owned())]);
}

fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..100_u32).prop_map(|number| Value::from(number * 15)),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(
            &["2026-03-09T10:00:00Z", "2199-12-31T23:45:00Z", "0001-01-01T00:00:00Z", "UTC", "ada"][..]
        )
        .prop_map(Value::from),
        prop::collection::vec(any::<i16>().prop_map(Value::from), 0..3).prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_value_gives_a_5xx(
        members in prop::collection::vec((prop::sample::select(MEMBERS), odd()), 1..4),
        cut in prop::option::of(0..200_usize),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let service = Service::new();
            service.availability.put_poll(poll(1, &[participant("ada", "22222222")]));
            let mut options = json!({});
            let mut body = day(json!(["ada", {"id": "bob", "time_zone": "UTC", "ranges": []}]));
            for (member, value) in members {
                options[member] = value.clone();
                body[member] = value;
            }
            for (path, body) in [("/polls/p/suggestions", options), ("/find-times", body)] {
                let body = match cut {
                    Some(cut) => Value::String(body.to_string().chars().take(cut).collect()),
                    None => body,
                };
                let reply = service.post(path, &body).await;
                prop_assert!(reply.status.as_u16() < 500, "{body}: {}", String::from_utf8_lossy(&reply.body));
            }
            Ok(())
        })?;
    }
}

const MEMBERS: &[&str] = &[
    "people",
    "from",
    "to",
    "duration_minutes",
    "interval_minutes",
    "time_zone",
    "required",
    "groups",
    "if_needed",
    "buffer_minutes",
    "working_hours",
    "max_windows",
    "overlapping",
    "weeks",
    "first_week",
    "rotate",
];
