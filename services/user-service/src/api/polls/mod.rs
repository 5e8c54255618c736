//! Polls: `/polls`.

mod access;
mod answer;
mod answers;
mod conflicts;
mod create;
mod decision;
mod due;
mod duplicate;
mod errors;
mod events;
mod export;
mod export_all;
mod grid;
mod invitations;
mod join;
mod meeting;
mod participants;
mod participants_by_email;
mod proposal;
mod read;
mod remove;
mod reply;
mod restore;
mod update;

use axum::routing::{get, post};
use service_kit::{ClientQuota, RouteSettings, Routes, ServeArgs, ServiceContext};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{BaseUrl, Timestamp};

use crate::{
    db::{Mails, People, PollChange, PollError, Polls},
    live::Live,
    polls::{PollRetention, StoredPoll},
};

/// Largest body of an answer: as many ranges as an answer may have.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// What the operations on polls need.
#[derive(Clone)]
pub(crate) struct PollStores {
    pub(crate) polls: Polls,
    pub(crate) mails: Mails,
    pub(crate) people: People,
    pub(crate) live: Live,
    /// How many polls each client may make.
    pub(crate) quota: ClientQuota,
    /// For how long polls are kept.
    pub(crate) retention: PollRetention,
    /// Where people reach the page.
    pub(crate) public_url: BaseUrl,
}

impl PollStores {
    /// Makes a change durable and visible, and tells whoever listens to the poll.
    ///
    /// # Errors
    /// The database does not answer; nobody can say whether the poll is changed.
    pub(super) async fn commit(&self, mut change: PollChange) -> Result<StoredPoll, PollError> {
        change.note_last_instant(Timestamp::now()).await?;
        let poll = change.poll.clone();
        change.commit().await?;
        self.live.changed(&poll.id);
        Ok(poll)
    }
}

/// All operations on polls.
pub(crate) fn routes(service: &ServiceContext, args: &ServeArgs, stores: PollStores) -> Routes {
    let internal = OpenApiRouter::new()
        .route("/polls/{id}/answers", get(answers::answers))
        .route("/conflict-checks", post(conflicts::check))
        .route("/poll-closings", post(due::close))
        .route("/poll-expirations", post(due::expire))
        .route("/poll-purges", post(due::purge))
        .with_state(stores.clone());
    let by_email = OpenApiRouter::new()
        .route("/polls/{id}/participants-by-email", post(participants_by_email::participants_by_email))
        .with_state(stores.clone());
    let public = OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(read::read, update::update, remove::remove))
        .routes(routes!(restore::restore))
        .routes(routes!(duplicate::duplicate))
        .routes(routes!(join::join))
        .routes(routes!(invitations::invite))
        .routes(routes!(participants::update, participants::remove))
        .routes(routes!(proposal::decline))
        .routes(routes!(decision::decide, decision::take_back))
        .routes(routes!(meeting::meeting))
        .routes(routes!(grid::poll_grid))
        .routes(routes!(export::export_json))
        .routes(routes!(export::export_csv))
        .routes(routes!(export_all::export_all))
        .with_state(stores.clone());
    let answers =
        OpenApiRouter::new().routes(routes!(answer::read, answer::replace)).with_state(stores.clone());
    let state = events::EventState { stores, service: service.clone() };
    let events = OpenApiRouter::new().routes(routes!(events::events)).with_state(state);
    let of_events = RouteSettings { timeout: None, ..RouteSettings::new(args) };
    let of_answers = RouteSettings { body_limit: ANSWER_LIMIT, ..RouteSettings::new(args) };
    Routes::from(public)
        .with(of_answers, answers)
        .with(of_events, events)
        .internal(RouteSettings::new(args), internal)
        .internal(of_answers, by_email)
}
