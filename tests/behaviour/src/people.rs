//! People: addresses, bodies, paths, and weeks that carry a number.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Api;

/// What RFC 3986 calls unreserved stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The days of the week, as replies name them.
pub const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// An address that nobody else has; `label` makes it recognisable.
pub fn fresh_address(label: &str) -> String {
    format!("{label}.{}@example.com", Uuid::new_v4().simple())
}

pub fn body(email: &str, availabilities: &Value, preference: &str) -> Value {
    json!({"email": email, "availabilities": availabilities, "preferences": preference})
}

/// A whole week, as replies show it, from the days that are not empty.
pub fn week(days: &Value) -> Value {
    DAYS.iter().map(|day| ((*day).to_owned(), days.get(day).cloned().unwrap_or(json!([])))).collect()
}

pub fn path(email: &str) -> String {
    format!("/users/users/{}", encode(email))
}

/// The gateway's path of a person's record through the cache.
pub fn cached_path(email: &str) -> String {
    format!("/users/user-avail/cache-aside?user1email={}", encode(email))
}

/// Creates a person whom nobody else knows and gives the address.
pub async fn create(api: &Api, availabilities: Value, preference: &str) -> anyhow::Result<String> {
    let email = fresh_address("somebody");
    api.post("/users/users", &body(&email, &availabilities, preference)).await?.ensure_status(201)?;
    Ok(email)
}

/// All bytes but letters, digits and `-._~` as `%XX`, which is right in a path and in a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A week that stands for a number below 2²⁴, whose binary digits are Monday's hours. It makes a record's version
/// visible.
pub fn numbered_week(number: usize) -> Value {
    let digits: Vec<usize> = (0..24).filter(|digit| number >> digit & 1 == 1).collect();
    json!({ "monday": digits })
}

/// The number of a week from [`numbered_week`]; `None` for any other value.
pub fn number_of(week: &Value) -> Option<usize> {
    let digits = week["monday"].as_array()?;
    digits.iter().map(|digit| digit.as_u64().map(|digit| 1 << digit)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_numbered_and_filled_up() {
        for number in [0, 1, 6, 1 << 23] {
            assert_eq!(number_of(&week(&numbered_week(number))), Some(number));
        }
        assert_eq!(number_of(&json!({})), None);
        assert_eq!(encode("o'b/é~@x"), "o%27b%2F%C3%A9~%40x");
    }
}
