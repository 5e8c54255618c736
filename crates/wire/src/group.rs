use domain::Preference;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Attendees, Fault, Loc, Query, RequestBody,
    schema::{PreferenceName, UserId},
};

/// Most people in one question.
pub(crate) const MAX: usize = Attendees::MAX;

/// The body of `POST /availabilities`: whose shared hours are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupAvailabilityRequest {
    /// 2 to 100 people, by their addresses; one may be named repeatedly.
    #[serde(rename = "userIds")]
    #[schema(value_type = Vec<UserId>, min_items = 2, max_items = 100)]
    pub user_ids: Vec<String>,
}

impl RequestBody for GroupAvailabilityRequest {
    fn faults(&self) -> Vec<Fault> {
        faults_of(&self.user_ids, "userIds", 2)
    }
}

/// The body of `POST /suggestions`: who wants to meet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSuggestionRequest {
    /// 2 to 100 people, by their addresses; one may be named repeatedly.
    #[serde(rename = "userIds")]
    #[schema(value_type = Vec<UserId>, min_items = 2, max_items = 100)]
    pub user_ids: Vec<String>,
    /// Overrides what the people prefer.
    #[serde(default, with = "crate::person::optional_preference")]
    #[schema(value_type = Option<PreferenceName>)]
    pub preference: Option<Preference>,
}

impl RequestBody for GroupSuggestionRequest {
    fn faults(&self) -> Vec<Fault> {
        faults_of(&self.user_ids, "userIds", 2)
    }
}

/// The body of `POST /user-avail/batch`, which is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleRequest {
    /// 1 to 100 addresses, in any case; one may be named repeatedly.
    pub emails: Vec<String>,
}

impl RequestBody for PeopleRequest {
    fn faults(&self) -> Vec<Fault> {
        faults_of(&self.emails, "emails", 1)
    }
}

/// A fault of the list's length, or of each entry that names nobody.
fn faults_of(names: &[String], field: &'static str, least: usize) -> Vec<Fault> {
    if !(least..=MAX).contains(&names.len()) {
        let msg = format!("Give {least} to {MAX} people, not {}", names.len());
        return vec![Fault::new(["body", field], "value_error", msg)];
    }
    let checked = names.iter().enumerate().filter_map(|(index, name)| {
        let (kind, msg) = Query::check(name)?;
        Some(Fault::new([Loc::from("body"), field.into(), index.into()], kind, msg))
    });
    checked.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_is_declared() {
        let read = GroupSuggestionRequest::parse(br#"{"userIds":["a","b"],"preference":"last"}"#).unwrap();
        assert_eq!(read.preference, Some(Preference::Last));
        for none in [r#"{"userIds":["a","b"]}"#, r#"{"userIds":["a","b"],"preference":null}"#] {
            assert_eq!(GroupSuggestionRequest::parse(none.as_bytes()).unwrap().preference, None);
        }
    }

    #[test]
    fn names_the_place_of_each_fault() {
        let many = json!({"userIds": vec!["a"; 101]}).to_string();
        for (body, faults) in [
            ("", vec![(json!(["body"]), "missing")]),
            ("[]", vec![(json!(["body"]), "dict_type")]),
            ("{}", vec![(json!(["body", "userIds"]), "missing")]),
            (r#"{"userIds":"a"}"#, vec![(json!(["body", "userIds"]), "list_type")]),
            (r#"{"userIds":null}"#, vec![(json!(["body", "userIds"]), "list_type")]),
            (r#"{"userIds":["a",5]}"#, vec![(json!(["body", "userIds", 1]), "string_type")]),
            (r#"{"userIds":["a"]}"#, vec![(json!(["body", "userIds"]), "value_error")]),
            (&many, vec![(json!(["body", "userIds"]), "value_error")]),
            (r#"{"userIds":["a","b"],"x":1}"#, vec![(json!(["body", "x"]), "extra_forbidden")]),
            (
                r#"{"userIds":["a","b"],"preferences":"last"}"#,
                vec![(json!(["body", "preferences"]), "extra_forbidden")],
            ),
            (
                r#"{"userIds":["a","b"],"userIds":["c","d"]}"#,
                vec![(json!(["body", "userIds"]), "value_error")],
            ),
            (
                r#"{"userIds":["a","b"],"preference":"zzz"}"#,
                vec![(json!(["body", "preference"]), "value_error")],
            ),
            (r#"{"userIds":["a","b"],"preference":1}"#, vec![(json!(["body", "preference"]), "string_type")]),
            (
                r#"{"userIds":[" ","a\u0000","b"]}"#,
                vec![
                    (json!(["body", "userIds", 0]), "string_too_short"),
                    (json!(["body", "userIds", 1]), "value_error"),
                ],
            ),
        ] {
            let found = GroupSuggestionRequest::parse(body.as_bytes()).unwrap_err();
            let found: Vec<_> = found.iter().map(|fault| (json!(fault.loc), fault.r#type)).collect();
            assert_eq!(found, faults, "{body}");
        }
    }
}
