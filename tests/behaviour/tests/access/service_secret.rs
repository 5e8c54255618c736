//! The port between services is for those that know their secret.

use behaviour::Api;
use reqwest::Method;
use testkit::{Form, Platform, SERVICE_SECRET};

use crate::platform;

#[tokio::test]
async fn only_services_with_the_secret_are_let_in() -> anyhow::Result<()> {
    let Platform::Distributed(platform) = platform(Form::Distributed, "members").await? else {
        unreachable!("it was asked for")
    };
    for service in platform.services() {
        let api = Api::new(service.url())?;
        // What a service has for the others, and what it has for everybody.
        for path in ["/users/users/ada@example.com", "/mails/x", "/limits", "/health", "/nothing"] {
            let ask = async |secret: Option<&str>| {
                let call = api.call(Method::GET, path);
                let call =
                    secret.into_iter().fold(call, |call, secret| call.header("w2meet-service", secret));
                anyhow::Ok(call.send().await?.status)
            };
            assert_eq!(ask(None).await?, 421, "{path} of {}", service.url());
            assert_eq!(ask(Some("fedcba9876543210fedcba9876543210")).await?, 421, "{path}");
            assert_ne!(ask(Some(SERVICE_SECRET)).await?, 421, "{path} of {}", service.url());
        }
    }
    Ok(())
}
