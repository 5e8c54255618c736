//! Parameters in queries, and addresses in paths.

use behaviour::people;
use serde_json::json;

use super::on_stage;

/// Every place that takes text from a query: what stands before the value, its name, and the status.
const PLACES: [(&str, &str, u16); 7] = [
    ("/users/user-avail/cache-aside?user1email=", "user1email", 400),
    ("/availability/availabilities?userId1=a&userId2=", "userId2", 400),
    ("/availability/availabilities?userId2=a&userId1=", "userId1", 400),
    ("/availability/availabilities?userId=a&userId=b&userId=", "userId", 400),
    ("/suggestion/suggestions?userId1=a&userId2=", "userId2", 400),
    ("/suggestion/suggestions?userId2=a&userId1=", "userId1", 400),
    ("/suggestion/suggestions?userId=a&userId=b&userId=", "userId", 400),
];

#[test]
fn every_unusable_value_is_named() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let too_long = "x".repeat(321);
        for (before, name, status) in PLACES {
            for (value, kind) in [
                ("", "string_too_short"),
                ("+", "string_too_short"),
                ("%20%09", "string_too_short"),
                ("%FF", "value_error"),
                ("a%C3%28", "value_error"),
                ("a%00b@example.com", "value_error"),
                ("a%0D%0ACase-ID:+x", "value_error"),
                ("%7F", "value_error"),
                ("%C2%85a", "value_error"),
                (too_long.as_str(), "string_too_long"),
            ] {
                let reply = stage.api.get(&format!("{before}{value}")).await?;
                reply.refuses(status, &[(json!(["query", name]), kind)]);
            }
        }
        Ok(())
    })
}

#[test]
fn a_parameter_that_is_given_twice_is_named() -> anyhow::Result<()> {
    on_stage(async |stage| {
        for (before, name, status) in [
            ("/users/user-avail/cache-aside?user1email=a&user1email=", "user1email", 400),
            ("/availability/availabilities?userId1=a&userId2=b&userId2=", "userId2", 400),
            ("/suggestion/suggestions?userId1=a&userId2=b&preference=last&preference=", "preference", 400),
            ("/suggestion/suggestions?userId1=a&userId2=b&preferences=", "preferences", 400),
            ("/worker/tasks?state=dead&state=", "state", 422),
            ("/worker/tasks?limit=1&limit=", "limit", 422),
        ] {
            let reply = stage.api.get(&format!("{before}last")).await?.is(status);
            let loc = &reply.json()["detail"][0]["loc"];
            assert_eq!(loc, &json!(["query", name]), "{}", reply.text());
        }
        Ok(())
    })
}

#[test]
fn odd_queries_are_read_as_far_as_they_make_sense() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let path = "/users/user-avail/cache-aside";
        for (query, email) in [
            ("user1email=a%", "a%"),
            ("user1email=a%4", "a%4"),
            ("user1email=%zz", "%zz"),
            ("&&user1email=a&&", "a"),
            ("user1email=a=b", "a=b"),
            ("x=%FF&user1email=a", "a"),
            ("user1email=a?b", "a?b"),
            ("user1email=a;user1email=b", "a;user1email=b"),
            ("user1email=%25%34%30", "%40"),
        ] {
            let reply = stage.api.get(&format!("{path}?{query}")).await?;
            reply.says(404, &format!("User {email} not found in database"));
        }
        Ok(())
    })
}

#[test]
fn a_path_that_is_no_address_is_nobody() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let long = "x".repeat(4_000);
        for segment in
            ["nobody", "@", "%20", "a%00b%40example.com", "..%2F..%2Fetc%2Fpasswd", "%25", "'--", &long]
        {
            let path = format!("/users/users/{segment}");
            for reply in [stage.api.get(&path).await?, stage.api.delete(&path).await?] {
                reply.says(404, "User Not Found");
            }
            let body = people::body("ada@example.com", &json!({}), "first");
            let reply = stage.api.put(&path, &body).await?;
            assert!(matches!(reply.status, 400 | 404), "{}: {}", reply.request, reply.status);
        }
        Ok(())
    })
}

#[test]
fn a_path_that_is_no_text_is_refused() -> anyhow::Result<()> {
    on_stage(async |stage| {
        for path in ["/users/users/%FF", "/users/users/%C3%28@example.com", "/worker/tasks/%FF"] {
            let reply = stage.api.get(path).await?;
            assert!(matches!(reply.status, 400 | 404 | 422), "{}: {}", reply.request, reply.status);
        }
        Ok(())
    })
}
