//! Participants who are named by their address.

use std::collections::HashMap;

use axum::http::HeaderValue;
use service_kit::{ApiError, RequestContext};
use wire::{Fault, Loc, ParticipantsByEmailRequest, WindowOptions};

use crate::levels_client::LevelsClient;

/// The options with the ids of participants instead of addresses. Ids have no `@`.
///
/// # Errors
/// Who is named and does not take part (400); that only the organiser may name by address (401, 403).
pub(super) async fn emails_to_ids(
    levels: &LevelsClient,
    context: &RequestContext,
    poll: &str,
    options: WindowOptions,
    authorization: Option<&HeaderValue>,
) -> Result<WindowOptions, ApiError> {
    let mut addresses: Vec<String> =
        names(&options).map(|(_, name)| name).filter(|name| is_address(name)).cloned().collect();
    if addresses.is_empty() {
        return Ok(options);
    }
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.len() > ParticipantsByEmailRequest::MAX_EMAILS {
        let msg = format!("At most {} addresses can be named", ParticipantsByEmailRequest::MAX_EMAILS);
        return Err(ApiError::bad_request(vec![Fault::new(["body"], "value_error", msg)]));
    }
    let participants = levels.participants_by_email(context, poll, addresses, authorization).await?;
    replaced(options, &participants).map_err(ApiError::bad_request)
}

fn is_address(name: &str) -> bool {
    name.contains('@')
}

/// Everybody who is named, with the place.
fn names(options: &WindowOptions) -> impl Iterator<Item = (Vec<Loc>, &String)> {
    let required = options.required.iter().enumerate();
    let required = required.map(|(index, name)| (vec!["body".into(), "required".into(), index.into()], name));
    let groups = options.groups.iter().enumerate().flat_map(|(place, group)| {
        group.members.iter().enumerate().map(move |(index, name)| {
            (vec!["body".into(), "groups".into(), place.into(), "members".into(), index.into()], name)
        })
    });
    required.chain(groups)
}

fn replaced(
    mut options: WindowOptions,
    participants: &HashMap<String, Vec<String>>,
) -> Result<WindowOptions, Vec<Fault>> {
    let ids = |name: &String| participants.get(name).filter(|ids| !ids.is_empty());
    let unknown = names(&options).filter(|(_, name)| is_address(name) && ids(name).is_none());
    let faults: Vec<Fault> = unknown
        .map(|(loc, name)| Fault::new(loc, "value_error", format!("{name:?} is no participant's address")))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let replace = |named: &mut Vec<String>| {
        *named = std::mem::take(named)
            .into_iter()
            .flat_map(|name| ids(&name).cloned().unwrap_or_else(|| vec![name]))
            .collect();
    };
    replace(&mut options.required);
    options.groups.iter_mut().for_each(|group| replace(&mut group.members));
    Ok(options)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options(required: &[&str], members: &[&str]) -> WindowOptions {
        let group = json!({"members": members, "required": 1});
        let body = json!({"required": required, "groups": [group]}).to_string();
        WindowOptions::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn an_address_stands_for_everybody_who_has_given_it() {
        let known = [("a@x", vec!["1"]), ("b@x", vec!["2", "3"])];
        let known = known.map(|(name, ids)| (name.to_owned(), ids.into_iter().map(str::to_owned).collect()));
        let given = options(&["b@x", "9"], &["a@x", "b@x"]);
        let named = replaced(given, &known.into()).unwrap();
        assert_eq!(named, options(&["2", "3", "9"], &["1", "2", "3"]));
    }

    #[test]
    fn whoever_does_not_take_part_is_named_at_their_place() {
        let known = HashMap::from([("a@x".to_owned(), Vec::new())]);
        let faults = replaced(options(&["9", "a@x"], &["c@x"]), &known).unwrap_err();
        let places: Vec<String> = faults.iter().map(|fault| json!(fault.loc).to_string()).collect();
        assert_eq!(places, [r#"["body","required",1]"#, r#"["body","groups",0,"members",0]"#]);
    }
}
