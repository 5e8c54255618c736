use std::collections::HashSet;

use axum::{Json, extract::State};
use service_kit::{ApiError, Body};
use wire::{PersonSchedule, SchedulesReply, SchedulesRequest};

use crate::{
    directory::{Directory, DirectoryError},
    key::Key,
    schedules::content_hash,
};

/// The schedules and busy times of many people at once, for the other services: a [`SchedulesRequest`] is answered by a
/// [`SchedulesReply`]. It is not for the public, who could try out addresses with it.
pub(super) async fn batch(
    State(directory): State<Directory>,
    Body(body): Body,
) -> Result<Json<SchedulesReply>, ApiError> {
    let SchedulesRequest { emails, from, to } =
        SchedulesRequest::parse(&body).map_err(ApiError::bad_request)?;
    let asked: Vec<(String, Option<Key>)> =
        emails.into_iter().map(|email| (email.clone(), Key::of(&email))).collect();
    let keys: HashSet<&Key> = asked.iter().filter_map(|(_, key)| key.as_ref()).collect();
    let keys: Vec<Key> = keys.into_iter().cloned().collect();
    let mut found = directory.people().schedules(&keys, from, to).await.map_err(DirectoryError::from)?;
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
            Some(person) => people.push(PersonSchedule {
                email,
                version: content_hash(&(&person.schedule, &person.busy)),
                schedule: person.schedule,
                busy: person.busy,
            }),
        }
    }
    Ok(Json(SchedulesReply { people, unknown }))
}
