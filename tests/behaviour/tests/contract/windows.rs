//! Heat maps, free/busy and windows: of polls, of stored people, and of people whose times come with the question.

use behaviour::{Reply, Stage, jobs, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_poll_has_a_heat_map_and_windows_with_reasons,
    a_heat_map_is_new_after_every_change_and_not_before,
    what_a_poll_hides_is_hidden_everywhere,
    a_poll_without_a_common_time_says_what_would_help,
    a_weekly_poll_has_windows_that_hold_in_some_weeks,
    times_are_found_for_stored_and_for_given_people,
    free_and_busy_times_of_a_group_are_told_and_nothing_more,
    windows_of_a_poll_can_be_ordered_as_a_job,
    what_cannot_be_asked_is_named,
    limits_are_told_and_bitmaps_are_not_for_the_public,
];

/// A poll over two days around New York's change of clocks, on the clocks of London, with everybody's answer.
struct Poll {
    id: String,
    admin: String,
    /// Ids and tokens of Ada, Ben and Chitra.
    people: Vec<(String, String)>,
}

const ZONES: [(&str, &str); 3] =
    [("Ada", "America/New_York"), ("Ben", "Europe/London"), ("Chitra", "Asia/Kolkata")];

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap().to_owned()
}

fn ranges(ranges: &[(&str, &str, &str)]) -> Value {
    let range = |(day, hours, level): &(&str, &str, &str)| {
        let (start, end) = hours.split_once('-').unwrap();
        json!({"start": format!("2026-03-{day}T{start}:00Z"), "end": format!("2026-03-{day}T{end}:00Z"),
            "level": level})
    };
    json!({"ranges": ranges.iter().map(range).collect::<Vec<_>>()})
}

impl Poll {
    async fn new(stage: &Stage, visibility: &str) -> anyhow::Result<Poll> {
        let body = json!({"title": "Planning", "kind": "dates", "dates": ["2026-03-06", "2026-03-09"],
            "time_zone": "Europe/London", "from": "09:00", "to": "18:00", "granularity_minutes": 30,
            "duration_minutes": 60, "visibility": visibility});
        Poll::of(stage, &body).await
    }

    async fn of(stage: &Stage, body: &Value) -> anyhow::Result<Poll> {
        let created = stage.api.post("/users/polls", body).await?.is(201).json();
        let mut poll =
            Poll { id: text(&created, "id"), admin: text(&created, "admin_token"), people: vec![] };
        for (name, zone) in ZONES {
            let path = format!("/users/polls/{}/participants", poll.id);
            let joined =
                stage.api.post(&path, &json!({"name": name, "time_zone": zone})).await?.is(201).json();
            poll.people.push((text(&joined, "id"), text(&joined, "edit_token")));
        }
        Ok(poll)
    }

    async fn answer(&self, stage: &Stage, person: usize, answer: &Value) -> anyhow::Result<()> {
        let (id, token) = &self.people[person];
        let path = format!("/users/polls/{}/participants/{id}/answer", self.id);
        ask(stage, Method::PUT, &path, Some(token), answer).await?.is(200);
        Ok(())
    }

    /// Ada comes from 14:00Z on the first day and if needed from 13:00Z on the second, Ben always, Chitra until 15:30Z.
    async fn answer_all(&self, stage: &Stage) -> anyhow::Result<()> {
        let ada = [("06", "14:00-18:00", "yes"), ("09", "13:00-18:00", "if_needed")];
        let ben = [("06", "09:00-18:00", "yes"), ("09", "09:00-18:00", "yes")];
        let chitra = [("06", "09:00-15:30", "yes"), ("09", "09:00-15:30", "yes")];
        for (person, said) in [&ada[..], &ben, &chitra].into_iter().enumerate() {
            self.answer(stage, person, &ranges(said)).await?;
        }
        Ok(())
    }

    async fn heat_map(&self, stage: &Stage, token: Option<&str>) -> anyhow::Result<Reply> {
        ask(stage, Method::GET, &format!("/availability/polls/{}/heatmap", self.id), token, &Value::Null)
            .await
    }

    async fn windows(&self, stage: &Stage, token: Option<&str>, options: &Value) -> anyhow::Result<Reply> {
        ask(stage, Method::POST, &format!("/suggestion/polls/{}/suggestions", self.id), token, options).await
    }
}

async fn ask(
    stage: &Stage,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> anyhow::Result<Reply> {
    let mut call = stage.api.call(method, path);
    if let Some(token) = token {
        call = call.header("authorization", format!("Bearer {token}"));
    }
    if body.is_null() { call.send().await } else { call.json(body).send().await }
}

fn starts(answer: &Value) -> Vec<&str> {
    answer["windows"].as_array().unwrap().iter().map(|window| window["start"].as_str().unwrap()).collect()
}

async fn a_poll_has_a_heat_map_and_windows_with_reasons(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, "full").await?;
    poll.answer_all(stage).await?;
    let map = poll.heat_map(stage, None).await?.is(200).json();
    assert_eq!((&map["participants"], &map["granularity_minutes"]), (&json!(3), &json!(30)));
    let cell = |start: &str| map["starts"].as_array().unwrap().iter().position(|cell| cell == start).unwrap();
    let counts = |start| (&map["yes"][cell(start)], &map["if_needed"][cell(start)]);
    assert_eq!(counts("2026-03-06T09:00:00Z"), (&json!(2), &json!(0)));
    assert_eq!(counts("2026-03-06T14:30:00Z"), (&json!(3), &json!(0)));
    assert_eq!(counts("2026-03-09T13:00:00Z"), (&json!(2), &json!(1)));
    let ada = &map["people"][0];
    assert_eq!((&ada["name"], &ada["id"]), (&json!("Ada"), &json!(poll.people[0].0)));
    assert_eq!(
        text(ada, "view"),
        format!("{}{}{}{}", "0".repeat(10), "2".repeat(8), "0".repeat(8), "1".repeat(10))
    );

    let options = json!({"interval_minutes": 30, "max_windows": 3});
    let answer = poll.windows(stage, None, &options).await?.is(200).json();
    assert_eq!(starts(&answer), ["2026-03-06T14:00:00Z", "2026-03-09T13:00:00Z", "2026-03-09T14:00:00Z"]);
    assert_eq!((&answer["version"], &answer["settled"]), (&map["version"], &json!(true)));
    assert_eq!((&answer["awaited"], &answer["unlocks"]), (&json!([]), &json!([])));
    let first = &answer["windows"][0];
    assert_eq!((&first["yes"], &first["confidence"]), (&json!(3), &json!(1.0)));
    assert_eq!(
        first["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect::<Vec<_>>(),
        ["everyone", "outside_working_hours_of", "earliest"]
    );
    let local: Vec<&Value> =
        first["people"].as_array().unwrap().iter().map(|person| &person["local_start"]).collect();
    assert_eq!(
        local,
        ["2026-03-06T09:00:00-05:00", "2026-03-06T14:00:00+00:00", "2026-03-06T19:30:00+05:30"],
        "New York has not changed its clocks yet"
    );
    assert_eq!(
        answer["windows"][1]["people"][0]["local_start"], "2026-03-09T09:00:00-04:00",
        "and now it has"
    );
    Ok(())
}

async fn a_heat_map_is_new_after_every_change_and_not_before(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, "full").await?;
    let path = format!("/availability/polls/{}/heatmap", poll.id);
    let empty = poll.heat_map(stage, None).await?.is(200);
    assert_eq!(
        (&empty.json()["answered"], &empty.json()["people"][0]["answered"]),
        (&json!(0), &json!(false))
    );
    let none = poll.windows(stage, None, &Value::Null).await?.is(200).json();
    assert_eq!((&none["empty_reason"]["code"], &none["windows"]), (&json!("no_answers"), &json!([])));
    let mut tag = empty.header("etag").to_owned();
    for person in 0..3 {
        let again = stage.api.call(Method::GET, &path).header("if-none-match", &tag).send().await?.is(304);
        assert_eq!((again.header("etag"), again.text().as_str()), (tag.as_str(), ""));
        poll.answer(stage, person, &ranges(&[("06", "09:00-11:00", "yes")])).await?;
        let changed = stage.api.call(Method::GET, &path).header("if-none-match", &tag).send().await?.is(200);
        assert_eq!(changed.json()["yes"][0], json!(person + 1), "what was just written is read");
        let windows = poll.windows(stage, None, &Value::Null).await?.is(200).json();
        assert_eq!(windows["version"], changed.json()["version"]);
        tag = changed.header("etag").to_owned();
    }
    Ok(())
}

async fn what_a_poll_hides_is_hidden_everywhere(stage: &Stage) -> anyhow::Result<()> {
    for (visibility, anybody, participant) in [
        ("full", Some(true), Some(true)),
        ("counts", Some(false), Some(false)),
        ("after_answer", None, Some(true)),
        ("blind", None, None),
    ] {
        let poll = Poll::new(stage, visibility).await?;
        poll.answer_all(stage).await?;
        let own = poll.people[0].1.as_str();
        for (token, sees) in
            [(None, anybody), (Some(own), participant), (Some(poll.admin.as_str()), Some(true))]
        {
            let status = match (sees, token) {
                (Some(_), _) => 200,
                (None, None) => 401,
                (None, Some(_)) => 403,
            };
            let map = poll.heat_map(stage, token).await?.is(status);
            let windows = poll.windows(stage, token, &Value::Null).await?.is(status);
            for reply in [map, windows] {
                let named = reply.text().contains("Ada") || reply.text().contains(&poll.people[0].0);
                assert_eq!(named, sees == Some(true), "{visibility} {token:?}: {}", reply.text());
            }
        }
        poll.heat_map(stage, Some("wrong")).await?.is(401);
        poll.windows(stage, Some("wrong"), &Value::Null).await?.is(401);
    }
    Ok(())
}

async fn a_poll_without_a_common_time_says_what_would_help(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, "full").await?;
    for (person, said) in
        [("06", "09:00-11:00", "yes"), ("06", "10:30-12:00", "yes"), ("09", "09:00-11:00", "yes")]
            .iter()
            .enumerate()
    {
        poll.answer(stage, person, &ranges(&[*said])).await?;
    }
    let ids: Vec<&String> = poll.people.iter().map(|(id, _)| id).collect();
    let required = json!({"required": [ids[0], ids[1]]});
    let answer = poll.windows(stage, None, &required).await?.is(200).json();
    assert_eq!((&answer["total"], &answer["empty_reason"]["code"]), (&json!(0), &json!("no_common_time")));
    let changes: Vec<&Value> =
        answer["unlocks"].as_array().unwrap().iter().map(|unlock| &unlock["change"]).collect();
    assert_eq!(changes, ["shorter"], "half an hour: {answer}");
    assert_eq!(answer["unlocks"][0]["duration_minutes"], 30);
    assert_eq!(answer["unlocks"][0]["start"], "2026-03-06T10:30:00Z");
    Ok(())
}

async fn a_weekly_poll_has_windows_that_hold_in_some_weeks(stage: &Stage) -> anyhow::Result<()> {
    let body = json!({"title": "Weekly", "kind": "weekly", "days": ["monday"], "time_zone": "America/New_York",
        "from": "09:00", "to": "12:00", "granularity_minutes": 60, "duration_minutes": 60});
    let poll = Poll::of(stage, &body).await?;
    for (person, zone, from, to) in [
        (0, "America/New_York", "09:00", "12:00"),
        (1, "Europe/London", "14:00", "15:00"),
        (2, "Asia/Kolkata", "17:00", "23:00"),
    ] {
        let rule = json!({"day": "monday", "from": from, "to": to, "level": "yes"});
        poll.answer(stage, person, &json!({"time_zone": zone, "weekly": [rule]})).await?;
    }
    let options = json!({"first_week": "2026-02-16", "weeks": 8, "interval_minutes": 60, "rotate": true});
    let answer = poll.windows(stage, None, &options).await?.is(200).json();
    let first = &answer["windows"][0];
    assert_eq!((&first["start"], &first["yes"]), (&json!("2026-02-16T14:00:00Z"), &json!(3)));
    assert_eq!(
        first["holds"],
        json!({"of": 8, "in": 5, "except": ["2026-03-09", "2026-03-16", "2026-03-23"]})
    );
    assert_eq!(answer["rotation"].as_array().map(Vec::len), Some(5), "{answer}");
    assert_eq!(answer["burdens"].as_array().map(Vec::len), Some(3));
    let path = format!("/availability/polls/{}/heatmap?first_week=2026-03-09", poll.id);
    let map = stage.api.get(&path).await?.is(200).json();
    assert_eq!(map["starts"][0], "2026-03-09T13:00:00Z");
    assert_eq!(map["yes"], json!([2, 3, 2]), "14:00 in London is 10:00 in New York that week");
    Ok(())
}

/// A stored person who is free on Mondays from 09:00 to 11:00 in Berlin.
async fn stored(stage: &Stage) -> anyhow::Result<String> {
    let email = people::create(&stage.api, json!({}), "first").await?;
    put_hours(stage, &email, "Europe/Berlin", "09:00", "11:00").await?;
    Ok(email)
}

async fn put_hours(stage: &Stage, email: &str, zone: &str, from: &str, to: &str) -> anyhow::Result<()> {
    let rule = json!({"day": "monday", "from": from, "to": to, "level": "yes"});
    let schedule = json!({"time_zone": zone, "weekly": [rule]});
    stage.api.put(&format!("{}/schedule", people::path(email)), &schedule).await?.is(200);
    Ok(())
}

async fn times_are_found_for_stored_and_for_given_people(stage: &Stage) -> anyhow::Result<()> {
    let (ada, nobody) = (stored(stage).await?, people::fresh_address("nobody"));
    let given = json!({"id": "bob", "name": "Bob", "time_zone": "Asia/Kathmandu",
        "weekly": [{"day": "monday", "from": "13:00", "to": "18:00", "level": "yes"}]});
    let body = json!({"people": [ada, given, nobody], "from": "2026-03-09T00:00:00Z", "to": "2026-03-16T00:00:00Z",
        "required": ["bob", ada.to_uppercase()]});
    let find = async || anyhow::Ok(stage.api.post("/suggestion/find-times", &body).await?.is(200).json());
    let answer = find().await?;
    assert_eq!(starts(&answer), ["2026-03-09T08:00:00Z", "2026-03-09T09:00:00Z"]);
    assert_eq!((&answer["total"], &answer["windows"][0]["yes"]), (&json!(5), &json!(2)));
    assert_eq!(answer["errors"], json!([{"person": nobody, "reason": "not_found"}]));
    let people = answer["windows"][0]["people"].as_array().unwrap();
    let told: Vec<_> = people.iter().map(|person| (&person["person"], &person["local_start"])).collect();
    assert_eq!(
        told,
        [
            (&json!(ada), &json!("2026-03-09T09:00:00+01:00")),
            (&json!("bob"), &json!("2026-03-09T13:45:00+05:45"))
        ]
    );
    assert_eq!(find().await?["windows"], answer["windows"], "the same question has the same answer");
    put_hours(stage, &ada, "Europe/Berlin", "10:00", "11:00").await?;
    assert_eq!(starts(&find().await?), ["2026-03-09T09:00:00Z"], "a change is seen by the next question");
    Ok(())
}

async fn free_and_busy_times_of_a_group_are_told_and_nothing_more(stage: &Stage) -> anyhow::Result<()> {
    let (ada, nobody) = (stored(stage).await?, people::fresh_address("nobody"));
    put_hours(stage, &ada, "UTC", "08:00", "10:00").await?;
    // A Monday that is ahead, and not too far.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let monday = today.nth_weekday(2, jiff::civil::Weekday::Monday)?;
    let day = monday.strftime("%Y%m%d");
    let event = format!("DTSTART:{day}T083000Z\r\nDTEND:{day}T084500Z\r\nSUMMARY:Secret");
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = format!("{}/calendars/work", people::path(&ada));
    let imported = stage.api.call(Method::PUT, &path).header("content-type", "text/calendar").body(calendar);
    assert_eq!(imported.send().await?.is(200).json()["busy"], 1);
    let at = |time: &str| format!("{monday}T{time}:00Z");
    let body =
        json!({"people": [ada, nobody], "from": at("08:00"), "to": at("11:00"), "interval_minutes": 60});
    let reply = stage.api.post("/availability/freebusy", &body).await?.is(200);
    let busy = json!([{"start": at("08:30"), "end": at("08:45")}]);
    assert_eq!(
        reply.json(),
        json!({"people": [{"person": ada, "view": "020", "busy": busy}],
            "errors": [{"person": nobody, "reason": "not_found"}]})
    );
    Ok(())
}

async fn windows_of_a_poll_can_be_ordered_as_a_job(stage: &Stage) -> anyhow::Result<()> {
    let (poll, hidden) = (Poll::new(stage, "full").await?, Poll::new(stage, "blind").await?);
    poll.answer_all(stage).await?;
    let order = |poll: &Poll| json!({"kind": "suggest", "poll": poll.id, "duration_minutes": 30});
    let accepted = stage.api.post("/worker/tasks", &order(&poll)).await?.is(202).json();
    let job = jobs::ended(&stage.api, &text(&accepted, "job_id")).await?;
    assert_eq!((&job["state"], &job["kind"]), (&json!("succeeded"), &json!("suggest")));
    let asked = poll.windows(stage, None, &json!({"duration_minutes": 30})).await?.is(200).json();
    assert_eq!(job["result"]["windows"], asked["windows"]);
    for (order, reason) in [(order(&hidden), "token"), (json!({"poll": "nobodys"}), "no such poll")] {
        let accepted = stage.api.post("/worker/tasks", &order).await?.is(202).json();
        let job = jobs::ended(&stage.api, &text(&accepted, "job_id")).await?;
        assert_eq!(job["state"], "failed");
        assert!(text(&job, "error").contains(reason), "{job}");
    }
    Ok(())
}

async fn what_cannot_be_asked_is_named(stage: &Stage) -> anyhow::Result<()> {
    let poll = Poll::new(stage, "full").await?;
    for (options, loc) in [
        (json!({"duration_minutes": 20}), json!(["body", "duration_minutes"])),
        (json!({"duration_minutes": 7 * 24 * 60}), json!(["body", "duration_minutes"])),
        (json!({"required": ["nobody"]}), json!(["body", "required", 0])),
        (json!({"groups": [{"members": [], "required": 1}]}), json!(["body", "groups", 0, "members"])),
        (json!({"time_zone": "Europe/Berln"}), json!(["body", "time_zone"])),
        (json!({"rotate": true}), json!(["body", "rotate"])),
        (json!({"max_windows": 101}), json!(["body", "max_windows"])),
        (json!({"if_needed": "maybe"}), json!(["body", "if_needed"])),
        (json!({"lenght": 60}), json!(["body", "lenght"])),
    ] {
        let refused = poll.windows(stage, None, &options).await?.is(400).json();
        assert_eq!(refused["detail"][0]["loc"], loc, "{options}: {refused}");
    }
    let span = |to: &str| json!({"people": ["ada"], "from": "2026-03-09T00:00:00Z", "to": to});
    for to in ["2026-03-08T00:00:00Z", "2026-06-09T00:00:00Z", "2026-03-09T00:07:00Z", "2026-02-30T00:00:00Z"]
    {
        for path in ["/suggestion/find-times", "/availability/freebusy"] {
            let refused = stage.api.post(path, &span(to)).await?.is(400).json();
            assert_eq!(refused["detail"][0]["loc"], json!(["body", "to"]), "{path} {to}");
        }
    }
    for path in ["/suggestion/polls/x/suggestions", "/suggestion/polls/%FF/suggestions"] {
        stage.api.post(path, &json!({})).await?.is(404);
    }
    stage.api.get("/availability/polls/x/heatmap").await?.is(404);
    Ok(())
}

async fn limits_are_told_and_bitmaps_are_not_for_the_public(stage: &Stage) -> anyhow::Result<()> {
    for (path, limit, value) in [
        ("/availability/limits", "heat_map_people", 500),
        ("/suggestion/limits", "find_times_people", 1_000),
        ("/worker/limits", "page_jobs", 100),
    ] {
        assert_eq!(stage.api.get(path).await?.is(200).json()[limit], value, "{path}");
    }
    let poll = Poll::new(stage, "full").await?;
    stage.api.get(&format!("/availability/polls/{}/levels", poll.id)).await?.is(404);
    stage.api.post("/availability/levels", &json!({"emails": ["ada"]})).await?.is(404);
    Ok(())
}
