use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use wire::{LevelsReply, PollLevels};

use crate::{
    Service, send,
    users::{participant, person, poll, silent},
};

#[tokio::test]
async fn bitmaps_of_a_poll_come_with_what_may_be_seen() {
    let service = Service::new();
    let mut early = participant("early", "22220000");
    early["working_hours"] = json!([{"day": "monday", "from": "13:00", "to": "14:00"}]);
    service.users.put_poll(poll(7, &[participant("ada", "22110000"), silent("eve"), early]));
    let reply = service.get("/polls/p/levels", &[("authorization", "Bearer counts")]).await.is(200);
    assert_eq!(reply.header("poll-view"), "counts");
    let levels: PollLevels = serde_json::from_slice(&reply.body).unwrap();
    let slots =
        |bits: &Option<wire::Bits>| bits.as_ref().unwrap().slots(8).unwrap().slots().collect::<Vec<_>>();
    let [ada, eve, early] = &levels.participants[..] else { panic!("{levels:?}") };
    assert_eq!((slots(&ada.yes), slots(&ada.if_needed)), (vec![0, 1], vec![2, 3]));
    assert!(!eve.answered && eve.yes.is_none());
    let working = |index: usize| levels.working[index].slots(8).unwrap().slots().collect::<Vec<_>>();
    // 08:00Z is 13:30 in Kolkata; office hours end at 17:00 there and begin at 09:00 in UTC.
    assert_eq!(working(ada.working), (0..8).collect::<Vec<_>>());
    assert_eq!(working(eve.working), (4..8).collect::<Vec<_>>());
    assert_eq!(working(early.working), [0, 1]);

    let tag = reply.header("etag");
    let headers = [("authorization", "Bearer names"), ("if-none-match", tag)];
    let again = service.get("/polls/p/levels", &headers).await.is(304);
    assert_eq!(again.header("poll-view"), "names");
    service.get("/polls/p/levels", &[("authorization", "Bearer nothing")]).await.is(403);
    let all = service.get("/polls/p/unrestricted-levels", &[("if-none-match", tag)]).await.is(304);
    assert_eq!(all.header("poll-view"), "names");
}

#[tokio::test]
async fn conflicts_are_told_in_slots_of_the_layout() {
    let service = Service::new();
    let mut ada = participant("ada", "22222222");
    // Half of it is not asked about, and a slot is touched only.
    let ranges = json!([{"start": "2026-03-09T07:00:00Z", "end": "2026-03-09T08:20:00Z"}]);
    ada["conflicts"] = json!({"ranges": ranges});
    service.users.put_poll(poll(7, &[ada, participant("bob", "22222222")]));
    let reply = service.get("/polls/p/levels", &[]).await.is(200);
    let levels: PollLevels = serde_json::from_slice(&reply.body).unwrap();
    let slots = |bits: &wire::Bits, of: usize| bits.slots(of).unwrap().slots().collect::<Vec<_>>();
    assert_eq!(slots(levels.participants[0].conflicts.as_ref().unwrap(), 8), [0, 1]);
    assert_eq!(levels.participants[1].conflicts, None);

    let mut ada = participant("ada", "22222222");
    ada["weekly"] = json!({"time_zone": "Asia/Kolkata", "weekly": []});
    ada["conflicts"] = json!({"weekly": [{"day": "monday", "from": "09:30", "to": "09:45"}]});
    let mut weekly = poll(8, &[ada]);
    weekly.as_object_mut().unwrap().remove("dates");
    weekly["kind"] = json!("weekly");
    weekly["days"] = json!(["monday"]);
    service.users.put_poll(weekly);
    let path = "/polls/p/levels?first_week=2026-03-23&weeks=2";
    let reply = service.get(path, &[]).await.is(200);
    let levels: PollLevels = serde_json::from_slice(&reply.body).unwrap();
    let week = 7 * 24 * 4 - 4;
    // Clocks change in between, and it is told on those of the poll.
    assert_eq!(slots(levels.participants[0].conflicts.as_ref().unwrap(), week + 8), [2, week + 2]);
}

#[tokio::test]
async fn bitmaps_of_people_stand_for_their_versions() {
    let service = Service::new();
    let busy = |start: &str, end: &str| json!([{"start": start, "end": end}]);
    service.users.put_people(vec![person("ada", 1, json!([])), person("bob", 1, json!([]))]);
    let body = json!({"emails": ["ada", "nobody", "bob"], "from": "2026-03-09T08:00:00Z",
        "to": "2026-03-09T12:00:00Z"});
    let reply = service.post("/levels", &body, &[]).await.is(200);
    let levels: LevelsReply = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(levels.unknown, ["nobody"]);
    let yes = |levels: &LevelsReply, index: usize| levels.people[index].yes.slots(16).unwrap().count();
    assert_eq!((yes(&levels, 0), yes(&levels, 1)), (8, 8));

    let tag = reply.header("etag").to_owned();
    service.post("/levels", &body, &[("if-none-match", &tag)]).await.is(304);
    assert_eq!(service.users.times_sent(), 2, "what is known is not sent again");
    let meeting = busy("2026-03-09T08:50:00Z", "2026-03-09T09:05:00Z");
    service.users.put_people(vec![person("ada", 2, meeting), person("bob", 1, json!([]))]);
    let reply = service.post("/levels", &body, &[("if-none-match", &tag)]).await.is(200);
    let levels: LevelsReply = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((yes(&levels, 0), yes(&levels, 1)), (6, 8), "busy times are rounded outwards");
    assert_eq!(service.users.times_sent(), 3, "only of who has changed");
    let week = json!({"emails": ["ada"], "from": "2026-03-09T08:00:00Z", "to": "2026-03-16T08:00:00Z"});
    let reply = service.post("/levels", &week, &[]).await.is(200);
    let levels: LevelsReply = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(levels.people[0].yes.slots(7 * 96).unwrap().count(), 6, "another range is another question");
}

#[tokio::test]
async fn bitmaps_are_for_services_alone() {
    let service = Service::new();
    service.users.put_poll(poll(7, &[]));
    let body = json!({"emails": ["ada"], "from": "2026-03-09T08:00:00Z", "to": "2026-03-09T12:00:00Z"});
    for prefix in ["", "/availability"] {
        for levels in ["levels", "unrestricted-levels"] {
            let get = Request::get(format!("{prefix}/polls/p/{levels}")).body(Body::empty()).unwrap();
            assert_eq!(send(&service.public, get).await.status, 404);
        }
        let post = Request::post(format!("{prefix}/levels")).body(Body::from(body.to_string())).unwrap();
        assert_eq!(send(&service.public, post).await.status, 404);
    }
    let described = Request::get("/availability/openapi.json").body(Body::empty()).unwrap();
    let described: Value = send(&service.public, described).await.json();
    assert!(described["paths"].get("/freebusy").is_some() && described["paths"].get("/levels").is_none());
}
