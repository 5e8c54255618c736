use std::path::PathBuf;

use axum::{Json, extract::State};
use serde::Serialize;
use service_kit::ApiError;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Timestamp;

use crate::mail_transport::newest;

/// Most mails in a reply.
const MOST: usize = 20;

/// Mails that lie in files, since there is no mail server.
#[derive(Serialize, ToSchema)]
struct MailFiles {
    /// The newest first, up to 20.
    mails: Vec<WrittenMail>,
}

/// A mail in a file of the data folder.
#[derive(Serialize, ToSchema)]
struct WrittenMail {
    /// The file's name in the folder `mail`.
    #[schema(example = "01990000-0000-7000-8000-000000000000.eml")]
    file: String,
    /// What it is about.
    subject: String,
    /// Where it would go.
    recipient: String,
    /// When it was written.
    written_at: Timestamp,
}

/// The last mails that would have been sent. Shown only where the platform is told to show its status, and there is no mail
/// server.
#[utoipa::path(get, path = "/mail", operation_id = "list_mail_files", responses(
    (status = 200, description = "The mails", body = MailFiles),
    (status = 404, description = "The platform does not show its status, or mails go to a server"),
    (status = 503, description = "The folder cannot be read"),
))]
async fn list_mail_files(State(folder): State<Option<PathBuf>>) -> Result<Json<MailFiles>, ApiError> {
    let msg = "The platform does not show its status, or mails go to a server";
    let folder = folder.ok_or_else(|| ApiError::not_found(msg))?;
    let found = newest(folder, MOST)
        .await
        .map_err(|error| ApiError::unavailable("The folder of mails cannot be read").because(error))?;
    let mails = found.into_iter().map(|mail| WrittenMail {
        file: mail.file,
        subject: mail.subject,
        recipient: mail.recipient,
        written_at: instant(mail.written),
    });
    Ok(Json(MailFiles { mails: mails.collect() }))
}

fn instant(time: std::time::SystemTime) -> Timestamp {
    let since_1970 = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since_1970.as_micros()).unwrap_or_default();
    Timestamp::from_micros(micros).unwrap_or_else(Timestamp::now)
}

/// `folder` is where mails lie, if that may be shown.
pub(super) fn routes(folder: Option<PathBuf>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_mail_files)).with_state(folder)
}
