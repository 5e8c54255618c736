use std::collections::HashSet;

use axum::{Json, extract::State};
use service_kit::{ApiError, Body};
use wire::{PersonSchedule, PersonTime, SchedulesReply, SchedulesRequest};

use crate::{
    directory::{Directory, DirectoryError},
    key::Key,
};

/// The schedules and busy times of many people at once, for the other services: a [`SchedulesRequest`] is answered by a
/// [`SchedulesReply`]. What the other service has said that it knows is not sent again, and costs one query for all. It is
/// not for the public, who could try out addresses with it.
pub(super) async fn batch(
    State(directory): State<Directory>,
    Body(body): Body,
) -> Result<Json<SchedulesReply>, ApiError> {
    let SchedulesRequest { emails, from, to, known } =
        SchedulesRequest::parse(&body).map_err(ApiError::bad_request)?;
    let asked: Vec<(String, Option<Key>)> =
        emails.into_iter().map(|email| (email.clone(), Key::of(&email))).collect();
    let keys: HashSet<&Key> = asked.iter().filter_map(|(_, key)| key.as_ref()).collect();
    let keys: Vec<Key> = keys.into_iter().cloned().collect();
    let known: HashSet<String> = known.into_iter().collect();
    let found = directory.people().schedules_unless_known(&keys, from, to, &known).await;
    let mut found = found.map_err(DirectoryError::from)?;
    let (mut people, mut unknown, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (email, key) in asked {
        let Some(key) = key else {
            unknown.push(email);
            continue;
        };
        if !seen.insert(key.clone()) {
            continue;
        }
        match found.remove(&key) {
            None => unknown.push(email),
            Some(person) => {
                let time =
                    person.stored.map(|stored| PersonTime { schedule: stored.schedule, busy: stored.busy });
                people.push(PersonSchedule { email, version: person.version, time });
            }
        }
    }
    Ok(Json(SchedulesReply { people, unknown }))
}
