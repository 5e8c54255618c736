//! The platform where the services speak TLS themselves, to each other and to their clients.

use std::fs;

use behaviour::{Api, jobs, people};
use serde_json::json;
use tempfile::TempDir;
use testkit::{Binary, ServiceProcess, ServiceSpec};

/// A certificate of this machine, which is its own authority, in PEM files of its own.
struct Certificate {
    folder: TempDir,
    pem: String,
}

impl Certificate {
    fn new() -> anyhow::Result<Certificate> {
        let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let made = Certificate { folder: tempfile::tempdir()?, pem: pair.cert.pem() };
        fs::write(made.file("tls.crt"), &made.pem)?;
        fs::write(made.file("tls.key"), pair.signing_key.serialize_pem())?;
        Ok(made)
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Starts a service that has the certificate, and asks others by it.
    async fn start(&self, spec: ServiceSpec) -> anyhow::Result<(ServiceProcess, Api)> {
        let spec = spec
            .env("TLS_CERTIFICATE", self.file("tls.crt"))
            .env("TLS_KEY", self.file("tls.key"))
            .env("DATA_DIR", self.file("data"));
        let service = ServiceProcess::start(spec).await?;
        let api = Api::trusting(format!("https://{}", service.api()), &self.pem)?;
        Ok((service, api))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_ask_each_other_by_tls() -> anyhow::Result<()> {
    let certificate = Certificate::new()?;
    let asking = |spec: ServiceSpec| spec.env("PEER_CA", certificate.file("tls.crt"));
    let (_users, users) = certificate.start(ServiceSpec::new(Binary::UserService)).await?;
    let availability = asking(ServiceSpec::availability_service(users.base()));
    let (_availability, availability) = certificate.start(availability).await?;
    let suggestion = asking(ServiceSpec::suggestion_service(availability.base()));
    let (_suggestion, suggestion) = certificate.start(suggestion).await?;
    let worker = asking(ServiceSpec::new(Binary::WorkerService))
        .env("SUGGESTION_BASE", suggestion.base())
        .env("USER_SERVICE_BASE", users.base());
    let (_worker, worker) = certificate.start(worker).await?;

    let (one, other) = jobs::couple(&users).await?;
    let job = jobs::post(&worker, &one, &other).await?;
    assert_eq!(jobs::becomes(&worker, &job, "succeeded").await?["result"], jobs::couples_result());
    let health = suggestion.get("/health").await?.is(200).json();
    assert_eq!(health["dependencies"]["availability-service"]["status"], "healthy", "{health}");

    // The authority is not one of the system's.
    let distrustful = ServiceSpec::availability_service(users.base());
    let (_distrustful, distrustful) = certificate.start(distrustful).await?;
    let path = format!("/availabilities?userId1={}&userId2={}", people::encode(&one), people::encode(&other));
    availability.get(&path).await?.is(200);
    distrustful.get(&path).await?.is(503);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_process_serves_its_page_by_tls_alone() -> anyhow::Result<()> {
    let certificate = Certificate::new()?;
    for (listen, is_https_only) in [("0.0.0.0:0", true), ("127.0.0.1:0", false)] {
        let spec = ServiceSpec::new(Binary::W2meet).env("LISTEN", listen).env("ACCESS", "open");
        let (mut service, _) = certificate.start(spec).await?;
        let here = format!("127.0.0.1:{}", service.api().port());
        let api = Api::trusting(format!("https://{here}"), &certificate.pem)?;
        let page = api.get("/").await?.is(200);
        assert!(page.text().contains("<html"), "{}", page.text());
        // Browsers do not tell ports apart, and on loopback others may be plain.
        let said = page.headers.get("strict-transport-security");
        assert_eq!(said.is_some(), is_https_only, "{listen}: {said:?}");
        people::create(&api, json!({"monday": [9]}), "first").await?;
        assert!(Api::new(format!("http://{here}"))?.get("/").await.is_err(), "it is plain");
        service.stop().await?;
    }
    Ok(())
}
