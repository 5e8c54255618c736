use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Service};

const CALENDARS: &str = "/users/ada@example.com/calendars";

async fn import(service: &Service, path: &str, kind: &str, body: &str) -> Reply {
    service.ask(Method::PUT, path, &[("content-type", kind)], body).await
}

/// A calendar with one event of next year's New Year, in UTC, and one that cannot be read.
fn calendar() -> (String, String, String) {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
    let event = format!(
        "BEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Doctor\r\nDTSTART:{year}0101T100000Z\r\nDURATION:PT20M\r\nEND:VEVENT\r\n"
    );
    let broken = "BEGIN:VEVENT\r\nUID:b\r\nEND:VEVENT\r\n";
    let file = format!("BEGIN:VCALENDAR\r\n{event}{broken}END:VCALENDAR\r\n");
    (file, format!("{year}-01-01T10:00:00Z"), format!("{year}-01-01T10:30:00Z"))
}

#[tokio::test]
async fn a_calendar_is_imported_replaced_listed_and_taken_away() {
    for service in Service::both().await {
        let path = format!("{CALENDARS}/work%20%2F%20home");
        let (file, start, end) = calendar();
        import(&service, &path, "text/calendar", &file).await.is(404);
        service.get(CALENDARS).await.is(404);
        service.person("ada@example.com", json!({})).await;
        assert_eq!(service.get(CALENDARS).await.is(200).json(), json!({"calendars": []}));
        for _again in 0..2 {
            let imported =
                import(&service, &path, "text/calendar; charset=utf-8", &file).await.is(200).json();
            assert_eq!(
                (&imported["name"], &imported["events"], &imported["busy"]),
                (&json!("work / home"), &json!(2), &json!(1))
            );
            assert_eq!(imported["problems"][0]["uid"], "b");
        }
        let free_busy =
            format!("/users/ada@example.com/freebusy?from={}&to={end}", start.replace("10:00", "00:00"));
        let times = service.get(&free_busy).await.is(200);
        assert_eq!(times.json()["busy"], json!([{"start": start, "end": end}]));
        assert!(!times.text.contains("Doctor"));
        let listed = service.get(CALENDARS).await.is(200).json();
        assert_eq!(
            (&listed["calendars"][0]["name"], &listed["calendars"][0]["busy"]),
            (&json!("work / home"), &json!(1))
        );
        service.by("", Method::DELETE, &path, Value::Null).await.is(204);
        service.by("", Method::DELETE, &path, Value::Null).await.is(404);
        assert_eq!(service.get(&free_busy).await.is(200).json()["busy"], json!([]));
        let empty = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
        for number in 0..20 {
            import(&service, &format!("{CALENDARS}/{number}"), "text/calendar", empty).await.is(200);
        }
        import(&service, &format!("{CALENDARS}/20"), "text/calendar", empty).await.is(409);
        import(&service, &format!("{CALENDARS}/19"), "text/calendar", &file).await.is(200);
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        service.get(CALENDARS).await.is(404);
    }
}

#[tokio::test]
async fn what_is_no_calendar_is_refused() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let path = format!("{CALENDARS}/work");
        let (file, ..) = calendar();
        for (kind, body, status) in [
            ("text/plain", file.as_str(), 415),
            ("application/json", &file, 400),
            ("text/calendar; charset=iso-8859-1", &file, 415),
            ("text/calendar", "hello", 400),
            ("text/calendar", "", 400),
            ("text/calendar", &"x".repeat(10 * 1024 * 1024 + 1), 413),
        ] {
            import(&service, &path, kind, body).await.is(status);
        }
        import(&service, &format!("{path}?unanswered=maybe"), "text/calendar", &file).await.is(400);
        import(&service, &format!("{CALENDARS}/{}", "x".repeat(101)), "text/calendar", &file).await.is(400);
        import(&service, &format!("{CALENDARS}/%00"), "text/calendar", &file).await.is(400);
        assert_eq!(service.get(CALENDARS).await.json(), json!({"calendars": []}));
    }
}
