//! What a service makes of each answer of the one that it asks.

use behaviour::Api;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

/// A service whose peer gives one answer to everything, `/health` too.
async fn service_before(
    binary: Binary,
    variable: &str,
    answer: ResponseTemplate,
) -> anyhow::Result<(ServiceProcess, MockServer)> {
    let peer = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(answer).mount(&peer).await;
    let service = ServiceProcess::start(ServiceSpec::new(binary).env(variable, peer.uri())).await?;
    Ok((service, peer))
}

/// Every answer that is not the agreed one, and what becomes of it.
fn answers() -> Vec<(ResponseTemplate, u16, &'static str)> {
    let status = ResponseTemplate::new;
    vec![
        (status(503), 503, "is unavailable"),
        (status(500), 502, "error"),
        (status(502), 502, "error"),
        (status(400), 502, "error"),
        (status(307).insert_header("location", "/elsewhere"), 502, "error"),
        (status(204), 502, "error"),
        (status(200).set_body_string("ok"), 502, "error"),
        (status(200).set_body_string("{}"), 502, "error"),
        (status(200).set_body_string("[null]"), 502, "error"),
    ]
}

async fn each_answer_is_mapped(binary: Binary, variable: &str, path: &str, peer: &str) -> anyhow::Result<()> {
    for (answer, status, said) in answers() {
        let (service, _peer) = service_before(binary, variable, answer).await?;
        let reply = Api::new(service.url())?
            .get(&format!("{path}?userId1=a@example.com&userId2=b@example.com"))
            .await?;
        reply.says(status, &format!("{peer} {said}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn availability_service_tells_an_absent_from_a_failing_user_service() -> anyhow::Result<()> {
    each_answer_is_mapped(Binary::AvailabilityService, "USER_SERVICE_BASE", "/availabilities", "User service")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn suggestion_service_tells_an_absent_from_a_failing_availability_service() -> anyhow::Result<()> {
    each_answer_is_mapped(
        Binary::SuggestionService,
        "AVAILABILITY_SERVICE_BASE",
        "/suggestions",
        "Availability service",
    )
    .await
}
