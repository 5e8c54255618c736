use std::fmt::Write;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::tzdb_version;
use service_kit::{ApiError, Body, EntityTags, RequestContext};
use sha2::{Digest, Sha256};
use wire::{Bits, LevelsReply, LevelsRequest, PersonLevels};

use crate::{
    api::AppState,
    schedule_client::{Group, KnownPerson},
};

/// People from whom on the reply is written on a thread of its own: each has some KiB.
const LARGE_GROUP: usize = 25;

/// Bitmaps of stored people, for suggestion-service: a [`LevelsRequest`] is answered by a [`LevelsReply`]. It is not for
/// the public.
pub(super) async fn levels(
    State(state): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let (asked, range) = LevelsRequest::parse(&body).map_err(ApiError::bad_request)?;
    let known = EntityTags::of_header(&headers, &header::IF_NONE_MATCH)?;
    let group = state.schedules.group(&context, asked.emails, range).await?;
    let tag = tag(&group);
    if known.is_some_and(|known| known.contain(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let is_large = group.people.len() >= LARGE_GROUP;
    let make = move || {
        let people = group.people.iter().map(person).collect();
        serde_json::to_vec(&LevelsReply { people, unknown: group.unknown })
    };
    let made = if is_large { state.compute.run(make).await? } else { make() };
    let reply = made.map_err(ApiError::internal)?;
    let headers = [(header::ETAG, tag), (header::CONTENT_TYPE, "application/json".to_owned())];
    Ok((headers, reply).into_response())
}

/// Stands for everybody's version and for the time zone data.
fn tag(group: &Group) -> String {
    let mut hash = Sha256::new();
    hash.update(tzdb_version());
    for person in &group.people {
        hash.update(format!("\n{} {}", person.version, person.email));
    }
    for email in &group.unknown {
        hash.update(format!("\n- {email}"));
    }
    let digest = hash.finalize();
    let text = digest.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("\"{text}\"")
}

fn person(known: &KnownPerson) -> PersonLevels {
    PersonLevels {
        email: known.email.clone(),
        time_zone: known.bitmaps.zone.clone(),
        yes: Bits::from(known.bitmaps.levels.yes()),
        if_needed: Bits::from(&known.bitmaps.levels.if_needed()),
        working: Bits::from(&known.bitmaps.working),
    }
}
