use serde_json::{Value, json};

use crate::{
    Service,
    availability::{participant, poll, silent, slots_text},
};

fn people() -> Vec<Value> {
    vec![participant("ada", "22222200"), participant("bob", "02222211"), silent("eve")]
}

#[tokio::test]
async fn ranks_the_windows_and_says_why() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &people()));
    let answer = service.suggest(&Value::Null).await;
    assert_eq!((&answer["case_id"], &answer["version"]), (&json!("case-7"), &json!(7)));
    let first = &answer["windows"][0];
    assert_eq!(
        (&first["start"], &first["end"]),
        (&json!("2026-03-09T08:15:00Z"), &json!("2026-03-09T09:15:00Z"))
    );
    let counts = ["yes", "if_needed", "no", "unanswered"].map(|name| first[name].clone());
    assert_eq!(counts, [json!(2), json!(0), json!(0), json!(1)]);
    assert_eq!(first["confidence"], json!(0.8333));
    assert_eq!(
        first["people"][0],
        json!({"person": "ada", "name": "ADA", "status": "yes", "local_start": "2026-03-09T14:00:00+05:45",
            "outside_working_hours_minutes": 0})
    );
    assert_eq!(first["reasons"][0]["code"], "earliest");
    assert_eq!((&answer["empty_reason"], &answer["errors"]), (&Value::Null, &json!([])));
    assert_eq!(answer["awaited"], json!(["eve"]));
    assert_eq!(answer["settled"], json!(false));
    assert_eq!(answer["tzdb"], domain::tzdb_version());
    let lone = service.suggest(&json!({"max_windows": 1, "overlapping": true})).await;
    assert_eq!((&lone["total"], lone["windows"].as_array().map(Vec::len)), (&answer["total"], Some(1)));
}

#[tokio::test]
async fn a_conflict_is_told_and_changes_neither_order_nor_counts() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &people()));
    let before = service.suggest(&Value::Null).await;
    let mut in_conflict = people();
    // From 08:30 to 08:45.
    in_conflict[0]["conflicts"] = slots_text(&[2]);
    service.availability.put_poll(poll(8, &in_conflict));
    let mut after = service.suggest(&Value::Null).await;
    let first = &after["windows"][0];
    let said = json!({"code": "conflict_of", "people": ["ada"], "text": "Something else by now in the calendar of ADA"});
    assert!(first["reasons"].as_array().unwrap().contains(&said), "{first}");
    assert_eq!(
        (&first["people"][0]["in_conflict"], first["people"][1].get("in_conflict")),
        (&json!(true), None)
    );
    let path = "/suggestion/polls/p/suggestions";
    let hidden = service.post_as(path, &Value::Null, Some("counts")).await.is(200).json();
    let texts = hidden["windows"][0]["reasons"].to_string();
    assert!(texts.contains("Something else by now in the calendar of 1 person"), "{texts}");
    for window in after["windows"].as_array_mut().unwrap() {
        window["reasons"].as_array_mut().unwrap().retain(|reason| *reason != said);
        window["people"][0].as_object_mut().unwrap().remove("in_conflict");
    }
    assert_eq!(after["windows"], before["windows"]);
}

#[tokio::test]
async fn options_change_the_question() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &people()));
    for (options, start) in [
        (json!({"duration_minutes": 30}), "2026-03-09T08:15:00Z"),
        (json!({"interval_minutes": 30}), "2026-03-09T08:30:00Z"),
        (json!({"interval_minutes": 60}), "2026-03-09T08:00:00Z"),
        (json!({"if_needed": "never", "duration_minutes": 75}), "2026-03-09T08:15:00Z"),
        (json!({"buffer_minutes": {"before": 10}, "duration_minutes": 45}), "2026-03-09T08:30:00Z"),
        (json!({"required": ["bob"]}), "2026-03-09T08:15:00Z"),
        (json!({"groups": [{"members": ["ada", "bob"], "required": 2}]}), "2026-03-09T08:15:00Z"),
    ] {
        assert_eq!(service.suggest(&options).await["windows"][0]["start"], start, "{options}");
    }
    let none = service.suggest(&json!({"required": ["eve"]})).await;
    assert_eq!((&none["windows"], &none["empty_reason"]["people"]), (&json!([]), &json!(["eve"])));
}

#[tokio::test]
async fn says_why_there_is_none_and_what_would_help() {
    let service = Service::new();
    let people =
        [participant("ada", "22220000"), participant("bob", "00002222"), participant("eve", "22220000")];
    service.availability.put_poll(poll(7, &people));
    let options = json!({"required": ["ada", "bob"]});
    let answer = service.suggest(&options).await;
    assert_eq!(answer["empty_reason"], json!({"code": "no_common_time", "people": []}));
    let unlock = &answer["unlocks"][0];
    assert_eq!((&unlock["change"], &unlock["people"]), (&json!("without"), &json!(["bob"])));
    assert_eq!((&unlock["windows"], &unlock["start"]), (&json!(1), &json!("2026-03-09T08:00:00Z")));

    let hidden = service.post_as("/polls/p/suggestions", &options, Some("counts")).await.is(200).json();
    assert_eq!(
        (&hidden["unlocks"][0]["change"], hidden["unlocks"][0].get("people")),
        (&json!("without"), None)
    );
}

#[tokio::test]
async fn tells_of_people_whom_the_caller_may_see_only() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &[participant("ada", "22222222"), participant("bob", "00001111")]));
    for (token, status, named) in [
        (None, 200, true),
        (Some("names"), 200, true),
        (Some("counts"), 200, false),
        (Some("nothing"), 403, false),
        (Some("wrong"), 401, false),
    ] {
        let reply = service.post_as("/polls/p/suggestions", &Value::Null, token).await.is(status);
        let text = String::from_utf8_lossy(&reply.body).to_lowercase();
        assert_eq!(text.contains("ada") || text.contains("bob"), named, "{token:?}: {text}");
        if token == Some("counts") {
            let answer = reply.json();
            assert_eq!(
                (&answer["windows"][0]["yes"], &answer["windows"][0]["if_needed"]),
                (&json!(1), &json!(1))
            );
            assert_eq!(answer["awaited"], Value::Null);
            let texts: Vec<&Value> = answer["windows"][0]["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reason| &reason["text"])
                .collect();
            assert_eq!(texts, ["Everyone can come", "Only if needed: 1 person"]);
        }
    }
}

#[tokio::test]
async fn the_same_question_about_the_same_version_is_answered_once() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &people()));
    let first = service.suggest(&json!({})).await;
    assert_eq!(service.suggest(&Value::Null).await, first);
    assert_eq!(service.availability.times_sent(), 1);
    service.availability.put_poll(poll(8, &[participant("ada", "00002222")]));
    let changed = service.suggest(&json!({})).await;
    assert_eq!(
        (&changed["version"], &changed["windows"][0]["start"]),
        (&json!(8), &json!("2026-03-09T09:00:00Z"))
    );
}

#[tokio::test]
async fn nobody_is_named_in_a_crowd() {
    let service = Service::new();
    let crowd = |count: usize| {
        (0..count).map(|index| participant(&format!("p{index}"), "22222222")).collect::<Vec<_>>()
    };
    service.availability.put_poll(poll(1, &crowd(500)));
    assert_eq!(
        service.suggest(&Value::Null).await["windows"][0]["people"].as_array().map(Vec::len),
        Some(500)
    );
    service.availability.put_poll(poll(2, &crowd(501)));
    let answer = service.suggest(&Value::Null).await;
    assert_eq!((&answer["windows"][0]["yes"], answer["windows"][0].get("people")), (&json!(501), None));
}

#[tokio::test]
async fn an_unknown_poll_is_not_found() {
    let service = Service::new();
    service.availability.put_poll(poll(7, &[]));
    for path in ["/polls/q/suggestions", "/polls/%FF/suggestions"] {
        service.post(path, &Value::Null).await.is(404);
    }
    let nobody = service.suggest(&Value::Null).await;
    assert_eq!(nobody["empty_reason"]["code"], "no_answers");
}

#[tokio::test]
async fn says_who_can_still_change_the_first_window_of_a_poll_that_nobody_may_see() {
    let service = Service::new();
    let mut blind = poll(7, &people());
    blind["visibility"] = json!("blind");
    service.availability.put_poll(blind);
    service.post("/polls/p/suggestions", &Value::Null).await.is(401);
    let first = json!({"start": "2026-03-09T08:15:00Z", "end": "2026-03-09T09:15:00Z"});
    let open = json!({"version": 7, "first": first, "settled": false, "awaited": ["eve"]});
    assert_eq!(service.get("/polls/p/outlook").await.is(200).json(), open);
    service.get("/suggestion/polls/p/outlook").await.is(404);

    let only = [participant("ada", "22220000"), participant("bob", "22220000"), silent("eve")];
    service.availability.put_poll(poll(8, &only));
    let settled = service.get("/polls/p/outlook").await.is(200).json();
    assert_eq!((&settled["settled"], &settled["awaited"]), (&json!(true), &json!([])));
    service.availability.put_poll(poll(9, &[silent("eve")]));
    let none = service.get("/polls/p/outlook").await.is(200).json();
    assert_eq!((&none["settled"], &none["first"]), (&json!(false), &Value::Null));
}
