use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use service_kit::{ApiError, Body, RequestContext, RouteSettings, Secret, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{InboundReplyReply, Timestamp};

use crate::inbound_mail::{InboundMails, MAX_MAIL, SIGNATURE_HEADER, SignatureError, verify};

/// What takes mails by HTTP.
#[derive(Clone)]
pub(crate) struct InboundMailState {
    pub(crate) mails: InboundMails,
    /// What senders sign with; none where mails do not come this way.
    pub(crate) secret: Option<Secret>,
}

/// A mail as it came (RFC 5322), for services that receive mails: the answer of a calendar to a meeting, or any other. Whoever
/// hands it over signs it with the secret of both sides, and repeats it until the reply is 200: the same mail twice changes
/// nothing.
#[utoipa::path(post, path = "/inbound-mail", operation_id = "take_inbound_mail", params(
    ("W2Meet-Signature" = String, Header, description = "t=UNIX_SECONDS,v1=HEX: the HMAC-SHA256 of the seconds as written, a dot and the body; the time may be five minutes off", example = "t=1772356272,v1=5b1f6f6f9f7ec0b7cbd5ad0d3fd7c1c0c9e5a2e6d9c0b7e4d1f2a3b4c5d6e7f8"),
), request_body(content = String, content_type = "message/rfc822", description = "The mail, up to 1 MiB"), responses(
    (status = 200, description = "What the mail has changed", body = InboundReplyReply),
    (status = 401, description = "The signature is missing, wrong or too old"),
    (status = 404, description = "Mails do not come this way here"),
    (status = 413, description = "The mail is larger than 1 MiB"),
    (status = 415, description = "The body is no message/rfc822"),
    (status = 503, description = "Nobody knows whether it is an answer; hand it over again"),
))]
async fn take_inbound_mail(
    State(state): State<InboundMailState>,
    context: RequestContext,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<InboundReplyReply>, ApiError> {
    let Some(secret) = &state.secret else {
        return Err(ApiError::not_found("Mails do not come this way here: there is no INBOUND_MAIL_SECRET"));
    };
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    if let Err(refusal) = verify(secret.expose(), signature, &body, Timestamp::now()) {
        state.mails.refuse();
        return Err(unauthorized(refusal));
    }
    let taken = state.mails.take(&context, &body).await;
    taken.map(Json).map_err(|error| {
        ApiError::unavailable("The mail could not be passed on; hand it over again").because(error)
    })
}

fn unauthorized(refusal: SignatureError) -> ApiError {
    ApiError::http(StatusCode::UNAUTHORIZED, refusal.to_string())
}

/// The route, with what it takes.
pub(crate) fn routes(args: &ServeArgs, state: InboundMailState) -> (RouteSettings, OpenApiRouter) {
    let settings = RouteSettings {
        body_limit: MAX_MAIL,
        content_types: &["message/rfc822"],
        ..RouteSettings::new(args)
    };
    (settings, OpenApiRouter::new().routes(routes!(take_inbound_mail)).with_state(state))
}
