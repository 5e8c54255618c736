use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body, RequestContext};
use wire::{
    Email, Invitation, InvitationsReply, InvitationsRequest, PollState, SkipReason, SkippedInvitation,
    Timestamp,
};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser_or_roll_back},
};
use crate::{
    api::bodies::InvitationsBody,
    conditions::Conditions,
    db::{Block, Mails, NewMail, ParticipantContent, PollChange, PollError, StoredSchedule},
    key::Key,
    mails::{edit_link, invitation},
    polls::{MAX_PARTICIPANTS, PublicId, Token},
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Invites people by mail. Each becomes a participant, and gets a link that is theirs alone; who takes part already, or wants
/// no mails, is left out and named.
#[utoipa::path(post, path = "/polls/{id}/invitations", operation_id = "invite_people", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be changed"),
), request_body = InvitationsBody, responses(
    (status = 202, description = "The mails are on their way, except to those who are named", body = InvitationsReply),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 409, description = "The poll is closed, decided or full"),
    (status = 412, description = "The poll has another version; nobody was invited"),
    (status = 429, description = "The poll has sent as many invitations as it may in an hour; nobody was invited",
        headers(("Retry-After" = u64, description = "Seconds until it may send more"))),
    (status = 503, description = "The database is unavailable; the people may be invited or not"),
))]
pub(super) async fn invite(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<(StatusCode, Json<InvitationsReply>), ApiError> {
    let InvitationsRequest { people } = InvitationsRequest::parse(&body.0).map_err(ApiError::bad_request)?;
    let keys: Vec<Key> = people.iter().map(|person| Key::from(&person.email)).collect();
    let (now, instant) = (Timestamp::now(), Instant::now());
    let known = stores.people.schedules(&keys, instant, instant).await.map_err(PollError::Sql)?;
    let mut change =
        require_organiser_or_roll_back(stores.polls.change(&id, bearer.hash(), &conditions).await?).await?;
    let state = change.poll.state(instant);
    if state != PollState::Open {
        return Err(change.refuse(PollError::NotOpen(state)).await.into());
    }
    let (wanted, skipped) = sorted_out(&mut change, people, keys, now).await.map_err(PollError::Sql)?;
    let invited = wanted.len() as u64;
    if wanted.is_empty() {
        change.give_up().await.map_err(PollError::Sql)?;
        return Ok((StatusCode::ACCEPTED, Json(InvitationsReply { invited, skipped })));
    }
    if change.poll.participants + invited > MAX_PARTICIPANTS {
        return Err(change.refuse(PollError::Full).await.into());
    }
    let sent = change.invitations_since(now.minus(HOUR)).await.map_err(PollError::Sql)?;
    if sent + i64::try_from(invited).unwrap_or(i64::MAX) > Mails::INVITATIONS_PER_HOUR {
        change.give_up().await.map_err(PollError::Sql)?;
        return Err(too_many(sent));
    }
    let mut mails = Vec::with_capacity(wanted.len());
    for (person, key) in wanted {
        let mail = add(&mut change, &stores, person, known.get(&key)).await.map_err(PollError::Sql)?;
        mails.push(mail);
    }
    change.send(mails, context.case_id(), now).await.map_err(PollError::Sql)?;
    stores.commit(change).await?;
    Ok((StatusCode::ACCEPTED, Json(InvitationsReply { invited, skipped })))
}

/// Who is to be invited, and who is not, and why.
async fn sorted_out(
    change: &mut PollChange,
    people: Vec<Invitation>,
    keys: Vec<Key>,
    now: Timestamp,
) -> Result<(Vec<(Invitation, Key)>, Vec<SkippedInvitation>), sql_store::SqlError> {
    let taking_part = change.address_keys().await?;
    let recipients = change.recipients(&keys, now).await?;
    let (mut wanted, mut skipped) = (Vec::new(), Vec::new());
    for (person, key) in people.into_iter().zip(keys) {
        let recipient = recipients.get(&key).copied().unwrap_or_default();
        let reason = match recipient.block {
            _ if taking_part.contains(&key) => Some(SkipReason::AlreadyInvited),
            _ if !has_plain_local_part(&person.email) => Some(SkipReason::NotDeliverable),
            Some(Block::Unsubscribed) => Some(SkipReason::Unsubscribed),
            Some(Block::Bounced) => Some(SkipReason::Bounced),
            None => recipient.has_enough().then_some(SkipReason::TooManyMails),
        };
        match reason {
            Some(reason) => {
                skipped.push(SkippedInvitation { email: person.email.as_str().to_owned(), reason });
            }
            None => wanted.push((person, key)),
        }
    }
    Ok((wanted, skipped))
}

/// Makes somebody a participant; their mail, in which alone the token of their link is.
async fn add(
    change: &mut PollChange,
    stores: &PollStores,
    person: Invitation,
    known: Option<&StoredSchedule>,
) -> Result<NewMail, sql_store::SqlError> {
    let (participant, token) = (PublicId::fresh(), Token::fresh());
    let of_schedule = known.map(|known| known.schedule.time_zone.clone());
    let time_zone =
        person.time_zone.or(of_schedule).unwrap_or_else(|| change.poll.content.layout.time_zone.clone());
    let content = ParticipantContent {
        name: person.name.unwrap_or_else(|| local_part(&person.email)),
        time_zone,
        email: Some(person.email.clone()),
        required: false,
        working_hours: known.map(|known| known.schedule.working_hours.clone()).unwrap_or_default(),
    };
    change.add(&participant, &token.hash(), &content).await?;
    if let Some(language) = person.language {
        change.note_language(&participant, language).await?;
    }
    let link = edit_link(&stores.public_url, &change.poll.id, &participant, &token);
    Ok(invitation(&change.poll, &participant, person.email, link))
}

fn local_part(email: &Email) -> String {
    email.as_str().rsplit_once('@').map_or_else(|| email.as_str().to_owned(), |(local, _)| local.to_owned())
}

fn has_plain_local_part(email: &Email) -> bool {
    local_part(email).is_ascii()
}

fn too_many(sent: i64) -> ApiError {
    let most = Mails::INVITATIONS_PER_HOUR;
    let msg = format!(
        "The poll has sent {sent} invitations within an hour, and may send {most} (invitations_per_hour); try \
         again later or invite fewer people"
    );
    ApiError::http(StatusCode::TOO_MANY_REQUESTS, msg).retry_after(HOUR)
}
