use testkit::{Binary, ServiceProcess, ServiceSpec};

use crate::builder;

#[tokio::test]
async fn http2_without_asking_is_answered() -> anyhow::Result<()> {
    let service = ServiceProcess::start_unready(ServiceSpec::new(Binary::AvailabilityService)).await?;
    let client = builder().http2_prior_knowledge().build()?;
    for path in ["/openapi.json", "/nowhere"] {
        let response = client.get(service.url() + path).header("Case-ID", "case-7").send().await?;
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        assert_eq!(response.headers()["case-id"], "case-7");
    }
    Ok(())
}
