use serde_json::{Value, json};
use wire::Bits;

use crate::{Service, availability::poll};

/// A weekly poll about Monday 09:00 to 11:00 in Berlin, in the 4 weeks from 9 March 2026 on, for somebody in New York who
/// comes from 04:00 to 05:00 there and works from 04:30.
fn weekly() -> Value {
    let mut poll = poll(1, &[]);
    poll.as_object_mut().unwrap().remove("dates");
    (poll["kind"], poll["days"]) = ("weekly".into(), json!(["monday"]));
    (poll["first_week"], poll["weeks"]) = ("2026-03-09".into(), json!(4));
    // From 9 March 08:00Z to 30 March 09:00Z, for clocks in Berlin change on the 29th.
    let slots = 3 * 7 * 96 + 4;
    let mut free = domain::SlotSet::empty(slots);
    let mut working = domain::SlotSet::empty(slots);
    for week in 0..4 {
        let start = week * 7 * 96;
        free.insert_all(start..start + 4);
        working.insert_all(start + 2..start + 8);
    }
    poll["working"] = json!([Bits::from(&working).to_text()]);
    poll["participants"] = json!([{"id": "ada", "name": "Ada", "time_zone": "America/New_York", "required": false,
        "answered": true, "yes": Bits::from(&free).to_text(),
        "if_needed": Bits::from(&domain::SlotSet::empty(slots)).to_text(), "working": 0}]);
    poll
}

#[tokio::test]
async fn a_weekly_window_says_in_which_weeks_it_holds() {
    let service = Service::new();
    service.availability.put_poll(weekly());
    let answer = service.suggest(&json!({"weeks": 4, "duration_minutes": 30})).await;
    let first = &answer["windows"][0];
    assert_eq!(first["holds"], json!({"of": 4, "in": 3, "except": ["2026-03-30"]}), "{answer}");
    assert!(first["start"].as_str().unwrap().starts_with("2026-03-09T08:"));
}

#[tokio::test]
async fn a_rotation_has_a_time_for_each_week_and_what_each_bears() {
    let service = Service::new();
    service.availability.put_poll(weekly());
    let answer = service.suggest(&json!({"weeks": 4, "duration_minutes": 30, "rotate": true})).await;
    let rotation = answer["rotation"].as_array().unwrap();
    assert!((3..=4).contains(&rotation.len()), "{answer}");
    assert_eq!(rotation[0]["week"], "2026-03-09");
    assert_eq!(answer["burdens"][0]["person"], "ada");
    let shown =
        service.post_as("/polls/p/suggestions", &json!({"weeks": 4, "rotate": true}), Some("counts")).await;
    assert_eq!(shown.is(200).json()["burdens"][0]["person"], Value::Null);
}
